"""`graftwork diagnose`: how good each part of a model is for each output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet, RunFolder

NAME = "diagnose"
Candidate = Annotated[
    int | None, typer.Option(help="Number of a candidate of the front; the best model unless told.")
]
Metrics = Annotated[
    str,
    typer.Option(
        metavar="all|NAME,...",
        help="What to measure and print: names of figures, such as cka, with commas between. Of all, the "
        "tables show relevance and what parts are like; the page and the JSON hold the rest.",
    ),
]
Connections = Annotated[
    bool, typer.Option("--connections", help="Diagnose what one part hands to another too, as a -> b.")
]
Out = Annotated[
    Path | None, typer.Option(help="HTML page to write; diagnosis.html in the folder unless told.")
]
_SHOWN = (
    "relevance_permutation",
    "relevance_weights",
    "redundancy",
    "effective_rank",
    "dead_units",
    "parameter_share",
)


def run(
    run: RunFolder,
    candidate: Candidate = None,
    metrics: Metrics = "all",
    connections: Connections = False,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say how good each part of a model is for each output, in tables, sentences and an HTML page.

    Relevance is what an output would lose, in units of skill, if the part's weights were random, or its
    activations another row's. All is measured on the rows that the search was judged by, none of the test.

    Example: graftwork diagnose run

    Example: graftwork diagnose run --metrics relevance_mean,cka --out page.html
    """
    from dataclasses import asdict

    from graftwork.cli._tables import print_diagnosis
    from graftwork.cli._work import diagnose_run
    from graftwork.report import write_diagnosis

    voice = Voice(as_json, quiet)
    named = None if metrics == "all" else [name.strip() for name in metrics.split(",")]
    found = diagnose_run(run, candidate, named, connections=connections)
    path = run / "diagnosis.html" if out is None else out
    write_diagnosis(path, found.architecture, found.diagnosis, found.facts)
    print_diagnosis(voice, found.diagnosis, named or _SHOWN)
    voice.say(f"Page written to '{path}'")
    voice.value([asdict(finding) for finding in found.diagnosis.findings])
