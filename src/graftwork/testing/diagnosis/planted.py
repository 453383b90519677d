"""A trained model in which something was planted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem

Question = Literal["needed", "in conflict"]


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A trained model, and which of its networks a metric should tell from which others.

    Attributes:
        model: Trained.
        problem: What it answers.
        parts: Networks that were planted.
        others: Networks that they are told from.
        outputs: Outputs of interest: what a network is to others does not count.
        question: What a metric must speak of to tell them: how needed a network is, the planted ones being
            the least, or how far it is in conflict, the planted ones being the most.
    """

    model: HeterogeneousModel
    problem: Problem
    parts: tuple[str, ...]
    others: tuple[str, ...]
    outputs: tuple[str, ...]
    question: Question = "needed"
