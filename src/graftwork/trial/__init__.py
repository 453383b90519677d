"""One candidate from parent to scores; `study` and `search` share it."""

from graftwork.trial._run import result_of, run_trial
from graftwork.trial._trial import Application, Outcome, Parent, Result, Trial
from graftwork.trial.payload import from_payload, to_payload

__all__ = [
    "Application",
    "Outcome",
    "Parent",
    "Result",
    "Trial",
    "from_payload",
    "result_of",
    "run_trial",
    "to_payload",
]
