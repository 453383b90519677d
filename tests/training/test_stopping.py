"""When each output has converged, and when training ends by that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.problems import PROBLEM, make_model

from graftwork.runtime import Budget
from graftwork.training import TrainingOptions, train
from graftwork.training.stopping import OutputConvergence

TOLERANCE = 0.05
losses = st.floats(0.01, 10)


def idle_looks(seen: Sequence[float], tolerance: float = TOLERANCE) -> int:
    """Looks since the last that was better, by more than the tolerance, than the last such one."""
    reference, idle = math.inf, 0
    for loss in seen:
        reference, idle = (loss, 0) if loss < reference * (1 - tolerance) else (reference, idle + 1)
    return idle


@given(
    st.lists(st.fixed_dictionaries({"a": losses, "b": losses}), min_size=1, max_size=12), st.integers(1, 3)
)
def test_each_output_converges_by_itself(looks: list[dict[str, float]], patience: int) -> None:
    convergence = OutputConvergence(["a", "b"], patience, TOLERANCE)
    for number, look in enumerate(looks, start=1):
        expected = {n for n in "ab" if idle_looks([seen[n] for seen in looks[:number]]) >= patience}
        assert convergence.look(look) == expected


def test_an_output_that_gains_again_has_not_converged() -> None:
    convergence = OutputConvergence(["a"], patience=2, tolerance=0.1)
    told = [convergence.look({"a": loss}) for loss in (1.0, 1.0, 1.0, 0.5, 0.5, 0.5)]
    assert [bool(names) for names in told] == [False, False, True, False, False, True]


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_the_steps_after_which_outputs_had_converged_are_told(engine: str) -> None:
    options = TrainingOptions(engine=engine, check_every=5, patience=1, tolerance=0.02, learning_rate=0.01)  # type: ignore[arg-type]
    better = count(start=0, step=-1)
    trained = train(
        make_model(),
        PROBLEM,
        budget=Budget(steps=400),
        seed=0,
        options=options,
        criterion=lambda _: next(better),  # so that nothing but the budget ends it
    )
    looks = range(1, len(trained.curve) + 1)
    for name in PROBLEM.outputs:
        losses = [look[name] for _, look in trained.curve]
        converged = [idle_looks(losses[:seen], 0.02) >= 1 for seen in looks]
        lasting = [steps for (steps, _), c in zip(trained.curve, converged, strict=True) if c]
        assert lasting, name
        gained = max(seen for seen in looks if not converged[seen - 1])
        expected = trained.curve[gained][0] if gained < len(trained.curve) else None
        assert trained.converged.get(name) == expected
        assert lasting[0] != expected  # it had converged before, and then gained again
    assert any(steps < trained.steps for steps in trained.converged.values())


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_training_goes_on_until_every_output_has_converged(engine: str) -> None:
    """What judges the sum sees no gain; outputs gain all the same, until their tolerance is too coarse."""

    def ended(converged: str, steps: int) -> tuple[str, int, set[str]]:
        options = TrainingOptions(
            engine=engine,  # type: ignore[arg-type]
            converged=converged,  # type: ignore[arg-type]
            check_every=10,
            patience=3,
            tolerance=0.02,
            learning_rate=0.01,
        )
        trained = train(
            make_model(),
            PROBLEM,
            budget=Budget(steps=steps),
            seed=0,
            options=options,
            criterion=lambda _: 1.0,
        )
        return trained.reason, trained.steps, set(trained.converged)

    assert ended("total", 1500)[:2] == ("converged", 30)
    assert ended("every", 60)[:2] == ("budget", 60)
    reason, steps, names = ended("every", 1500)
    assert (reason, names) == ("converged", set(PROBLEM.outputs))
    assert 60 < steps < 1500


@pytest.mark.parametrize("converged", ["total", "every"])
def test_without_a_gain_all_outputs_converge_with_the_sum(converged: str) -> None:
    options = TrainingOptions(learning_rate=1e-12, check_every=5, patience=3, converged=converged)  # type: ignore[arg-type]
    trained = train(make_model(), PROBLEM, budget=Budget(steps=1000), seed=0, options=options)
    assert (trained.reason, trained.steps) == ("converged", 15)
    assert trained.converged == dict.fromkeys(PROBLEM.outputs, 15)
