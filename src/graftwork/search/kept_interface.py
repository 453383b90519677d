"""What a run keeps of its problem, so that its models answer where the data are not."""

from __future__ import annotations

import logging

from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.model import HeterogeneousModel, needed_inputs
from graftwork.problem import Interface, Problem
from graftwork.store import Store

KEY = "interface"
_LOGGER = logging.getLogger(__name__)


def keep_interface(store: Store, problem: Problem, model: HeterogeneousModel) -> None:
    """Write down all that was fitted, once, and the training rows of which a model samples its conditions.

    A problem that no document can hold, for instance with an output of a kind of the user's own, is not kept.
    """
    if store.get(KEY) is not None:
        return
    try:
        text = problem.interface.to_json()
    except InputError as error:
        _LOGGER.warning("what was fitted is not kept in the run: %s", error)
        return
    generated = [name for name, output in problem.outputs.items() if output.kind == "generation"]
    read = needed_inputs(model.architecture, generated, posterior=False)
    conditions = problem.conditions if read else {}
    rows = {name: conditions[name] for name in read}
    store.add(KEY, {"document": text}, weights=rows or None)


def kept_interface(store: Store) -> Interface | None:
    """What a run keeps of its problem; None where it keeps nothing, as runs of earlier versions do.

    Raises:
        InputError: It is damaged.
    """
    entry = store.get(KEY)
    if entry is None:
        return None
    text = entry.payload.get("document")
    if not isinstance(text, str):
        raise InputError(f"entry {KEY!r} is damaged: expected a document, came {short(text)}")
    rows = store.load_weights(entry.weights) if entry.weights else {}
    try:
        return Interface.from_json(text, rows)
    except InputError as error:
        raise InputError(f"entry {KEY!r} is damaged: {error}") from None
