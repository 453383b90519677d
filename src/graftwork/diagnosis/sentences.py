"""What a diagnosis found, in plain English: one sentence a finding."""

from __future__ import annotations

from collections.abc import Iterator

from graftwork.diagnosis._diagnosis import Diagnosis, Finding, is_connection

NEED = ("relevance_permutation", "relevance_mean", "relevance_weights")
_WITHOUT = {
    "relevance_mean": "held at its mean",
    "relevance_permutation": "with another row's activations",
    "relevance_weights": "with random weights",
}
_REMOVED = ("relevance_mean", "relevance_permutation", "relevance_weights")
_SURE, _NAMED_FROM, _IDLE_BELOW = 1.96, 0.02, 0.01
_DEAD, _ONE_DIRECTION, _SHARE = 0.5, 1.5, 0.5
_GAP, _MOST_CONFLICTS, _OPPOSED = 0.1, 6, -0.2


def sentences(diagnosis: Diagnosis) -> tuple[str, ...]:
    """The findings that are worth telling, those of need first.

    What removing costs "at most" is the upper end of the 95 % interval of what the output that loses most
    loses while the rest of the model stays as it is: training what is left wins some of it back.

    Example:
        >>> from graftwork.diagnosis import Finding
        >>> found = [Finding("n1", "size", "relevance_permutation", 0.4, 0.01)]
        >>> sentences(Diagnosis(tuple(found)))
        ("size needs n1 most: with another row's activations it would lose 0.400 ± 0.010 skill.",)
    """
    return (
        *_most_needed(diagnosis),
        *_idle(diagnosis),
        *_in_the_way(diagnosis),
        *_redundant(diagnosis),
        *_conflicts(diagnosis),
        *_units(diagnosis),
        *_gaps(diagnosis),
    )


def need_metric(diagnosis: Diagnosis) -> str | None:
    """The metric by which need is told: the first measured of those that planted truth speaks for."""
    return next((name for name in NEED if name in diagnosis.metrics), None)


def cost_at_most(diagnosis: Diagnosis, component: str) -> float | None:
    """Skill that no output loses more than, by the 95 % interval, if the component hands on nothing of a row.

    None where it was not measured.
    """
    metric = next((name for name in _REMOVED if name in diagnosis.metrics), None)
    found = [f for f in diagnosis.findings if f.component == component and f.metric == metric]
    return max((_at_most(f) for f in found), default=None)


def _at_most(finding: Finding) -> float:
    return max(finding.value + _SURE * finding.error, 0.0)


def _told(diagnosis: Diagnosis) -> str | None:
    """`need_metric`; none where it tells nothing, as of one row, which has no other's activations."""
    metric = need_metric(diagnosis)
    told = metric and any(f.value or f.error for f in _of_networks(diagnosis, metric))
    return metric if told else None


def _most_needed(diagnosis: Diagnosis) -> Iterator[str]:
    metric = _told(diagnosis)
    if metric is None:
        return
    best: dict[str, Finding] = {}
    found = _of_networks(diagnosis, metric)
    for f in found:
        output = str(f.output)
        if output not in best or f.value > best[output].value:
            best[output] = f
    for output, f in best.items():
        if f.value > max(_NAMED_FROM, _SURE * f.error):
            yield (
                f"{output} needs {f.component} most: {_WITHOUT[metric]} it would lose "
                f"{f.value:.3f} ± {f.error:.3f} skill."
            )
        else:
            most = max(_at_most(each) for each in found if each.output == f.output)
            yield f"No network is known to be needed by {output}: it would lose at most {most:.3f} skill."


def _idle(diagnosis: Diagnosis) -> Iterator[str]:
    metric = _told(diagnosis)
    if metric is None:
        return
    for component in dict.fromkeys(f.component for f in _of_networks(diagnosis, metric)):
        most = cost_at_most(diagnosis, component)
        if most is not None and most < _IDLE_BELOW:
            yield f"No output needs {component}: removing it would cost at most {most:.3f} skill."


def _in_the_way(diagnosis: Diagnosis) -> Iterator[str]:
    for f in _of_networks(diagnosis, "relevance_mean"):
        if f.value < -max(_IDLE_BELOW, _SURE * f.error):
            yield (
                f"{f.component} is in the way of {f.output}: held at its mean, {f.output} would gain "
                f"{-f.value:.3f} ± {f.error:.3f} skill."
            )


def _redundant(diagnosis: Diagnosis) -> Iterator[str]:
    for f, other in diagnosis.redundant_pairs():
        costs = [(cost_at_most(diagnosis, name), name) for name in (f.component, other)]
        known = [(cost, name) for cost, name in costs if cost is not None]
        cost, less = min(known, default=(None, f.component))
        more = other if less == f.component else f.component
        told = "" if cost is None else f"; removing it would cost at most {cost:.3f} skill"
        yield f"{less} holds what {more} holds, CKA {f.value:.2f}{told}."


def _conflicts(diagnosis: Diagnosis) -> Iterator[str]:
    found = [each for each in diagnosis.conflicts() if each[0].value < _OPPOSED]
    found = [each for each in found if not is_connection(each[0].component)]
    for f, first, second in found[:_MOST_CONFLICTS]:
        yield (
            f"{first} and {second} pull {f.component} apart: the cosine of their gradients is "
            f"{f.value:.2f} ± {f.error:.2f}."
        )
    if len(found) > _MOST_CONFLICTS:
        yield f"So do {len(found) - _MOST_CONFLICTS} more pairs of outputs elsewhere, less strongly."


def _units(diagnosis: Diagnosis) -> Iterator[str]:
    for f in _of_networks(diagnosis, "dead_units"):
        if f.value >= 1.0:
            yield f"{f.component} is dead: none of its units ever varies."
        elif f.value >= _DEAD:
            yield f"{100 * f.value:.0f} % of the units of {f.component} never vary."
    for f in _of_networks(diagnosis, "effective_rank"):
        share = diagnosis.value(f.component, "rank_share")
        if 0 < f.value < _ONE_DIRECTION and share < _SHARE:
            yield (
                f"{f.component} is a bottleneck: what it hands on varies in hardly more than one direction "
                f"(effective rank {f.value:.1f}, {100 * share:.0f} % of what its units allow)."
            )


def _gaps(diagnosis: Diagnosis) -> Iterator[str]:
    for f in diagnosis.findings:
        if f.metric == "generalisation_gap" and f.value > max(_GAP, _SURE * f.error):
            yield (
                f"{f.output} is overfitted: its skill on training rows is {f.value:.2f} ± {f.error:.2f} "
                "above that on the rows read."
            )


def _of_networks(diagnosis: Diagnosis, metric: str) -> list[Finding]:
    return [f for f in diagnosis.findings if f.metric == metric and not is_connection(f.component)]
