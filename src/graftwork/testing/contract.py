"""Hold operators to what every operator promises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from graftwork.architecture import SearchSpace
from graftwork.errors import InputError
from graftwork.runtime import make_executor
from graftwork.testing.chains import SPACES, Plan, run_parents
from graftwork.testing.counts import Case, Counts
from graftwork.variation import Operator, undeclared

Progress = Callable[[int, int], None]
_CHUNK = 5


class ContractBroken(AssertionError):
    """A part breaks what it promises; the message says how. `cases` has the first cases of an operator."""

    def __init__(self, message: str, cases: Sequence[Case] = ()) -> None:
        self.cases = tuple(cases)
        super().__init__(message)

    def __reduce__(self) -> tuple[type[ContractBroken], tuple[str, tuple[Case, ...]]]:
        return type(self), (str(self), self.cases)


@dataclass(frozen=True)
class OperatorReport:
    """How an operator that keeps the contract was checked.

    Attributes:
        operator: Its name.
        applied: How often it was applied.
        refused: How often it refused.
        tried: How often each property was tried.
    """

    operator: str
    applied: int
    refused: int
    tried: dict[str, int]


def check_operator(
    operator: Operator,
    *,
    parents: int = 50,
    chain: int = 10,
    seed: int = 0,
    spaces: Sequence[SearchSpace] | None = None,
) -> OperatorReport:
    """Hold one operator to the contract, on random parents and in chains with the built-in ones.

    Args:
        operator: Any operator. One whose class takes the argument `donor` gets random donors.
        parents: How many random parents.
        chain: Steps from each; the first is the operator's, later ones are its or a built-in one's.
        seed: Root of every draw.
        spaces: Search spaces that parents are drawn from; those of the package unless told.

    Returns:
        What was tried.

    Raises:
        ContractBroken: A property is broken, the operator could never be applied, or it has no name or
            tendency.
        InputError: A number makes no sense.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> report = check_operator(OPERATORS["delete_connection"], parents=4, chain=3)
        >>> report.tried["viable"] == report.applied > 0
        True
    """
    _check(parents, chain, spaces)
    if fault := undeclared(operator):
        raise ContractBroken(f"{type(operator).__name__}: {fault}")
    plan = Plan((operator,), chain, seed, tuple(spaces) if spaces is not None else SPACES)
    counts = run_parents(plan, range(parents))
    if counts.broken:
        raise ContractBroken(_message(operator, counts, seed), counts.examples)
    if not counts.applied[operator.name]:
        raise ContractBroken(f"{operator.name} was never applied: {_why_not(operator, counts, parents)}")
    tried = {name: count["tried"] for name, count in counts.of(operator.name).items()}
    return OperatorReport(operator.name, counts.applied[operator.name], counts.refused[operator.name], tried)


def check_operators(
    operators: Iterable[Operator],
    parents: int,
    chain: int,
    seed: int,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> Counts:
    """Count how often operators keep and break each property, in chains with the built-in ones.

    Args:
        operators: Those that are checked.
        parents: How many random parents.
        chain: Steps from each.
        seed: Root of every draw.
        workers: Processes that work side by side; the counts do not depend on their number.
        progress: Told how many parents are done, and of how many.

    Raises:
        InputError: A number makes no sense, or there is no operator.
    """
    plan = Plan(tuple(operators), chain, seed)
    _check(parents, chain, plan.operators)
    chunks = [range(start, min(start + _CHUNK, parents)) for start in range(0, parents, _CHUNK)]
    done: dict[int, Counts] = {}
    with make_executor(workers) as executor:
        pending: dict[Future[Counts], int] = {}
        for number, chunk in enumerate(chunks):
            pending[executor.submit(run_parents, plan, chunk)] = number
            # Few at a time, so that progress shows where work is done at once.
            while len(pending) > 4 * workers or (pending and number == len(chunks) - 1):
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    done[pending.pop(future)] = future.result()
                if progress:
                    progress(min(len(done) * _CHUNK, parents), parents)
    # In the order of parents, whichever was done first.
    return sum((done[number] for number in range(len(chunks))), Counts())


def _check(parents: int, chain: int, choices: Sequence[object] | None) -> None:
    for name, value in (("parents", parents), ("chain", chain)):
        if not isinstance(value, int) or value < 1:
            raise InputError(f"{name} must be a whole number of at least 1, got {value!r}")
    if choices is not None and not choices:
        raise InputError("there is nothing to check: name at least one operator and one space")


def _message(operator: Operator, counts: Counts, seed: int) -> str:
    shares = [
        f"  '{name}' in {count['broken']} of {count['tried']} cases"
        for name, count in counts.of(operator.name).items()
        if count["broken"]
    ]
    first = {case.property: f"  {case}" for case in reversed(counts.examples)}
    return "\n".join([f"{operator.name} breaks (seed {seed})", *shares, "first cases:", *first.values()])


def _why_not(operator: Operator, counts: Counts, parents: int) -> str:
    refused = counts.refused[operator.name]
    return f"it refused {refused} times" if refused else f"it has no site in {parents} random parents"
