"""`graftwork demo`: the main job on real data in minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet, Seed, Workers

NAME = "demo"


def run(
    out: Annotated[
        Path, typer.Option(help="Folder of the demo: report.html, summary.json and the runs.")
    ] = Path("demo"),
    seed: Seed = 7,
    workers: Workers = 2,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Study, guidelines and searches on handwritten digits, in minutes.

    One model classifies the digit, predicts the histogram of its grey levels, and generates digits. A
    small study measures what structural changes do; guidelines are deduced from it; policies are compared
    on paired seeds; a guided search finds one model, which is scored once on the test split beside
    trivial and single-task baselines.

    Example: graftwork demo --out demo
    """
    from graftwork.cli.demo import run_demo

    voice = Voice(as_json, quiet)
    voice.value(run_demo(voice, out, seed=seed, workers=workers))
