"""Policies by name."""

from __future__ import annotations

from difflib import get_close_matches

from graftwork.errors import InputError
from graftwork.guidelines import Guidelines, bundled_guidelines
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
        close = get_close_matches(name, POLICIES, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        raise InputError(f"there is no policy '{name}'; {hint}the policies are {', '.join(POLICIES)}")
    return GuidedPolicy(guidelines or bundled_guidelines())
