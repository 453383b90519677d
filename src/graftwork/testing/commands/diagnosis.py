"""`python -m graftwork.testing diagnosis`: metrics of components held against planted truth."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from graftwork.testing.commands._progress import progress_bar
from graftwork.testing.diagnosis.check import GOAL, Truth, check_diagnosis

NAME = "diagnosis"


def run(
    models: Annotated[int, typer.Option(min=1, help="Trained models for each kind of plant.")] = 100,
    deletions: Annotated[int, typer.Option(min=0, help="Networks to delete, one at a time.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Root of every draw; the same seed, the same counts.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")] = False,
) -> None:
    """Plant parts in trained models, and say which metric finds what.

    Planted are: a network fed by noise, a copy, a network that only an irrelevant output needs, a bottleneck
    of one unit, a dead network, a network that two opposing outputs share, and one whose weights were
    shuffled after training. The area is that under the ROC curve with which a metric, in the direction that
    it declares, tells the planted networks from the others of the same model, on average over models.

    Then networks of random models for digits are deleted, and what is left is trained, against a control that
    is trained on unchanged: the rank correlation of each metric with what the deletion cost says how far the
    metric can be relied on.

    Something is broken where no metric finds a kind with an area of 0.95 or more.

    Example: python -m graftwork.testing diagnosis --seed 1

    Example: python -m graftwork.testing diagnosis --models 5 --deletions 10 --json
    """
    with progress_bar("models and deletions") as progress:
        truth = check_diagnosis(models, deletions, seed, progress=progress)
    if as_json:
        print(json.dumps(truth.payload(), indent=2))
    else:
        _print(truth)
    raise typer.Exit(1 if truth.missed else 0)


def _print(truth: Truth) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    console, payload = Console(highlight=False), truth.payload()
    kinds = list(truth.auc)
    title = f"Area, mean over {truth.models:,} models a kind"
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=0)
    table.add_column("metric", no_wrap=True)
    for kind in kinds:
        table.add_column(kind, justify="right", no_wrap=True)
    for metric in dict.fromkeys(metric for kind in kinds for metric in truth.auc[kind]):
        found = [truth.auc[kind].get(metric) for kind in kinds]
        table.add_row(metric, *("" if value is None else f"{value:.2f}" for value in found))
    console.print(table)
    deleted = payload["deletions"]
    title = (
        f"Rank correlation with the cost of {deleted['networks']:,} deletions in {deleted['models']:,} models"
    )
    costs = Table("metric", title=title, title_justify="left", box=SIMPLE)
    costs.add_column("Spearman [95 % over models]", justify="right")
    for metric, value in deleted["metrics"].items():
        known = value["spearman"] is not None
        told = (
            f"{value['spearman']:+.2f} [{value['low']:+.2f}, {value['high']:+.2f}]" if known else "constant"
        )
        costs.add_row(metric, told)
    if deleted["metrics"]:
        console.print(costs)
    for kind, metric in truth.best.items():
        verdict = "" if kind not in truth.missed else f", below {GOAL}"
        console.print(f"{kind}: {metric} finds it with an area of {truth.auc[kind][metric]:.3f}{verdict}")
