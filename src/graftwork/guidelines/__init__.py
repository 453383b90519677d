"""Guidelines: deduce them from studies, express them, advise by them."""

from graftwork.guidelines.advice import Advice, advise
from graftwork.guidelines.bundled import bundled_guidelines
from graftwork.guidelines.deduction import deduce
from graftwork.guidelines.guideline import Condition, Evidence, Guideline, expectation
from graftwork.guidelines.guidelines import Guidelines

__all__ = [
    "Advice",
    "Condition",
    "Evidence",
    "Guideline",
    "Guidelines",
    "advise",
    "bundled_guidelines",
    "deduce",
    "expectation",
]
