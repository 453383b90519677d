"""Operator and site at random."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from graftwork.search.policies._base import Choice, Situation, uniform_choice


class RandomPolicy:
    """An operator uniformly, then one of its sites uniformly: the baseline that the paper argues against."""

    name: ClassVar[str] = "random"
    needs_diagnosis: ClassVar[bool] = False

    def choose(self, situation: Situation, rng: np.random.Generator) -> Choice:
        """An operator and a site."""
        return uniform_choice(situation.options(), rng)
