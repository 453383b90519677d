"""Whether a file answers as its model does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from graftwork.errors import RunError
from graftwork.export._files import Answer
from graftwork.export._graphs import Graph
from graftwork.export._ports import Rows, feed
from graftwork.model import Given, HeterogeneousModel
from graftwork.problem import Categorical, Classification, Generation, Interface, Output, Regression
from graftwork.problem.tables import Column, Table
from graftwork.runtime import generator, torch_generator

Array = npt.NDArray[Any]
CHECKED_ROWS = 128
_MISSING_SHARE, _STRANGE_SHARE = 0.1, 0.1
_STRANGE = "no category of the training rows"


def differences(
    graph: Graph, answer: Answer, model: HeterogeneousModel, interface: Interface
) -> dict[str, float]:
    """The greatest difference between a file and its model on random rows, many at once and one alone.

    The model is fed by the interface, the file by the ports of its graph: what stands in the graph for
    standardisers and for scikit-learn's transformers is checked too.

    Returns:
        By output: of probabilities as they are, of numbers in units of the scale of the training rows, or of
        the answer where that is larger.

    Raises:
        RunError: The model answers with numbers that are not finite.
    """
    rows = random_rows(interface)
    encoded = _encoded(interface, rows)
    draws = {
        port.name: torch.randn((CHECKED_ROWS, *port.shape), generator=torch_generator(0, port.name, "export"))
        for port in graph.latents
    }
    latent = Given(draws) if draws else None
    names = [port.name for port in graph.outputs]
    with torch.no_grad():
        told = model.run(encoded, latent=latent, outputs=names).outputs
    feeds = {
        port.name: draws[port.name].numpy() if port.name in draws else feed(interface, port.name, rows)
        for port in graph.inputs
    }
    found: dict[str, float] = dict.fromkeys(names, 0.0)
    for picked in (slice(None), slice(0, 1)):
        answers = answer({name: values[picked] for name, values in feeds.items()})
        for name, values in zip(names, answers, strict=True):
            output = interface.outputs[name]
            expected = _in_units(output, told[name][picked])
            found[name] = max(found[name], _difference(name, output, values, expected))
    return found


def random_rows(interface: Interface) -> Rows:
    """Rows much as those of training were: numbers of their means and deviations, each column by itself, with
    gaps and with categories that training rows did not hold."""
    rng = generator(0, 0, "export")
    table = interface.table
    if table is None:
        return {name: _array(node, rng) for name, node in interface.inputs.items()}
    fed = {*table.numbers, *table.categories, *table.embedded}
    left = [name for name in interface.inputs if name not in fed]
    columns: dict[str, Any] = {name: _array(interface.inputs[name], rng) for name in left}
    for name, numbers in table.numbers.items():
        drawn = _array(interface.inputs[name], rng)
        for place, (column, kind) in enumerate(zip(numbers.names, numbers.kinds, strict=True)):
            values = (drawn[:, place] > 0.5) * 1.0 if kind == "boolean" else drawn[:, place].copy()
            values[rng.random(CHECKED_ROWS) < _MISSING_SHARE] = np.nan
            columns[column] = Column(column, kind, values)
    for column, known in _categories(table).items():
        columns[column] = Column(column, "category", _labels([*known, ""], rng))
    return columns


def _categories(table: Table) -> Mapping[str, Sequence[str]]:
    listed = [
        pair for part in table.categories.values() for pair in zip(part.names, part.frequent, strict=True)
    ]
    return dict(listed) | {part.name: part.frequent for part in table.embedded.values()}


def _array(node: Any, rng: np.random.Generator) -> Array:
    if isinstance(node, Categorical):
        known = list(node.categories or ())
        if isinstance(known[0], str):
            return _labels(known, rng)
        return np.array(known)[rng.integers(len(known), size=CHECKED_ROWS)]
    scale = node.standardiser
    drawn: Array = rng.normal(size=(CHECKED_ROWS, node.width)) * scale.deviation * scale.scale + scale.centre
    return drawn.reshape(CHECKED_ROWS, *node.shape)


def _labels(known: Sequence[str], rng: np.random.Generator) -> Array:
    labels = np.array(known, dtype=object)[rng.integers(len(known), size=CHECKED_ROWS)]
    labels[rng.random(CHECKED_ROWS) < _STRANGE_SHARE] = _STRANGE
    return labels


def _encoded(interface: Interface, rows: Rows) -> dict[str, torch.Tensor]:
    table = interface.table
    if table is None:
        return interface.encode_inputs(rows)
    columns = {name: column for name, column in rows.items() if isinstance(column, Column)}
    arrays: dict[str, Any] = {
        name: rows[name] for name in interface.inputs if name not in columns and name in rows
    }
    return interface.encode_inputs(arrays | table.encode(columns))


def _in_units(output: Output, prediction: torch.Tensor) -> Array:
    if isinstance(output, Classification):
        return prediction.double().softmax(dim=1).numpy()
    return output.decode(prediction)


def _difference(name: str, output: Output, found: Array, expected: Array) -> float:
    if not np.isfinite(expected).all():
        raise RunError(f"output {name!r}: the model answers with numbers that are not finite")
    if found.shape != expected.shape:
        raise RunError(
            f"output {name!r}: the exported file answers {found.shape}, the model {expected.shape}"
        )
    if not np.isfinite(found).all():
        return np.inf
    if isinstance(output, Classification):
        return float(np.abs(found - expected).max())
    assert isinstance(output, (Regression, Generation))
    assert output.standardiser is not None
    if isinstance(output, Regression) and output.curve is not None:
        found, expected = output.curve.apply(found), output.curve.apply(expected)
    scale = output.standardiser.scale.reshape(output.standardiser.shape)
    centre = output.standardiser.centre.reshape(output.standardiser.shape)
    size = np.maximum(1.0, np.abs((expected - centre) / scale))
    return float((np.abs(found - expected) / scale / size).max())
