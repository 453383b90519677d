"""Architectures and guidelines of others: refused in bounded memory, and never with another error."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import WHOLE
from tests.guidelines.test_guidelines import AIM, guideline
from tests.problem.interfaces import table_problem

from graftwork.architecture import from_json
from graftwork.errors import InputError, NotViableError
from graftwork.guidelines import Guidelines
from graftwork.problem import Interface

READERS: dict[str, Callable[[str], object]] = {
    "architecture": from_json,
    "guidelines": Guidelines.from_json,
    "interface": Interface.from_json,
}
VALID = {
    "architecture": WHOLE.to_json(),
    "guidelines": Guidelines((guideline(0.1),)).to_json(),
    "interface": table_problem().interface.to_json(),
}
START = '{"schema": "graftwork/architecture", "version": 2, "inputs": [], "outputs": [], "connections": [], '
INTERFACE = '{"format": "graftwork/interface", "version": 1, "name": "a", '
NASTY = {
    "brackets": "[" * 5_000_000,
    "empty lists": f"[{'[],' * 1_600_000}0]",
    "empty objects": f'{{"guidelines": [{"{}," * 1_600_000}0]}}',
    "zeros": f"[{'0,' * 2_400_000}0]",
    "digits": f'{{"version": {"9" * 4_900_000}}}',
    "a string": f'{{"schema": "{"a" * 4_900_000}"}}',
    "commas": f'{{"schema": "{"," * 4_900_000}"}}',
    "spaces": f"{' ' * 4_999_990}{{}}",
    "faults": f'{START}"networks": [{"{}," * 49_000}0]}}',
    "unknown fields": START + ",".join(f'"k{number}": 0' for number in range(90_000)) + "}",
    "guidelines at fault": f'{{"guidelines": [{"{}," * 9_000}0]}}',
    "inputs at fault": f'{INTERFACE}"outputs": [], "inputs": [{"{}," * 49_000}0]}}',
    "numbers as inputs": f'{INTERFACE}"outputs": [], "inputs": [{"1.5," * 900_000}0]}}',
    "labels at fault": f'{INTERFACE}"inputs": [], "outputs": [{{"kind": "classification", "name": "a", '
    f'"frequencies": [{"-1.5," * 400_000}0], "labels": [{"1.5," * 400_000}0]}}]}}',
    "spread at fault": json.dumps({"guidelines": [], "spread": {f"k{n}": [] for n in range(9_000)}}),
}
MEGABYTES = 120  # of address space: 100 of memory, and what the allocator keeps in reserve
CHILD = """
import json, resource, sys
from graftwork.architecture import from_json
from graftwork.errors import InputError
from graftwork.guidelines import Guidelines
from graftwork.problem import Interface
readers = {"guidelines": Guidelines, "interface": Interface}
read = from_json if sys.argv[1] == "architecture" else readers[sys.argv[1]].from_json
text = json.load(sys.stdin)
for warm in ("{}", '{"schema": "graftwork/architecture", "version": 2}', '{"format": "graftwork/interface"}'):
    try:
        read(warm)
    except InputError:
        pass
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + int(sys.argv[2]) * 10**6
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    read(text)
except InputError as error:
    assert len(str(error)) < 5000
    print("refused")
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux to tell its address space")
@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("name", NASTY)
def test_what_is_nasty_is_refused_in_little_memory(kind: str, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, kind, str(MEGABYTES)],
        input=json.dumps(NASTY[name]),
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "MALLOC_ARENA_MAX": "1"},
    )
    assert done.stdout.strip() == "refused", done.stderr[-2000:]


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("more", "culprit"),
    [
        ("[" * 60 + "]" * 60, "inside of more than 50 others"),
        ("1" + "0" * 100, "more than 100 digits"),
        ("1e999", "the number inf"),
        ("NaN", "the number nan"),
        (f'"{"a" * 10_001}"', "a string of 10001 characters"),
        ('"\\u001b[2J"', "control characters"),
        ('"\\u202e"', "control characters"),
        ('"\\u0000"', "control characters"),
        ('{"a\\nb": 0}', "control characters"),
    ],
)
def test_values_that_no_document_needs_are_refused(kind: str, more: str, culprit: str) -> None:
    with pytest.raises(InputError, match=culprit):
        READERS[kind](f'{VALID[kind][:-1]}, "more": {more}}}')


PUT = ("", "null", "-1", "1e400", '"', "{}", "[[", "0" * 30, "\x00", "\ud800")


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_a_changed_document_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    text = VALID[kind]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text) - 1))
        length = data.draw(st.integers(0, 30))
        put = data.draw(st.sampled_from(PUT))
        text = text[:place] + put + text[place + length :]
    refusal = ""
    try:
        READERS[kind](text)
    except InputError as error:
        refusal = str(error)
    assert len(refusal) < 10_000


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    for read in READERS.values():
        with pytest.raises(InputError):
            read(text)


@given(st.binary(max_size=200))
def test_a_file_of_any_bytes_is_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "guidelines.json"
    path.write_bytes(data)
    with pytest.raises(InputError):
        Guidelines.load(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without an end")
def test_a_file_without_an_end_is_not_read_to_it() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="at most 5000000 bytes"):
            Guidelines.load(Path("/dev/zero"))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_an_architecture_that_would_fill_the_memory_is_refused() -> None:
    document = json.loads(WHOLE.to_json())
    network = document["networks"][0]
    network["hidden"] = [{**network["hidden"][0], "width": 9_999_999, "residual": False}] * 2
    with pytest.raises(InputError, match="parameters, expected at most 1000000000"):
        from_json(json.dumps(document))


def test_thousands_of_broken_rules_are_counted_rather_than_told() -> None:
    error = NotViableError([f"{'n' * 1000} feeds no output"] * 10_000)
    assert len(str(error)) < 10_000
    assert str(error).endswith("and 9980 more")
    assert len(error.violations) == 10_000


def test_a_guideline_whose_percentage_overflows_is_refused() -> None:
    text = VALID["guidelines"].replace(AIM, "parameters")
    values = json.loads(text)
    values["guidelines"][0]["expect"]["parameters"]["high"] = 800
    with pytest.raises(InputError, match="logarithm of a ratio"):
        Guidelines.from_json(json.dumps(values))
    assert Guidelines.from_json(text).guidelines[0].sentence()
