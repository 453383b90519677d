"""The native engine's gradients and losses are those of the reference engine."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.training.engines.cases import (
    FIFTY,
    SPACES,
    both_engines,
    drawn_architecture,
    make_task,
    needs_float64,
    rich_problem,
    some_rows,
    whole_architecture,
)
from tests.variation.samples import rough_model
from torch import Tensor

from graftwork.architecture import Architecture, SearchSpace, require_viable
from graftwork.architecture.activations import ACTIVATIONS
from graftwork.training import BALANCERS
from graftwork.training.engines import EagerEngine, NativeEngine, native_hindrance
from graftwork.training.engines.native.program import FUNCTIONS, Flow, Kind

pytestmark = pytest.mark.skipif(
    (hindrance := native_hindrance(make_task(whole_architecture()))) is not None, reason=str(hindrance)
)


def assert_gradients_agree(architecture: Architecture, *, seed: int, **options: object) -> None:
    """Each parameter's to 1e-5 of its norm, and to what float32 can tell of it.

    Where terms of a sum cancel (the shift before a softmax has no gradient at all; the gain of an output is
    one number summed over all rows and units), rounding is large beside what is left. How large, the
    reference tells by itself: by its distance from what it computes in float64. Ten times that is allowed, as
    one draw of rounding may be lucky, and 1e-8 of the norm of all gradients (a tenth of the distance of two
    float32 numbers) for a very lucky one.
    """
    native, eager = both_engines(architecture, seed=seed, **options)
    exact = EagerEngine(make_task(architecture, seed=seed, dtype=torch.float64, **options))  # type: ignore[arg-type]
    for engine in (native, eager, exact):
        engine.gradients(some_rows(seed + 1, count=64))  # nothing of one pass may be left in the next
    rows = some_rows(seed)
    came, expected, truth = native.gradients(rows), eager.gradients(rows), exact.gradients(rows)
    assert came.keys() == expected.keys()
    whole = torch.stack([value.norm() for value in truth.values()]).norm()
    for name, reference in expected.items():
        rounding = (reference - truth[name]).norm()
        allowed = 1e-5 * reference.norm() + 10 * rounding + 1e-8 * whole
        difference = (came[name] - reference).norm()
        assert difference <= allowed, f"{name}: {difference:.2e} of {reference.norm():.2e}"
        assert rounding <= 1e-3 * reference.norm() + 1e-6 * whole, f"{name}: nothing can be told"


def assert_float64_gradients_agree(
    native: NativeEngine, eager: EagerEngine, rows: Tensor, *, agreed: float = 1e-9
) -> None:
    """Each parameter's to a share of its norm, without exception."""
    for engine in (native, eager):
        engine.gradients(some_rows(1, count=64))
    came, expected = native.gradients(rows), eager.gradients(rows)
    assert came.keys() == expected.keys()
    for name, reference in expected.items():
        assert came[name].dtype == reference.dtype == torch.float64
        difference = (came[name] - reference).norm()
        assert difference <= agreed * reference.norm(), f"{name}: {difference:.2e} of {reference.norm():.2e}"


def test_the_whole_architecture_has_everything_that_is_covered() -> None:
    steps, flows = set(), set()
    for activation in ACTIVATIONS:
        architecture = whole_architecture(activation)
        require_viable(architecture)
        program = NativeEngine(make_task(architecture)).program
        for step in program.steps:
            steps.add((step.kind, step.extra if step.kind == Kind.ACTIVATE else -1))
            flows.add((step.kind, step.flow_first))
    assert {kind for kind, _ in steps} == set(Kind)
    assert {function for kind, function in steps if kind == Kind.ACTIVATE} == set(range(len(FUNCTIONS)))
    for kind in (Kind.LINEAR, Kind.ACTIVATE, Kind.OUTPUT):
        assert {(kind, Flow.WRITE), (kind, Flow.ACCUMULATE)} <= flows


@pytest.mark.parametrize("hidden", [1, 2])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_agree_whatever_the_activation(activation: str, hidden: int) -> None:
    assert_gradients_agree(whole_architecture(activation, hidden=hidden), seed=hidden)


@needs_float64
@pytest.mark.parametrize("hidden", [1, 2])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_agree_in_float64_whatever_the_activation(activation: str, hidden: int) -> None:
    engines = both_engines(whole_architecture(activation, hidden=hidden), seed=hidden, dtype=torch.float64)
    assert_float64_gradients_agree(*engines, some_rows(hidden))


