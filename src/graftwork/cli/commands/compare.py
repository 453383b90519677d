"""`graftwork compare`: policies side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import (
    Balance,
    BalancerName,
    CandidateMemory,
    CandidateSeconds,
    Classes,
    Database,
    Device,
    ExecutorName,
    Generate,
    Group,
    GuidelinesFile,
    InFlight,
    Json,
    LeaveOut,
    Operators,
    ProblemName,
    Quiet,
    RowWeights,
    Space,
    Values,
    Workers,
)

NAME = "compare"


def run(
    problem: ProblemName,
    out: Annotated[Path, typer.Option(help="Folder of the comparison.")],
    classes: Classes = None,
    values: Values = None,
    generate: Generate = False,
    leave_out: LeaveOut = None,
    group: Group = None,
    weights: RowWeights = None,
    balance: Balance = None,
    policies: Annotated[str, typer.Option(help="Names, with commas between.")] = "random,relevance,guided",
    seeds: Annotated[int, typer.Option(min=1, help="Number of seeds: 0, 1, 2 and so on.")] = 5,
    evaluations: Annotated[
        int | None, typer.Option(help="Budget a run: candidates (40 when none is given).")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Budget a run: training steps.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Budget a run: seconds of work.")] = None,
    guidelines: GuidelinesFile = None,
    algorithm: Annotated[str, typer.Option(help="Picks the parent: pareto or hill-climbing.")] = "pareto",
    operators: Operators = None,
    balancer: BalancerName = "static",
    device: Device = "cpu",
    space: Space = "modern",
    workers: Workers = 2,
    executor: ExecutorName = None,
    candidate_seconds: CandidateSeconds = None,
    candidate_memory: CandidateMemory = None,
    database: Database = None,
    in_flight: InFlight = 4,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hold policies against each other at equal budget, on paired seeds, with tests.

    Example: graftwork compare digits --policies random,relevance --seeds 10 --out comparison
    """
    from graftwork.architecture import load_space
    from graftwork.cli._data import Asked, asked_problem
    from graftwork.cli._tables import print_comparison
    from graftwork.cli._work import budget_of, guidelines_for, limits_from, tell_runs, training_options
    from graftwork.search import SearchSettings, compare, comparison_to_payload
    from graftwork.variation import structural_names

    voice = Voice(as_json, quiet)
    names = [name.strip() for name in policies.split(",") if name.strip()]
    budget = budget_of(evaluations=evaluations, steps=steps, seconds=seconds, default=40)
    settings = SearchSettings(
        space=load_space(space),
        operators=tuple(operators or structural_names()),
        algorithm=algorithm,
        in_flight=in_flight,
        options=training_options(balancer, device),
    )
    chosen = guidelines_for(guidelines)
    flags = Asked(classes or (), values or (), generate, leave_out or (), group, weights, balance or ())
    asked = asked_problem(problem, flags, voice)
    limits = limits_from(seconds=candidate_seconds, memory=candidate_memory)
    with voice.progress(f"comparison on {asked.name}") as advance:
        comparison = compare(
            asked,
            policies=names,
            budget=budget,
            seeds=range(seeds),
            out=out,
            workers=workers,
            executor=executor,
            limits=limits,
            database=database,
            guidelines=chosen,
            settings=settings,
            progress=tell_runs(advance, names, seeds),
        )
    print_comparison(voice, comparison)
    voice.say(f"Comparison kept in '{out}'. Next: graftwork report {out}")
    voice.value(comparison_to_payload(comparison))
