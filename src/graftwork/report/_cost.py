"""What a run cost, in words: candidates, records, training steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graftwork.report._format import counted

if TYPE_CHECKING:
    from graftwork.search import Comparison, SearchResult
    from graftwork.study import Study


def budget_text(budget: Mapping[str, Any]) -> str:
    """A budget as it is kept in a spec, in words.

    Example:
        >>> budget_text({"steps": None, "seconds": 1.5, "evaluations": 46})
        '1.5 seconds, 46 evaluations'
    """
    return ", ".join(f"{limit:,} {name}" for name, limit in budget.items() if limit is not None)


def cost_of_study(study: Study) -> str:
    """Of a study."""
    design = study.design
    return (
        f"{counted(len(study.records), 'record')} of {counted(study.parents, 'parent')}; up to "
        f"{design['parent_steps']:,} training steps a parent, {design['trial_steps']:,} a trial"
    )


def cost_of_comparison(comparison: Comparison) -> str:
    """Of a comparison."""
    summaries = comparison.summaries
    return (
        f"{counted(len(summaries), 'policy', 'policies')} on "
        f"{counted(len(comparison.spec['seeds']), 'seed')}; "
        f"{sum(s.evaluations for s in summaries):,} candidates, "
        f"{sum(s.steps for s in summaries):,} training steps"
    )


def cost_of_search(result: SearchResult) -> str:
    """Of a search."""
    steps = result.history[-1].steps if result.history else 0
    return (
        f"{counted(len(result.candidates), 'candidate')}, {steps:,} training steps; "
        f"{result.best.steps:,} more for the best model"
    )
