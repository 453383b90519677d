"""The metrics of components, one file each."""

from graftwork.diagnosis.metrics.activity import Activity
from graftwork.diagnosis.metrics.attributions import CaptumAttributions
from graftwork.diagnosis.metrics.cost import Cost
from graftwork.diagnosis.metrics.effective_rank import EffectiveRank
from graftwork.diagnosis.metrics.gradient_conflict import GradientConflict
from graftwork.diagnosis.metrics.information import Information
from graftwork.diagnosis.metrics.mean_ablation import RelevanceByMeanAblation
from graftwork.diagnosis.metrics.permutation import RelevanceByPermutation
from graftwork.diagnosis.metrics.probe import Probe
from graftwork.diagnosis.metrics.randomised_weights import RelevanceByRandomisedWeights
from graftwork.diagnosis.metrics.redundancy import Redundancy
from graftwork.diagnosis.metrics.saliency import Fisher, Taylor
from graftwork.diagnosis.metrics.structure import Structure
from graftwork.diagnosis.metrics.whole_model import WholeModel

__all__ = [
    "Activity",
    "CaptumAttributions",
    "Cost",
    "EffectiveRank",
    "Fisher",
    "GradientConflict",
    "Information",
    "Probe",
    "Redundancy",
    "RelevanceByMeanAblation",
    "RelevanceByPermutation",
    "RelevanceByRandomisedWeights",
    "Structure",
    "Taylor",
    "WholeModel",
]
