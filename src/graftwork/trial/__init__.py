"""One candidate from parent to scores; `study` and `search` share it."""

from graftwork.trial._run import COMPUTING_ERRORS, not_begun, result_of, run_trial
from graftwork.trial._trial import Application, Outcome, Parent, Result, Trial
from graftwork.trial.payload import (
    application_of,
    evaluations,
    outcome_details,
    outcome_of,
    scores,
    with_application,
)

__all__ = [
    "COMPUTING_ERRORS",
    "Application",
    "Outcome",
    "Parent",
    "Result",
    "Trial",
    "application_of",
    "evaluations",
    "not_begun",
    "outcome_details",
    "outcome_of",
    "result_of",
    "run_trial",
    "scores",
    "with_application",
]
