"""Search: archive, algorithms, policies, ask and tell.

The package can be called: `graftwork.search(problem, ...)` is `graftwork.search.search(problem, ...)`,
whichever of the two was imported first.
"""

import sys
from types import ModuleType
from typing import Any

from graftwork.search._predictions import predicted, predictions
from graftwork.search._samples import samples
from graftwork.search._search import SearchResult, load_search, search
from graftwork.search.algorithms import ALGORITHMS, Algorithm
from graftwork.search.answered import answered_interface, answered_problem, members
from graftwork.search.archive import Archive, Candidate, hypervolume, objectives
from graftwork.search.baselines import LEVEL, RIVALS, Baseline, Rival, rival_title, skill_gaps
from graftwork.search.best import Best
from graftwork.search.compare import (
    Comparison,
    PolicyRun,
    PolicySummary,
    compare,
    comparison_to_payload,
    load_comparison,
)
from graftwork.search.policies import (
    POLICIES,
    Choice,
    GuidedPolicy,
    Policy,
    RandomPolicy,
    RelevancePolicy,
    Situation,
    make_policy,
)
from graftwork.search.searcher import Proposal, Searcher
from graftwork.search.settings import SearchSettings
from graftwork.store import Milestone

__all__ = [
    "ALGORITHMS",
    "LEVEL",
    "POLICIES",
    "RIVALS",
    "Algorithm",
    "Archive",
    "Baseline",
    "Best",
    "Candidate",
    "Choice",
    "Comparison",
    "GuidedPolicy",
    "Milestone",
    "Policy",
    "PolicyRun",
    "PolicySummary",
    "Proposal",
    "RandomPolicy",
    "RelevancePolicy",
    "Rival",
    "SearchResult",
    "SearchSettings",
    "Searcher",
    "Situation",
    "answered_interface",
    "answered_problem",
    "compare",
    "comparison_to_payload",
    "hypervolume",
    "load_comparison",
    "load_search",
    "make_policy",
    "members",
    "objectives",
    "predicted",
    "predictions",
    "rival_title",
    "samples",
    "search",
    "skill_gaps",
]


class _CallablePackage(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> SearchResult:
        return search(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage
