"""Policies: which operator is applied where, one file each."""

from graftwork.search.policies._base import Choice, Policy, Situation
from graftwork.search.policies.guided import GuidedPolicy
from graftwork.search.policies.make import POLICIES, make_policy
from graftwork.search.policies.random import RandomPolicy
from graftwork.search.policies.relevance import RelevancePolicy

__all__ = [
    "POLICIES",
    "Choice",
    "GuidedPolicy",
    "Policy",
    "RandomPolicy",
    "RelevancePolicy",
    "Situation",
    "make_policy",
]
