"""What a training step costs is what a counter of operations sees the reference engine do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.engines.cases import SPACES, drawn_architecture, make_task, some_rows, whole_architecture
from tests.training.problems import PROBLEM, make_model
from torch.utils.flop_counter import FlopCounterMode

from graftwork.architecture import Architecture, Connection, InputNode, Network, OutputNode
from graftwork.architecture.parameters import parameter_macs
from graftwork.runtime import Budget
from graftwork.training import TrainingOptions, train
from graftwork.training.cost import training_macs
from graftwork.training.engines import EagerEngine


def assert_counted(architecture: Architecture, *, part: frozenset[str], cached: bool, seed: int) -> None:
    """Twice as many floating point operations as multiply-accumulates.

    Only products are counted, by both: additions, activations, norms, gains, losses and the look-ups of
    embeddings are not.
    """
    task = make_task(architecture, seed=seed, part=part, cached=cached)
    engine, rows = EagerEngine(task), some_rows(seed)
    with FlopCounterMode(display=False) as counter:
        engine.gradients(rows)
    computed = task.model.needed(task.outputs, known=task.known.keys())
    macs = training_macs(architecture, part=task.part, computed=computed)
    assert counter.get_total_flops() == 2 * len(rows) * macs


@given(st.integers(0, 10**6), st.sampled_from(SPACES), st.booleans(), st.data())
def test_macs_are_those_that_are_made(seed: int, space: object, cached: bool, data: st.DataObject) -> None:
    architecture = drawn_architecture(seed, space)  # type: ignore[arg-type]
    names = st.sampled_from(sorted(architecture.network_names))
    part = data.draw(st.sets(names, max_size=3))
    assert_counted(architecture, part=frozenset(part), cached=cached, seed=seed)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("name", sorted(whole_architecture().network_names))
def test_macs_of_each_part_are_those_that_are_made(name: str, cached: bool) -> None:
    assert_counted(whole_architecture(), part=frozenset({name}), cached=cached, seed=0)


def test_names_of_inputs_are_no_more_than_names() -> None:
    """Inputs that are called as weights are begin with are not taken for networks or latents."""
    for name in ("from_n1", "latent", "latent_from_n1", "weight_1"):
        architecture = Architecture(
            (InputNode(name, 7),),
            (OutputNode("y", "regression", 2),),
            (Network("n0", "regressor", 3), Network("n1", "regressor", 2)),
            (Connection(name, "n0"), Connection("n0", "n1"), Connection("n1", "y")),
        )
        read, passed = 7 * 3, 3 * 2
        both = frozenset({"n0", "n1"})
        assert training_macs(architecture, part=both, computed=both) == 2 * read + 3 * passed
        assert training_macs(architecture, part=frozenset({"n1"}), computed=both) == read + 2 * passed


def test_what_is_not_computed_costs_nothing() -> None:
    architecture, names = whole_architecture(), whole_architecture().network_names
    assert training_macs(architecture, part=names, computed=()) == 0
    alone = sum(training_macs(architecture, part=names, computed=[name]) for name in names)
    assert training_macs(architecture, part=names, computed=names) == alone
    frozen = training_macs(architecture, part=frozenset(), computed=names)
    assert frozen == sum(parameter_macs(architecture).values())


@pytest.mark.parametrize("engine", ["auto", "eager"])
@pytest.mark.parametrize("part", [None, frozenset({"n1"})])
def test_a_budget_of_macs_ends_training_with_the_step_that_spends_it(
    engine: str, part: frozenset[str] | None
) -> None:
    options = TrainingOptions(batch_size=16, engine=engine, check_every=100)  # type: ignore[arg-type]

    def spend(budget: Budget) -> tuple[int, int, str]:
        trained = train(make_model(), PROBLEM, budget=budget, seed=0, options=options, trainable=part)
        return trained.steps, trained.macs, trained.reason

    _, step, _ = spend(Budget(steps=1))
    assert step > 0
    assert spend(Budget(macs=7 * step)) == (7, 7 * step, "budget")
    assert spend(Budget(macs=7 * step + 1)) == (8, 8 * step, "budget")
    assert spend(Budget(macs=1)) == (1, step, "budget")
    assert spend(Budget(macs=100 * step, steps=3)) == (3, 3 * step, "budget")


def test_a_step_costs_its_rows() -> None:
    def macs(batch_size: int) -> int:
        options = TrainingOptions(batch_size=batch_size)
        return train(make_model(), PROBLEM, budget=Budget(steps=1), seed=0, options=options).macs

    assert macs(32) == 2 * macs(16)
    assert macs(10**6) == macs(PROBLEM.train.rows) == PROBLEM.train.rows * macs(1)


def test_dropout_and_norms_cost_no_macs() -> None:
    plain = whole_architecture()
    bare = replace(
        plain, networks=tuple(replace(n, normalisation="none", dropout=0.0) for n in plain.networks)
    )
    both = [training_macs(a, part=a.network_names, computed=a.network_names) for a in (plain, bare)]
    assert both[0] == both[1]
