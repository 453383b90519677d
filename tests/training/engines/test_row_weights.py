"""Rows that count unlike, and balanced classes, in both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tests.training.engines.cases import (
    both_engines,
    make_task,
    needs_float64,
    rich_problem,
    some_rows,
    whole_architecture,
)
from tests.training.engines.test_gradients import assert_float64_gradients_agree

from graftwork.architecture import Architecture, Connection, Layer, Network, interface
from graftwork.problem import Classification, Problem, Split
from graftwork.runtime import Budget
from graftwork.training import TrainingOptions, split_losses, train
from graftwork.training.engines import EagerEngine, native_hindrance
from graftwork.training.losses import loss_weights

needs_native = pytest.mark.skipif(
    (hindrance := native_hindrance(make_task(whole_architecture()))) is not None, reason=str(hindrance)
)


def weighted(split: Split, seed: int) -> Split:
    """Every fifth row of no weight, the others of very different ones."""
    weights = torch.rand(split.rows, generator=torch.Generator().manual_seed(seed)).square() * 4
    weights[::5] = 0.0
    return replace(split, weights=weights.to(split.inputs["level"].dtype))


def weighed_problem(dtype: torch.dtype = torch.float32, *, balanced: bool = True) -> Problem:
    """The rich problem with rows of different weights and, where asked for, balanced digits."""
    problem = rich_problem(dtype=dtype)
    digit = replace(problem.outputs["digit"], balance="balanced" if balanced else "none")  # type: ignore[type-var]
    return replace(
        problem,
        outputs={**problem.outputs, "digit": digit},
        train=weighted(problem.train, 0),
        validation=weighted(problem.validation, 1),
    )


def plain_problem() -> Problem:
    """Two outputs of the rich problem, without gaps, in float64."""
    problem = rich_problem(missing=False, dtype=torch.float64)
    kept = ("digit", "amount")

    def some(split: Split) -> Split:
        return Split(split.inputs, {name: split.targets[name] for name in kept})

    return replace(
        problem,
        outputs={name: problem.outputs[name] for name in kept},
        train=some(problem.train),
        validation=some(problem.validation),
    )


def plain_architecture() -> Architecture:
    """Nothing in it is drawn, so that a row that is passed twice gives the same twice."""
    inputs, outputs = interface(plain_problem())
    networks = (
        Network("n0", "regressor", 8, (Layer(9, "tanh"),), normalisation="layer"),
        Network("n1", "discretizer", 4, (Layer(5, "relu"),)),
    )
    connections = [Connection(node.name, "n0") for node in inputs if not node.categories]
    connections += [Connection("n0", "n1"), Connection("n0", "amount"), Connection("n1", "digit")]
    return Architecture(inputs, outputs, networks, tuple(connections))


@needs_native
@pytest.mark.parametrize("seed", range(3))
def test_gradients_agree(seed: int) -> None:
    native, eager = both_engines(whole_architecture("gelu"), seed=seed, problem=weighed_problem())
    came, expected = native.gradients(some_rows(seed)), eager.gradients(some_rows(seed))
    whole = torch.stack([value.norm() for value in expected.values()]).norm()
    for name, reference in expected.items():
        assert (came[name] - reference).norm() <= 1e-5 * reference.norm() + 1e-7 * whole, name


@needs_native
@needs_float64
@pytest.mark.parametrize("part", [(), ("n4",), ("n2", "n7")])
def test_gradients_agree_in_float64(part: tuple[str, ...]) -> None:
    engines = both_engines(
        whole_architecture(), part=part, dtype=torch.float64, problem=weighed_problem(torch.float64)
    )
    assert_float64_gradients_agree(*engines, some_rows(2))


@needs_native
@pytest.mark.parametrize("balanced", [True, False])
def test_losses_agree(balanced: bool) -> None:
    problem = weighed_problem(balanced=balanced)
    native, eager = both_engines(whole_architecture(), problem=problem)
    plain = EagerEngine(make_task(whole_architecture()))
    rows = some_rows(1)
    for came, expected, other in (
        (native.step(rows, 1e-3), eager.step(rows, 1e-3), plain.step(rows, 1e-3)),
        (native.look(), eager.look(), plain.look()),
    ):
        assert came.outputs == pytest.approx(expected.outputs, rel=1e-5)
        assert came.latent == pytest.approx(expected.latent, rel=1e-5)
        for name in other.outputs:
            assert came.outputs[name] != pytest.approx(other.outputs[name], rel=1e-3)
        for name in other.latent:
            assert came.latent[name] != pytest.approx(other.latent[name], rel=1e-3)


@needs_native
def test_a_row_of_weight_zero_teaches_nothing() -> None:
    problem, architecture = weighed_problem(), whole_architecture()
    assert problem.train.weights is not None
    gone = (problem.train.weights == 0).nonzero()[:20, 0]
    for engine in both_engines(architecture, problem=problem):
        gradients = engine.gradients(gone)
        assert not any(bool(value.any()) for value in gradients.values())
        losses = engine.step(gone, 1e-3)
        assert {*losses.outputs.values(), *losses.latent.values()} == {0.0}


@needs_native
@needs_float64
def test_a_weight_of_two_is_a_row_twice() -> None:
    problem = plain_problem()
    times = torch.arange(problem.train.rows) % 4
    train_rows = replace(problem.train, weights=times.double())
    architecture, rows = plain_architecture(), torch.arange(40, 80)
    again = rows.repeat_interleave(times[rows])
    # The gradient is a mean over the rows of a batch, whose weights are 1 on average over all rows.
    factor = len(rows) * float(times.double().mean()) / len(again)
    for one, other in zip(
        both_engines(architecture, problem=replace(problem, train=train_rows), dtype=torch.float64),
        both_engines(architecture, problem=problem, dtype=torch.float64),
        strict=True,
    ):
        came, expected = one.gradients(rows), other.gradients(again)
        for name, value in expected.items():
            torch.testing.assert_close(came[name] * factor, value, rtol=1e-9, atol=1e-12)


def test_weights_are_one_on_average_over_the_rows_that_have_a_target() -> None:
    problem = weighed_problem(torch.float64)
    weights = loss_weights(problem, problem.train, ["n4"])
    assert set(weights) == {*problem.outputs, "n4"}
    for name, output in problem.outputs.items():
        present = output.present(problem.train.targets[name])
        assert not bool(present.all())
        assert float(weights[name][present].mean()) == pytest.approx(1)
    assert float(weights["n4"].mean()) == pytest.approx(1)
    assert loss_weights(rich_problem(), rich_problem().train, ["n4"]) == {}


def test_classes_are_balanced_in_the_loss_of_their_output_alone() -> None:
    problem = rich_problem(dtype=torch.float64)
    digit = replace(problem.outputs["digit"], balance="balanced")  # type: ignore[type-var]
    assert isinstance(digit, Classification)
    problem = replace(problem, outputs={**problem.outputs, "digit": digit})
    weights = loss_weights(problem, problem.train, ["n4"])
    assert set(weights) == {"digit"}
    codes = problem.train.targets["digit"]
    sums = torch.stack([weights["digit"][codes == code].sum() for code in range(4)])
    counts = torch.stack([(codes == code).sum() for code in range(4)])
    assert counts.max() > 1.3 * counts.min()
    torch.testing.assert_close(sums, sums.mean().expand(4))


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_a_look_is_the_weighted_loss_of_the_split(engine: str) -> None:
    problem = weighed_problem()
    ended = train(
        make_task(whole_architecture()).model,
        problem,
        budget=Budget(steps=20),
        seed=0,
        options=TrainingOptions(engine=engine, check_every=10),  # type: ignore[arg-type]
    )
    best = min(ended.curve, key=lambda look: sum(look[1].values()))
    assert split_losses(ended.model, problem, problem.validation).keys() == best[1].keys()
    first = split_losses(make_task(whole_architecture()).model, problem, problem.validation)
    assert first == pytest.approx(ended.curve[0][1], rel=1e-5)
