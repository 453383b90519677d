"""Policies by name."""

from __future__ import annotations

from graftwork.guidelines import Guidelines, bundled_guidelines
from graftwork.plugins import unknown
from graftwork.search.policies._base import Policy
from graftwork.search.policies.guided import GuidedPolicy
from graftwork.search.policies.random import RandomPolicy
from graftwork.search.policies.relevance import RelevancePolicy

POLICIES = (RandomPolicy.name, RelevancePolicy.name, GuidedPolicy.name)


def make_policy(name: str, guidelines: Guidelines | None = None) -> Policy:
    """The policy of a name; `guided` is guided by the bundled guidelines unless others are given.

    Raises:
        InputError: There is no such policy.
    """
    if name == RandomPolicy.name:
        return RandomPolicy()
    if name == RelevancePolicy.name:
        return RelevancePolicy()
    if name != GuidedPolicy.name:
        raise unknown(name, POLICIES, "policy", "policies")
    return GuidedPolicy(guidelines or bundled_guidelines())
