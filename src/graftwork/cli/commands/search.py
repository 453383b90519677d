"""`graftwork search`: one compact model for all outputs of a problem."""

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
    Seed,
    Space,
    Values,
    Workers,
)

NAME = "search"


def run(
    problem: ProblemName,
    out: Annotated[Path, typer.Option(help="Folder of the run.")],
    classes: Classes = None,
    values: Values = None,
    generate: Generate = False,
    leave_out: LeaveOut = None,
    group: Group = None,
    weights: RowWeights = None,
    balance: Balance = None,
    policy: Annotated[
        str, typer.Option(help="Picks operator and site: guided, relevance or random.")
    ] = "guided",
    evaluations: Annotated[
        int | None, typer.Option(help="Budget: candidates (60 when no budget is given).")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Budget: training steps of all candidates.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Budget: seconds of work, over all workers.")] = None,
    guidelines: GuidelinesFile = None,
    algorithm: Annotated[str, typer.Option(help="Picks the parent: pareto or hill-climbing.")] = "pareto",
    operators: Operators = None,
    balancer: BalancerName = "static",
    device: Device = "cpu",
    space: Space = "modern",
    seed: Seed = 0,
    workers: Workers = 2,
    executor: ExecutorName = None,
    candidate_seconds: CandidateSeconds = None,
    candidate_memory: CandidateMemory = None,
    database: Database = None,
    no_baselines: Annotated[
        bool,
        typer.Option(
            "--no-baselines", help="Train no ordinary rivals in the end; they take minutes on images."
        ),
    ] = False,
    in_flight: InFlight = 4,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search for one compact model that answers all outputs.

    The same command goes on with a run that was interrupted. The best model is trained to the end and
    scored once on the test split.

    Example: graftwork search digits --evaluations 60 --out run
    """
    from graftwork.architecture import load_space
    from graftwork.cli._data import Asked, asked_problem
    from graftwork.cli._tables import baselines_payload, best_summary, print_best, print_failed_baselines
    from graftwork.cli._work import budget_of, guidelines_for, limits_from, tell_milestones, training_options
    from graftwork.search import RIVALS, SearchSettings, search
    from graftwork.variation import structural_names

    voice = Voice(as_json, quiet)
    budget = budget_of(evaluations=evaluations, steps=steps, seconds=seconds)
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
    with voice.progress(f"{policy} search on {asked.name}") as advance:
        result = search(
            asked,
            policy=policy,
            budget=budget,
            seed=seed,
            workers=workers,
            executor=executor,
            limits=limits,
            database=database,
            out=out,
            guidelines=chosen,
            settings=settings,
            baselines=() if no_baselines else RIVALS,
            progress=tell_milestones(advance, budget),
        )
    print_best(voice, asked, result.best, result.baselines)
    print_failed_baselines(voice, result.failed_baselines)
    voice.say(f"Run kept in '{out}'. Next: graftwork report {out}")
    told = {"problem": asked.name, "seed": seed, "out": str(out), **best_summary(result.best)}
    told["baselines"] = baselines_payload(asked, result.baselines)
    voice.value(told | {"failed_baselines": dict(result.failed_baselines)})
