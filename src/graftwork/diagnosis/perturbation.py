"""What the outputs lose when one component is disturbed; shared by the metrics of relevance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._statistics import mean_and_error, row_blocks
from graftwork.diagnosis.subject import Subject

Disturbed = Callable[[Subject, str, int, Sequence[slice]], dict[str, Tensor]]
_SAME = 0.005
_SURE = 2.0
_LEAST_ROWS = 20


@torch.no_grad()
def relevance(
    subject: Subject, metric: str, disturbed: Disturbed, components: Sequence[str]
) -> list[Finding]:
    """Growth of each output's loss when a component is disturbed, in units of skill.

    A growth of 1 is that from a perfect answer to one that knows nothing. What lies upstream of the
    component, or beside it, is computed once. Every component is disturbed `repeats` times. Neighbours in the
    order for an output cannot be told apart while they differ by less than twice the error of their
    difference; they are disturbed again as often, until they can, or that doubt is below 0.005, or there
    are `most_repeats` of them.

    Where repeats are spread, each reads 20 rows or more of its own; later ones read others while there are.

    Args:
        subject: What is diagnosed.
        metric: Name that the findings get.
        disturbed: Answers, for a subject, a component, the number of the first repeat and the rows of each
            repeat, with the answers of the outputs that the component reaches, on all rows.
        components: Those to measure.
    """
    growth: dict[str, dict[str, list[float]]] = {
        name: {output: [] for output in subject.reached(name)} for name in components
    }
    plan, chosen, done = subject.plan, set(components), 0
    parts = _parts(subject) if plan.spread else [subject]
    while chosen and done < plan.most_repeats:
        repeats = range(done, min(done + plan.repeats, plan.most_repeats))
        part = parts[done // plan.repeats % len(parts)]
        for name in (name for name in components if name in chosen and growth[name]):
            found = _spread if plan.spread else _one_by_one
            for output, values in found(part, name, disturbed, repeats):
                growth[name][output] += [value / (subject.scales[output] or 1.0) for value in values]
        done = repeats.stop
        chosen = _too_close(growth, chosen) if done < plan.most_repeats else set()
    return [finding for name in components for finding in _findings(subject, name, metric, growth[name])]


def _parts(subject: Subject) -> list[Subject]:
    """The rows in as many parts as there may be rounds of repeats."""
    rounds = -(-subject.plan.most_repeats // subject.plan.repeats)
    slices = row_blocks(subject.rows, rounds, _LEAST_ROWS * subject.plan.repeats)
    return [subject.part(rows) for rows in slices] if len(slices) > 1 else [subject]


def _one_by_one(
    subject: Subject, component: str, disturbed: Disturbed, repeats: range
) -> Iterator[tuple[str, list[float]]]:
    """Growth of the loss by output, one repeat after the other on all rows."""
    before = subject.clean_means
    for repeat in repeats:
        after = subject.losses(disturbed(subject, component, repeat, [slice(0, subject.rows)]))
        for output, loss in after.items():
            yield output, [loss - before[output]]


def _spread(
    subject: Subject, component: str, disturbed: Disturbed, repeats: range
) -> Iterator[tuple[str, list[float]]]:
    """Growth of the loss by output, each repeat on rows of its own."""
    blocks = row_blocks(subject.rows, len(repeats), _LEAST_ROWS)
    answers = disturbed(subject, component, repeats.start, blocks)
    for output, after in subject.all_losses(answers).items():
        present = subject.asked(output).present
        growth = after - subject.clean_losses[output]
        yield (
            output,
            [
                float(growth[block].sum()) / int(present[block].sum())
                for block in blocks
                if bool(present[block].any())
            ],
        )


def _too_close(growth: dict[str, dict[str, list[float]]], candidates: set[str]) -> set[str]:
    """Of components that were disturbed in every round so far, those that cannot be told from a neighbour."""
    close: set[str] = set()
    for output in dict.fromkeys(output for by_output in growth.values() for output in by_output):
        known = {name: mean_and_error(of[output]) for name, of in growth.items() if of.get(output)}
        for a, b in pairwise(sorted(known, key=lambda name: known[name])):
            apart = known[b][0] - known[a][0]
            doubt = _SURE * (known[a][1] ** 2 + known[b][1] ** 2) ** 0.5
            if max(apart, _SAME) < doubt:
                close |= {a, b} & candidates
    return close


def _findings(subject: Subject, component: str, metric: str, growth: dict[str, list[float]]) -> list[Finding]:
    found = [
        Finding(component, output, metric, *(mean_and_error(values) if values else (0.0, 0.0)))
        for output, values in growth.items()
    ]
    return found + [
        Finding(component, output, metric, 0.0) for output in sorted(set(subject.outputs) - growth.keys())
    ]
