"""`graftwork diagnose`: how good each part of a model is for each output."""

from __future__ import annotations

from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet, RunFolder

NAME = "diagnose"
Candidate = Annotated[
    int | None, typer.Option(help="Number of a candidate of the front; the best model unless told.")
]


def run(run: RunFolder, candidate: Candidate = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Say how good each part of a model is for each output.

    Relevance is what an output would lose, in units of skill, if the part's weights were random, or its
    activations another row's.

    Example: graftwork diagnose run
    """
    from dataclasses import asdict

    from graftwork.cli._tables import print_diagnosis
    from graftwork.cli._work import subject_of

    voice = Voice(as_json, quiet)
    subject = subject_of(run, candidate)
    print_diagnosis(voice, subject.diagnosis)
    voice.value([asdict(finding) for finding in subject.diagnosis.findings])
