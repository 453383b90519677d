"""Where the parameters of a child come from: values that can be read before they are carried out."""

from graftwork.variation.origins._base import Origin, Weights
from graftwork.variation.origins.combined import Blocks, Composed, Scaled
from graftwork.variation.origins.shares import Divided, Shared
from graftwork.variation.origins.units import MostSalient, Picked, Salience
from graftwork.variation.origins.whole import Fresh, Grafted, Identity, Kept, Ones, Zeros

__all__ = [
    "Blocks",
    "Composed",
    "Divided",
    "Fresh",
    "Grafted",
    "Identity",
    "Kept",
    "MostSalient",
    "Ones",
    "Origin",
    "Picked",
    "Salience",
    "Scaled",
    "Shared",
    "Weights",
    "Zeros",
]
