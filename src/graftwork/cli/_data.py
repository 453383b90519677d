"""The problem that an argument and flags of the command line mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graftwork.cli._console import Voice
from graftwork.errors import InputError

if TYPE_CHECKING:
    from graftwork.problem import Problem


@dataclass(frozen=True)
class Asked:
    """What flags ask of a data file.

    Attributes:
        classes: Columns to classify.
        values: Columns of numbers to predict; several with commas between are one output.
        generate: Whether rows are generated.
        leave_out: Columns that are not read.
        group: Column whose equal values keep rows in one split.
        weights: Column that says how much each row counts.
        balance: Columns of `classes` whose classes count alike in training.
    """

    classes: Sequence[str] = ()
    values: Sequence[str] = ()
    generate: bool = False
    leave_out: Sequence[str] = ()
    group: str | None = None
    weights: str | None = None
    balance: Sequence[str] = ()

    def __bool__(self) -> bool:
        """Whether any flag was given."""
        given = (self.classes, self.values, self.generate, self.leave_out, self.balance)
        return any(given) or self.group is not None or self.weights is not None


def asked_problem(argument: str, asked: Asked, voice: Voice) -> Problem:
    """The problem of a bundled name, a TOML file, or a data file with flags; says what became of the data."""
    from graftwork.problem import load_problem

    problem = _of_flags(argument, asked) if asked else load_problem(argument)
    for note in problem.table.notes if problem.table is not None else ():
        voice.say(f"{problem.name}: {note}")
    return problem


def problems_by_name(arguments: Sequence[str], asked: Asked, voice: Voice) -> dict[str, Problem]:
    """Several problems by their names; flags go with data files, which must be all of them or none."""
    problems: dict[str, Problem] = {}
    for argument in arguments:
        problem = asked_problem(argument, asked, voice)
        if problem.name in problems:
            raise InputError(f"two problems are named '{problem.name}'; give one of them another `name`")
        problems[problem.name] = problem
    return problems


def _of_flags(argument: str, asked: Asked) -> Problem:
    from graftwork.problem.files import DATA_ENDINGS, described, problem_of

    if not argument.lower().endswith(DATA_ENDINGS):
        raise InputError(
            "--class, --value, --generate, --leave-out, --group, --weights and --balance go with a data file "
            f"({', '.join(DATA_ENDINGS)}), and '{argument}' is none"
        )
    if not (asked.classes or asked.values or asked.generate):
        raise InputError(f"nothing is asked of '{argument}': give --class, --value or --generate")
    for name in asked.balance:
        if name not in asked.classes:
            raise InputError(f"--balance {name}: it goes with --class {name}, which is not asked for")
    outputs: dict[str, dict[str, object]] = {}
    for name, output in _outputs(argument, asked):
        if name in outputs:
            raise InputError(f"column '{name}' is asked for twice; give it to --class or to --value, once")
        outputs[name] = output
    content = {
        "data": argument,
        "outputs": outputs,
        "leave_out": list(asked.leave_out),
        "group": asked.group,
        "weights": asked.weights,
    }
    return problem_of(described(content, "the flags").within(Path()))


def _outputs(argument: str, asked: Asked) -> Iterator[tuple[str, dict[str, object]]]:
    for name in asked.classes:
        yield name, {"kind": "classification", "balance": "balanced" if name in asked.balance else None}
    for names in asked.values:
        columns = [name.strip() for name in names.split(",") if name.strip()]
        yield "_".join(columns) or names, {"kind": "regression", "columns": columns or [names]}
    if asked.generate:
        yield "row", {"kind": "generation"}
