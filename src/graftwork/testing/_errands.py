"""Functions that executors are given to do, to see what comes of it."""

from __future__ import annotations

import os
import signal
import time

import torch

from graftwork.architecture import SearchSpace
from graftwork.problem import Classification, Problem, Regression
from graftwork.runtime import generator, torch_generator
from graftwork.trial import Result, Trial, run_trial


class StubbornError(Exception):
    """It cannot be made anew from its message, as pickling does."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"{name} {number}")


def sleep(seconds: float) -> str:
    """Hang for a while."""
    time.sleep(seconds)
    return "awake"


def fail(message: str) -> None:
    """Raise what every process knows."""
    raise LookupError(message)


def fail_stubbornly() -> None:
    """Raise what does not travel."""
    raise StubbornError("stubborn", 7)


def untransportable() -> object:
    """Give what does not travel."""
    return (number for number in range(3))


def die() -> None:
    """End this process as the kernel does where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def exit_process() -> None:
    """Ask for the end of this process as a script does."""
    raise SystemExit(3)


def allocate(count: int) -> int:
    """Hold so many bytes for a moment."""
    return len(bytearray(count))


def allocate_tensor(count: int) -> int:
    """Hold a tensor of so many bytes for a moment."""
    return int(torch.zeros(count, dtype=torch.uint8).shape[0])


def threads() -> tuple[int, float]:
    """Threads that PyTorch computes on, and what a denormal number comes to."""
    return torch.get_num_threads(), float(torch.full((8,), 1e-42) * 1.0 @ torch.ones(8))


def use_threads(count: int) -> None:
    """Leave another number of threads behind."""
    torch.set_num_threads(count)


def called(value: object) -> object:
    """What a function gives that was sent along."""
    assert callable(value)
    return value()


def summed(seed: int) -> bytes:
    """Bits of a training by hand, long enough that another order of summation would show."""
    draw = torch_generator(seed, "errand", "data")
    x, y = torch.randn(400, 300, generator=draw), torch.randn(400, 7, generator=draw)
    w = (torch.randn(300, 7, generator=draw) / 20).requires_grad_()
    optimiser = torch.optim.Adam([w], lr=0.1)
    for _ in range(10):
        optimiser.zero_grad()
        ((torch.tanh(x @ w) - y) ** 2).mean().backward()
        optimiser.step()
    return w.detach().numpy().tobytes()


def small_problem() -> Problem:
    """A problem of two outputs and few rows."""
    rng = generator(0, "errand", "problem")
    x = rng.normal(size=(60, 4))
    return Problem.from_arrays(
        "errand",
        inputs={"x": x},
        outputs={"sign": (Classification(), (x[:, 0] > 0).astype(int)), "sum": (Regression(), x.sum(axis=1))},
    )


def trial_of(problem: Problem) -> Trial:
    """A short trial."""
    return Trial(problem=problem, space=SearchSpace.modern(), root=0, candidate="errand", steps=20)


def essence(trial: Trial) -> tuple[object, ...]:
    """All that a trial comes to but the time it took."""
    result: Result = run_trial(trial)
    outcome = result.outcome
    return outcome.status, outcome.architecture, outcome.steps, outcome.scores, result.weights