@needs_float64
def test_softplus_is_linear_where_pytorch_takes_it_to_be() -> None:
    architecture = whole_architecture("softplus")
    models = [rough_model(architecture, 0).double() for _ in range(2)]
    with torch.no_grad():
        for model in models:
            for parameter in model.parameters():
                parameter *= 20
    native, eager = (make_task(architecture, dtype=torch.float64, model=model) for model in models)
    assert_float64_gradients_agree(NativeEngine(native), EagerEngine(eager), some_rows(), agreed=1e-11)


@needs_float64
@pytest.mark.parametrize(("seed", "space"), FIFTY, ids=lambda value: getattr(value, "name", str(value)))
def test_gradients_of_fifty_architectures_agree_in_float64(seed: int, space: SearchSpace) -> None:
    engines = both_engines(drawn_architecture(seed, space), seed=seed, dtype=torch.float64)
    assert_float64_gradients_agree(*engines, some_rows(seed))


@needs_float64
@given(st.integers(0, 10**6), st.sampled_from(SPACES), st.booleans(), st.data())
def test_gradients_of_a_part_agree_in_float64(
    seed: int, space: SearchSpace, cached: bool, data: st.DataObject
) -> None:
    architecture = drawn_architecture(seed, space)
    part = data.draw(st.sets(st.sampled_from(sorted(architecture.network_names)), min_size=1, max_size=3))
    engines = both_engines(architecture, seed=seed, part=part, cached=cached, dtype=torch.float64)
    assert_float64_gradients_agree(*engines, some_rows(seed))


@given(st.integers(0, 10**6), st.sampled_from(SPACES))
def test_gradients_of_random_architectures_agree(seed: int, space: object) -> None:
    assert_gradients_agree(drawn_architecture(seed, space), seed=seed)  # type: ignore[arg-type]


@given(st.integers(0, 10**6), st.sampled_from([*SPACES, None]), st.booleans(), st.data())
def test_gradients_of_a_part_agree(seed: int, space: object, cached: bool, data: st.DataObject) -> None:
    architecture = whole_architecture("gelu") if space is None else drawn_architecture(seed, space)  # type: ignore[arg-type]
    names = st.sampled_from(sorted(architecture.network_names))
    part = data.draw(st.sets(names, min_size=1, max_size=3))
    assert_gradients_agree(architecture, seed=seed, part=part, cached=cached)


@pytest.mark.parametrize("name", ["scaled", "dynamic", "sequential", "uncertainty"])
def test_gradients_agree_whatever_weighs_the_losses(name: str) -> None:
    assert_gradients_agree(whole_architecture(), seed=0, balancer=BALANCERS[name])


@pytest.mark.parametrize("seed", range(4))
def test_losses_agree(seed: int) -> None:
    native, eager = both_engines(drawn_architecture(seed, SPACES[seed % 2]), seed=seed)
    for pair in (
        (native.step(some_rows(), 1e-3), eager.step(some_rows(), 1e-3)),
        (native.look(), eager.look()),
    ):
        came, expected = pair
        assert came.outputs == pytest.approx(expected.outputs, rel=1e-5)
        assert came.latent == pytest.approx(expected.latent, rel=1e-5)


@pytest.mark.parametrize("output", sorted(rich_problem().outputs))
def test_rows_that_all_miss_a_target_cost_nothing_and_teach_nothing(output: str) -> None:
    problem, architecture = rich_problem(), whole_architecture()
    gone = (~problem.outputs[output].present(problem.train.targets[output])).nonzero()[:, 0]
    gains = [f"outputs.{output}.gain_{source}" for source in architecture.sources(output)]
    for engine in both_engines(architecture):
        gradients = engine.gradients(gone)
        assert not any(gradients[name].any() for name in gains)
        assert all(bool(value.isfinite().all()) for value in gradients.values())
        assert engine.step(gone, 1e-3).outputs[output] == 0.0
    assert_agree_on(gone, architecture)


def assert_agree_on(rows: Tensor, architecture: Architecture) -> None:
    native, eager = both_engines(architecture)
    came, expected = native.gradients(rows), eager.gradients(rows)
    whole = torch.stack([value.norm() for value in expected.values()]).norm()
    for name, reference in expected.items():
        assert (came[name] - reference).norm() <= 1e-5 * reference.norm() + 1e-7 * whole, name


def test_a_code_that_is_unknown_teaches_no_column() -> None:
    architecture = whole_architecture()
    codes = rich_problem().train.inputs["colour"][:, 0]
    unknown = ((codes < 0) | (codes > 2)).nonzero()[:, 0]
    assert {-1.0, 3.0} <= set(codes[unknown].tolist())
    for engine in both_engines(architecture):
        gradients = engine.gradients(unknown)
        assert not gradients["networks.n1.from_colour"].any()
        assert gradients["networks.n1.from_maker"].any()
