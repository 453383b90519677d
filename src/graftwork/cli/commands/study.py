"""`graftwork study`: characterise operators by a randomised experiment."""

from __future__ import annotations

from dataclasses import asdict
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
    Json,
    LeaveOut,
    Operators,
    Quiet,
    RowWeights,
    Seed,
    Space,
    Values,
    Workers,
)

NAME = "study"


def run(
    problems: Annotated[
        list[str], typer.Argument(metavar="PROBLEM...", help="As of search, one or several.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the study.")],
    classes: Classes = None,
    values: Values = None,
    generate: Generate = False,
    leave_out: LeaveOut = None,
    group: Group = None,
    weights: RowWeights = None,
    balance: Balance = None,
    parents: Annotated[int, typer.Option(help="Random parents a problem.")] = 40,
    trials: Annotated[int, typer.Option(help="Operators applied to each parent.")] = 8,
    parent_steps: Annotated[int, typer.Option(help="Training of each parent.")] = 400,
    trial_steps: Annotated[int, typer.Option(help="Training of each trial and of its control.")] = 200,
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
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure what each structural change does to every output and to complexity.

    Random parents are trained, and operators drawn by chance are applied to them; a control trains the
    same part, unchanged, with the same budget, rows and seed. The same command goes on with a study that
    was interrupted.

    Example: graftwork study digits --parents 40 --trials 8 --out study
    """
    from graftwork.architecture import load_space
    from graftwork.cli._data import Asked, problems_by_name
    from graftwork.cli._tables import print_effects
    from graftwork.cli._work import limits_from, training_options
    from graftwork.study import StudyDesign, operator_effects, run_study
    from graftwork.variation import structural_names

    voice = Voice(as_json, quiet)
    flags = Asked(classes or (), values or (), generate, leave_out or (), group, weights, balance or ())
    asked = problems_by_name(problems, flags, voice)
    design = StudyDesign(
        problems=tuple(asked),
        space=load_space(space),
        parents=parents,
        trials=trials,
        parent_steps=parent_steps,
        trial_steps=trial_steps,
        operators=tuple(operators or structural_names()),
        seed=seed,
        options=training_options(balancer, device),
    )
    limits = limits_from(seconds=candidate_seconds, memory=candidate_memory)
    with voice.progress(f"study of {', '.join(asked)}") as advance:
        study = run_study(
            design, asked, out=out, workers=workers, executor=executor, limits=limits, progress=advance
        )
    effects = operator_effects(study.records)
    print_effects(voice, effects)
    voice.say(f"{len(study.records)} records of {study.parents} parents in '{out}'.")
    voice.say(f"Next: graftwork guidelines {out}")
    voice.value(
        {
            "records": len(study.records),
            "parents": study.parents,
            "effects": [asdict(effect) for effect in effects],
            "out": str(out),
        }
    )
