"""How good each part of a model is, for each output."""

from graftwork.diagnosis._diagnose import DEFAULT_METRICS, diagnose
from graftwork.diagnosis._diagnosis import ComponentMetric, Diagnosis, Finding, Subject
from graftwork.diagnosis.metrics import RelevanceByPermutation, RelevanceByRandomisedWeights, Structure
from graftwork.diagnosis.site_features import FEATURES, focus, relevance_ranks, site_features

__all__ = [
    "DEFAULT_METRICS",
    "FEATURES",
    "ComponentMetric",
    "Diagnosis",
    "Finding",
    "RelevanceByPermutation",
    "RelevanceByRandomisedWeights",
    "Structure",
    "Subject",
    "diagnose",
    "focus",
    "relevance_ranks",
    "site_features",
]
