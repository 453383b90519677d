"""Policies in a table, and what that shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from graftwork.report._format import NONE, counted, listed, number, p_value, signed
from graftwork.report._markup import paragraph, table
from graftwork.report.section import Section
from graftwork.search import Comparison, PolicySummary

_LEVEL = 0.05
# From this many pairs on the test draws its flips at random, and its least p is no longer 2 / 2^pairs.
_EXACT_BELOW = 15
_COLUMNS = (
    "policy",
    "hypervolume at the end",
    "difference to random",
    "95 % interval",
    "seeds won",
    "evaluations to reach random's end",
    "p",
)


def comparison_section(comparison: Comparison) -> Section:
    """Policies at equal budget, held against `random` seed by seed."""
    summaries = comparison.summaries
    seeds = max((len(summary.hypervolumes) for summary in summaries), default=0)
    held = [summary for summary in summaries if summary.p is not None]
    shared = f"{counted(seeds, 'paired seed')}, {_evaluations(summaries)} a run"
    html = table(f"Policies at equal budget: {shared}", _COLUMNS, [_row(summary) for summary in summaries])
    html += paragraph(_reading(held, seeds))
    return Section("Policies compared", html, _verdict(held, seeds))


def _evaluations(summaries: Sequence[PolicySummary]) -> str:
    each = {round(s.evaluations / len(s.hypervolumes)) for s in summaries if s.hypervolumes}
    least, most = min(each, default=0), max(each, default=0)
    return counted(most, "evaluation") if least == most else f"{least:,} to {most:,} evaluations"


def _row(summary: PolicySummary) -> list[str]:
    start = [summary.policy, number(summary.mean)]
    if summary.difference is None or summary.p is None or summary.evaluations_to_baseline is None:
        return [*start, *[NONE] * 5]
    mean, low, high = summary.difference
    share = summary.evaluations_to_baseline
    return [
        *start,
        signed(mean),
        f"{signed(low)} to {signed(high)}",
        f"{summary.wins} of {len(summary.hypervolumes)}",
        f"{100 * share:.0f} %" if math.isfinite(share) else "not reached",
        p_value(summary.p),
    ]


def _verdict(held: Sequence[PolicySummary], seeds: int) -> str:
    """What is shown, in one sentence: no more than the test can carry."""
    if not held:
        return "There is no policy to hold against random."
    least = least_p(seeds)
    if least >= _LEVEL / len(held):
        return (
            f"Nothing is shown about which policy is better: with {counted(seeds, 'seed')} the test "
            f"cannot give a p below {least:.2g}, however large the differences are."
        )
    shown = [summary for summary in held if summary.p is not None and summary.p < _LEVEL / len(held)]
    if not shown:
        return "No policy is shown to differ from random: differences this large arise by chance alone."
    return " ".join(_shown(summary) for summary in shown)


def _shown(summary: PolicySummary) -> str:
    assert summary.difference is not None
    assert summary.p is not None
    mean, low, high = summary.difference
    word = "better" if mean > 0 else "worse"
    return (
        f"The policy {summary.policy} is shown to be {word} than random: its hypervolume differs by "
        f"{signed(mean)} (95 % interval {signed(low)} to {signed(high)}, p {_is(summary.p)})."
    )


def _reading(held: Sequence[PolicySummary], seeds: int) -> str:
    if not held:
        return "Each figure is a mean over seeds."
    ahead = [s.policy for s in held if s.difference is not None and s.difference[0] > 0]
    leading = f"On average over these seeds {listed(ahead)} ended above random. " if ahead else ""
    tests = "" if len(held) == 1 else f" (0.05 over {len(held)} tests)"
    few = " With fewer than about ten seeds such an interval is as a rule too narrow." if seeds < 10 else ""
    return (
        f"{leading}Differences are between runs of the same seed, which begin with the same random "
        f"architectures. The interval is bootstrapped over seeds.{few} A difference counts as shown when p, "
        f"of a sign-flip permutation test, is below {_LEVEL / len(held):.2g}{tests}."
    )


def least_p(seeds: int) -> float:
    """The least p that the sign-flip test can give.

    Example:
        >>> least_p(3), least_p(6)
        (0.25, 0.03125)
    """
    return 2.0 ** (1 - seeds) if seeds < _EXACT_BELOW else 0.0


def _is(p: float) -> str:
    return p_value(p) if p < 0.001 else f"= {p_value(p)}"
