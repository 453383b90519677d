"""Gradients of any module, one fold of rows after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from graftwork.diagnosis._batches import Rows
from graftwork.diagnosis._gradients import GradientBook
from graftwork.diagnosis._module_passes import ModulePasses
from graftwork.diagnosis._reading import Reading
from graftwork.diagnosis._slots import Slot
from graftwork.diagnosis._statistics import row_blocks
from graftwork.diagnosis._tracing import Traced, Tracer
from graftwork.diagnosis.subject import Gradients

_FOLDS = 4


def module_gradients(
    passes: ModulePasses,
    rows: Rows,
    outputs: Mapping[str, Reading],
    components: Mapping[str, nn.Module],
    most_rows: int,
) -> Gradients:
    """One pass forward and one backward an output, for each fold."""
    book = GradientBook()
    parameters = {
        name: [p for p in module.parameters() if p.is_floating_point()] for name, module in components.items()
    }
    for fold in row_blocks(min(rows.count, most_rows), _FOLDS, 1):
        tracer = Tracer()
        with torch.enable_grad():
            answers, _ = passes.passed(rows.chosen(fold), tracer)
            book.open_fold(_given(tracer.calls, passes.slots), parameters)
            for name, answer in answers.items():
                whole = outputs[name]
                part = Reading(name, whole.target[fold], whole.loss)
                losses = torch.where(part.present, part.losses(answer), 0.0)
                book.enter(name, losses, int(whole.present[:most_rows].sum()))
    return book.closed()


def _given(
    calls: Sequence[Traced], slots: Mapping[str, Sequence[Slot]]
) -> dict[str, list[tuple[Tensor, int]]]:
    """What every component gives, one tensor and its dimension of rows a slot."""
    by_name: dict[str, list[dict[int, Tensor]]] = {}
    for call in calls:
        by_name.setdefault(call.name, []).append(dict(call.aliases))
    return {
        name: [(by_name[name][slot.call][slot.leaf], slot.dimension) for slot in own]
        for name, own in slots.items()
    }
