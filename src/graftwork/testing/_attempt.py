"""One application of an operator, as the properties see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graftwork.architecture import SearchSpace
from graftwork.model import HeterogeneousModel, inherit
from graftwork.testing._subject import Subject
from graftwork.variation import Operator, Refusal, Site, Variation


@dataclass(frozen=True)
class Attempt:
    """What an operator is about to be applied to.

    Attributes:
        operator: With its donor, where it takes one.
        sites: All that it lists.
        site: The one that was drawn.
        seed: With which it is applied.
        space: Whose limits hold.
        parent: Model that it is applied to.
        donor: Another model of the same problem.
        earlier: The parent and the models before it, last first, as long as each step preserved the function.
        rng: What the checks draw with.
    """

    operator: Operator
    sites: Sequence[Site]
    site: Site
    seed: int
    space: SearchSpace
    parent: Subject
    donor: Subject
    earlier: Sequence[Subject]
    rng: np.random.Generator

    def apply(self, space: SearchSpace | None = None) -> Variation | Refusal:
        """Apply the operator, in another space where one is given."""
        return self.operator.apply(
            self.parent.architecture, self.site, seed=self.seed, space=space or self.space
        )

    def inherit(self, variation: Variation) -> HeterogeneousModel:
        """The child of a variation."""
        donor = self.donor.model if variation.donor is not None else None
        return inherit(self.parent.model, variation, seed=self.seed, donor=donor)


@dataclass(frozen=True)
class Applied:
    """What came of it."""

    attempt: Attempt
    variation: Variation


@dataclass(frozen=True)
class Inherited:
    """What came of it, with the weights."""

    attempt: Attempt
    variation: Variation
    child: Subject
