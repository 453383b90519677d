"""`python -m graftwork.testing operators`: the contract of variation operators, on many parents."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from graftwork.testing._judge import PROPERTIES
from graftwork.testing.commands._progress import progress_bar
from graftwork.testing.contract import check_operators
from graftwork.testing.counts import Counts
from graftwork.variation import OPERATORS, Operator

NAME = "operators"
_CPUS = os.cpu_count() or 1


def run(
    parents: Annotated[int, typer.Option(min=1, help="Random parents.")] = 200,
    chain: Annotated[int, typer.Option(min=1, help="Operators applied one after the other to each.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Root of every draw; the same seed, the same counts.")] = 0,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that work side by side; counts do not depend on it.")
    ] = _CPUS,
    operator: Annotated[
        list[str] | None, typer.Option(help="Check this one alone; can be given more than once.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")] = False,
) -> None:
    """Apply every operator to random parents, in chains, and count which promises are broken.

    Parents are drawn from three search spaces for small problems of all kinds of outputs. After each step
    everything is checked: that the child is viable, that nothing is lost, that weights are what the plan
    says, that the function is preserved where that is promised, that the child can be trained, and more.

    A broken case names its operator, site and seed. The first step of a chain that breaks something ends it.
    An operator that was asked for by name and never applied counts as broken.

    Example: python -m graftwork.testing operators --parents 2000 --chain 20 --seed 1

    Example: python -m graftwork.testing operators --operator clone_network --operator bypass_network
    """
    chosen = _chosen(operator or list(OPERATORS))
    with progress_bar("parents") as progress:
        counts = check_operators(chosen, parents, chain, seed, workers=workers, progress=progress)
    names = [one.name for one in chosen]
    if as_json:
        told = {"parents": parents, "chain": chain, "seed": seed} | counts.payload(names)
        print(json.dumps(told, indent=2))
    else:
        _print(counts, names)
    unused = [name for name in operator or () if not counts.applied[name]]
    if unused:
        typer.echo(f"never applied: {', '.join(unused)}; give more parents or a longer chain", err=True)
    raise typer.Exit(1 if counts.broken or unused else 0)


def _chosen(names: list[str]) -> list[Operator]:
    if strange := [name for name in names if name not in OPERATORS]:
        raise typer.BadParameter(
            f"no operator is called '{strange[0]}'; there are {', '.join(OPERATORS)}", param_hint="--operator"
        )
    return [OPERATORS[name] for name in dict.fromkeys(names)]


def _print(counts: Counts, names: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    for name in dict.fromkeys([*names, *(owner for owner, _ in counts.tried)]):
        title = f"{name}: applied {counts.applied[name]:,} times, refused {counts.refused[name]:,} times"
        table = Table("property", title=title, title_justify="left")
        for column in ("tried", "broken"):
            table.add_column(column, justify="right")
        of = counts.of(name)
        for key in sorted(of, key=PROPERTIES.index):
            table.add_row(key, f"{of[key]['tried']:,}", f"{of[key]['broken']:,}")
        console.print(table)
    for note, count in sorted(counts.notes.items()):
        console.print(f"{note}: {count:,}")
    for case in counts.examples:
        console.print(str(case), markup=False, soft_wrap=True)
    console.print(f"Broken: {counts.broken.total():,}")
