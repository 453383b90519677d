"""Graftwork: grow, graft and prune networks of networks, and know why.

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graftwork.architecture import (
        Architecture,
        Connection,
        Network,
        SearchSpace,
        draw_svg,
        random_architecture,
        violations,
    )
    from graftwork.diagnosis import ComponentMetric, Diagnosis, MetricInfo, Target, diagnose
    from graftwork.errors import (
        GraftworkError,
        InputError,
        MissingExtraError,
        NotViableError,
        RunError,
        WorkLostError,
    )
    from graftwork.estimator import GraftworkEstimator
    from graftwork.evaluation import Complexity, complexity, evaluate
    from graftwork.guidelines import Guideline, Guidelines, advise, bundled_guidelines, deduce
    from graftwork.model import HeterogeneousModel, build, inherit, with_weights
    from graftwork.problem import (
        Categorical,
        Classification,
        Generation,
        Problem,
        Regression,
        Score,
        load_problem,
    )
    from graftwork.report import write_report
    from graftwork.runtime import Budget, Limits
    from graftwork.search import Policy, SearchResult, SearchSettings, compare, load_search, search
    from graftwork.study import Record, Study, StudyDesign, load_study, operator_effects, run_study
    from graftwork.training import Trained, TrainingOptions, train
    from graftwork.trial import Trial, run_trial
    from graftwork.variation import OPERATORS, Operator, Refusal, Site, Variation

_HOMES = {
    "architecture": (
        "Architecture",
        "Connection",
        "Network",
        "SearchSpace",
        "draw_svg",
        "random_architecture",
        "violations",
    ),
    "diagnosis": ("ComponentMetric", "Diagnosis", "MetricInfo", "Target", "diagnose"),
    "errors": (
        "GraftworkError",
        "InputError",
        "MissingExtraError",
        "NotViableError",
        "RunError",
        "WorkLostError",
    ),
    "estimator": ("GraftworkEstimator",),
    "evaluation": ("Complexity", "complexity", "evaluate"),
    "guidelines": ("Guideline", "Guidelines", "advise", "bundled_guidelines", "deduce"),
    "model": ("HeterogeneousModel", "build", "inherit", "with_weights"),
    "problem": (
        "Categorical",
        "Classification",
        "Generation",
        "Problem",
        "Regression",
        "Score",
        "load_problem",
    ),
    "report": ("write_report",),
    "runtime": ("Budget", "Limits"),
    "search": ("Policy", "SearchResult", "SearchSettings", "compare", "load_search", "search"),
    "study": ("Record", "Study", "StudyDesign", "load_study", "operator_effects", "run_study"),
    "training": ("Trained", "TrainingOptions", "train"),
    "trial": ("Trial", "run_trial"),
    "variation": ("OPERATORS", "Operator", "Refusal", "Site", "Variation"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "OPERATORS",
    "Architecture",
    "Budget",
    "Categorical",
    "Classification",
    "Complexity",
    "ComponentMetric",
    "Connection",
    "Diagnosis",
    "Generation",
    "GraftworkError",
    "GraftworkEstimator",
    "Guideline",
    "Guidelines",
    "HeterogeneousModel",
    "InputError",
    "Limits",
    "MetricInfo",
    "MissingExtraError",
    "Network",
    "NotViableError",
    "Operator",
    "Policy",
    "Problem",
    "Record",
    "Refusal",
    "Regression",
    "RunError",
    "Score",
    "SearchResult",
    "SearchSettings",
    "SearchSpace",
    "Site",
    "Study",
    "StudyDesign",
    "Target",
    "Trained",
    "TrainingOptions",
    "Trial",
    "Variation",
    "WorkLostError",
    "__version__",
    "advise",
    "build",
    "bundled_guidelines",
    "compare",
    "complexity",
    "deduce",
    "diagnose",
    "draw_svg",
    "evaluate",
    "inherit",
    "load_problem",
    "load_search",
    "load_study",
    "operator_effects",
    "random_architecture",
    "run_study",
    "run_trial",
    "search",
    "train",
    "violations",
    "with_weights",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'graftwork' has no attribute '{name}'")
    value = getattr(import_module(f"graftwork.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
