"""How good each part of a model is, for each output."""

from graftwork.diagnosis._diagnose import diagnose, subject_of
from graftwork.diagnosis._diagnosis import WHOLE, Diagnosis, Finding, connection_name, is_connection
from graftwork.diagnosis._graph_subject import GraphSubject
from graftwork.diagnosis._metric import ComponentMetric, MetricInfo
from graftwork.diagnosis._module_subject import ModuleSubject
from graftwork.diagnosis.metrics import (
    Activity,
    CaptumAttributions,
    Cost,
    EffectiveRank,
    Fisher,
    GradientConflict,
    Information,
    Probe,
    Redundancy,
    RelevanceByMeanAblation,
    RelevanceByPermutation,
    RelevanceByRandomisedWeights,
    Structure,
    Taylor,
    WholeModel,
)
from graftwork.diagnosis.registry import ALL_METRICS, DEFAULT_METRICS, METRICS, MetricRegistry
from graftwork.diagnosis.sentences import cost_at_most, need_metric, sentences
from graftwork.diagnosis.site_features import FEATURES, focus, relevance_ranks, site_features
from graftwork.diagnosis.subject import Asked, Gradients, Place, Plan, Subject
from graftwork.diagnosis.target import Target

__all__ = [
    "ALL_METRICS",
    "DEFAULT_METRICS",
    "FEATURES",
    "METRICS",
    "WHOLE",
    "Activity",
    "Asked",
    "CaptumAttributions",
    "ComponentMetric",
    "Cost",
    "Diagnosis",
    "EffectiveRank",
    "Finding",
    "Fisher",
    "GradientConflict",
    "Gradients",
    "GraphSubject",
    "Information",
    "MetricInfo",
    "MetricRegistry",
    "ModuleSubject",
    "Place",
    "Plan",
    "Probe",
    "Redundancy",
    "RelevanceByMeanAblation",
    "RelevanceByPermutation",
    "RelevanceByRandomisedWeights",
    "Structure",
    "Subject",
    "Target",
    "Taylor",
    "WholeModel",
    "connection_name",
    "cost_at_most",
    "diagnose",
    "focus",
    "is_connection",
    "need_metric",
    "relevance_ranks",
    "sentences",
    "site_features",
    "subject_of",
]
