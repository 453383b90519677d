"""The randomised experiment, its records and statistics."""

from graftwork.study._study import Study, load_study, run_study
from graftwork.study.design import StudyDesign
from graftwork.study.effects import Effect, Interval, operator_effects, operators_differ
from graftwork.study.record import Record

__all__ = [
    "Effect",
    "Interval",
    "Record",
    "Study",
    "StudyDesign",
    "load_study",
    "operator_effects",
    "operators_differ",
    "run_study",
]
