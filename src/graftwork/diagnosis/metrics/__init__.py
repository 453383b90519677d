"""The metrics of components, one file each."""

from graftwork.diagnosis.metrics.permutation import RelevanceByPermutation
from graftwork.diagnosis.metrics.randomised_weights import RelevanceByRandomisedWeights
from graftwork.diagnosis.metrics.structure import Structure

__all__ = ["RelevanceByPermutation", "RelevanceByRandomisedWeights", "Structure"]
