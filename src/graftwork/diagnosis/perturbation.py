"""What the outputs lose when one component is disturbed; shared by the metrics of relevance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._statistics import Array, mean_and_error, row_blocks
from graftwork.diagnosis.subject import Subject

Answered = Iterator[tuple[str, dict[str, Tensor]]]
Disturbed = Callable[[Subject, Sequence[str], int, Sequence[slice]], Answered]
Growth = dict[str, dict[str, list[float]]]
_SAME = 0.01
_SURE = 2.0
_LEAST_ROWS, _MOST_ROWS = 8, 120


@torch.no_grad()
def relevance(
    subject: Subject, metric: str, disturbed: Disturbed, components: Sequence[str]
) -> list[Finding]:
    """Growth of each output's loss when a component is disturbed, in units of skill.

    A growth of 1 is that from a perfect answer to one that knows nothing. What lies upstream of the
    component, or beside it, is computed once. Every component is disturbed `repeats` times. Neighbours in the
    order for an output cannot be told apart while they differ by less than twice the error of their
    difference, repeat by repeat; they are disturbed again as often, until they can, or that doubt is below
    0.01, or there are `most_repeats` of them.

    Where repeats are spread, each reads 8 rows or more of its own, of the first 120; later ones read others
    while there are, and are as many at once as these rows hold.

    Args:
        subject: What is diagnosed.
        metric: Name that the findings get.
        disturbed: Answers, for a subject, components, the number of the first repeat and the rows of each
            repeat, with each component and the answers of the outputs that it reaches, on all rows.
        components: Those to measure.
    """
    scales = {output: scale or 1.0 for output, scale in subject.scales.items()}
    growth: Growth = {name: {output: [] for output in subject.reached(name)} for name in components}
    plan, chosen = subject.plan, set(components)
    for repeats, part in _rounds(subject):
        names = [name for name in components if name in chosen and growth[name]]
        found = _spread if plan.spread else _one_by_one
        for name, output, values in found(part, names, disturbed, repeats):
            growth[name][output] += [value / scales[output] for value in values]
        chosen = _too_close(growth, chosen) if repeats.stop < plan.most_repeats else set()
        if not chosen:
            break
    return [finding for name in components for finding in _findings(subject, name, metric, growth[name])]


def _rounds(subject: Subject) -> Iterator[tuple[range, Subject]]:
    """Repeats that are made at once, and the rows that they read."""
    plan, done = subject.plan, 0
    rounds = -(-plan.most_repeats // plan.repeats)
    read = min(subject.rows, _MOST_ROWS)
    slices = row_blocks(read, rounds, _LEAST_ROWS * plan.repeats) if plan.spread else []
    first, whole = 0, slice(0, subject.rows)
    while done < plan.most_repeats:
        # First a few, to see which components are in doubt; then all that the other rows hold.
        count = 1 if not done or not slices else min(len(slices) - first, rounds - done // plan.repeats)
        repeats = range(done, min(done + count * plan.repeats, plan.most_repeats))
        rows = slice(slices[first].start, slices[first + count - 1].stop) if slices else whole
        yield repeats, subject if rows == whole else subject.part(rows)
        done, first = repeats.stop, (first + count) % max(len(slices), 1)


def _one_by_one(
    subject: Subject, components: Sequence[str], disturbed: Disturbed, repeats: range
) -> Iterator[tuple[str, str, list[float]]]:
    """Growth of the loss by component and output, one repeat after the other on all rows."""
    before = subject.clean_means
    for name in components:
        for repeat in repeats:
            for _, answers in disturbed(subject, [name], repeat, [slice(0, subject.rows)]):
                for output, loss in subject.losses(answers).items():
                    yield name, output, [loss - before[output]]


def _spread(
    subject: Subject, components: Sequence[str], disturbed: Disturbed, repeats: range
) -> Iterator[tuple[str, str, list[float]]]:
    """Growth of the loss by component and output, each repeat on rows of its own."""
    blocks = row_blocks(subject.rows, len(repeats), _LEAST_ROWS)
    present = {output: _sums(subject.asked(output).present, blocks) for output in subject.outputs}
    for name, answers in disturbed(subject, components, repeats.start, blocks):
        for output, after in subject.all_losses(answers).items():
            grown, count = _sums(after - subject.clean_losses[output], blocks), present[output]
            yield name, output, (grown[count > 0] / count[count > 0]).tolist()


def _sums(values: Tensor, blocks: Sequence[slice]) -> Array:
    """Of the rows of each block."""
    numbers = values.double().cpu().numpy()
    return np.asarray(np.add.reduceat(numbers, [block.start for block in blocks]))


def _too_close(growth: Growth, candidates: set[str]) -> set[str]:
    """Of components that were disturbed in every round so far, those that cannot be told from a neighbour."""
    close: set[str] = set()
    for output in dict.fromkeys(output for by_output in growth.values() for output in by_output):
        known = {name: of[output] for name, of in growth.items() if of.get(output)}
        for a, b in pairwise(sorted(known, key=lambda name: mean_and_error(known[name]))):
            # A repeat reads the same rows whatever it disturbs: what they have in common is not in doubt.
            apart, error = mean_and_error([y - x for x, y in zip(known[a], known[b], strict=False)])
            if max(apart, _SAME) < _SURE * error:
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
