"""`graftwork advise`: what to change next, where, why, and what to expect."""

from __future__ import annotations

from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.commands.diagnose import Candidate
from graftwork.cli.options import GuidelinesFile, Json, Quiet, RunFolder

NAME = "advise"


def run(
    run: RunFolder,
    guidelines: GuidelinesFile = None,
    candidate: Candidate = None,
    most: Annotated[int, typer.Option(min=1, help="Most pieces of advice to print.")] = 10,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what to change next in a model, by guidelines.

    Example: graftwork advise run
    """
    from graftwork.cli._tables import advice_payload, print_advice
    from graftwork.cli._work import guidelines_for, subject_of
    from graftwork.guidelines import advise

    voice = Voice(as_json, quiet)
    learnt = guidelines_for(guidelines)
    subject = subject_of(run, candidate)
    advice = advise(subject.architecture, subject.diagnosis, subject.scores, learnt)[:most]
    print_advice(voice, advice)
    voice.value([advice_payload(piece) for piece in advice])
