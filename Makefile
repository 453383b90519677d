.DEFAULT_GOAL := help
.PHONY: help install demo test test-deep bench check format clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## Make .venv and install Graftwork with its tools into it, once

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Graftwork needs Python 3.11 or newer, and '$(PYTHON)' is not. Name another: make install PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml constraints.txt hatch_build.py $(wildcard src/graftwork/training/engines/native/*.[ch]pp) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: install  ## Study, guidelines and searches on handwritten digits; writes demo/report.html
	$(BIN)/graftwork demo --out demo --seed 7

test: install  ## Run the tests and the examples in docstrings
	$(BIN)/python -m pytest -n 2 --hypothesis-profile=quick

test-deep: install  ## The same with many more generated cases, and the contract of operators on 2,000 parents
	$(BIN)/python -m pytest -n 2 --hypothesis-profile=deep
	$(BIN)/python -m graftwork.testing operators --parents 2000 --chain 20 --seed 0

bench: install  ## Time the training engine against its rivals, with figures in bench/; docs/benchmarks.md reads them
	@mkdir -p bench
	$(BIN)/python benchmarks/training_step.py --write bench/training_step.json
	$(BIN)/python benchmarks/candidate.py --write bench/candidate.json
	$(BIN)/python benchmarks/scaling.py --write bench/scaling.json
	$(BIN)/python benchmarks/graph_operations.py

check: install  ## What CI runs: style, types, layers, dependencies, spelling, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src benchmarks examples
	$(BIN)/lint-imports
	$(BIN)/deptry src benchmarks examples
	$(BIN)/codespell
	$(MAKE) test

format: install  ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove what was built, the environment included
	rm -rf $(VENV) demo bench build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
