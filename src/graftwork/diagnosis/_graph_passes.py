"""Passes of a model of Graftwork, clean and with one component disturbed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from typing import Self

import torch
from torch import Tensor

from graftwork.model import Activations, HeterogeneousModel
from graftwork.model.networks import Entry, weight_of


class Passes(ABC):
    """Passes over some rows.

    Attributes:
        clean: All activations as the model is.
    """

    clean: Activations

    @abstractmethod
    def part(self, rows: slice) -> Self:
        """The same over some of the rows; what is clean is taken over."""

    @abstractmethod
    def behind(self, network: str, raw: Tensor) -> dict[str, Tensor]:
        """Answers of the outputs that a network reaches when its units are these, (rows, width)."""

    @abstractmethod
    def given(self, network: str, source: str, handed: Tensor) -> Tensor:
        """Units of a network, (rows, width), when one of its sources hands it this, and only it."""


class WholePasses(Passes):
    """Every network downstream is computed as the model computes it, to the bit."""

    def __init__(
        self, model: HeterogeneousModel, inputs: Mapping[str, Tensor], clean: Activations | None = None
    ) -> None:
        self._model, self._inputs = model, inputs
        with torch.no_grad():
            self.clean = model.run(inputs) if clean is None else clean

    def part(self, rows: slice) -> Self:
        """The same over some of the rows; what is clean is taken over."""
        inputs = {name: values[rows] for name, values in self._inputs.items()}
        return type(self)(self._model, inputs, _some(self.clean, rows))

    def behind(self, network: str, raw: Tensor) -> dict[str, Tensor]:
        """Answers of the outputs that a network reaches when its units are these, (rows, width)."""
        touched = self._model.architecture.downstream(frozenset({network}))
        known = {name: values for name, values in self.clean.raw.items() if name not in touched}
        outputs = touched & self._model.architecture.output_names
        return self._model.run(self._inputs, outputs=outputs, known={**known, network: raw}).outputs

    def given(self, network: str, source: str, handed: Tensor) -> Tensor:
        """Units of a network, (rows, width), when one of its sources hands it this, and only it."""
        return self._model.network_raw(network, {**self.clean.handed, source: handed})


class EntryPasses(Passes):
    """What networks downstream read of others than the disturbed one is not multiplied with weights again.

    Of every network it is kept what its first layer came to, to which a disturbance adds its part. Answers
    are those of whole passes but for rounding.
    """

    def __init__(self, model: HeterogeneousModel, inputs: Mapping[str, Tensor]) -> None:
        self._model, self._graph, self._inputs = model, model.architecture, inputs
        self._modules = {name: model.network(name) for name in model.architecture.order}
        self._gains = {
            output.name: {
                source: self._gain(output.name, source) for source in self._graph.sources(output.name)
            }
            for output in self._graph.outputs
        }
        self._widths = {output.name: output.width for output in self._graph.outputs}
        self._touched = dict[str, frozenset[str]]()
        # Whether a network reads it: an output reads raw units, of which no change is asked for.
        self._read = {
            name: any(c.target in self._modules for c in self._graph.outgoing(name)) for name in self._modules
        }
        with torch.no_grad():
            self.clean, self._entries = self._passed()

    def _passed(self) -> tuple[Activations, dict[str, Entry]]:
        clean, entries = Activations({}, dict(self._inputs), {}, {}), dict[str, Entry]()
        for name in self._graph.order:
            entries[name] = self._modules[name].entry(clean.handed)
            clean.raw[name] = self._modules[name].leave(entries[name], clean.handed)
            clean.handed[name] = self._handed(name, clean.raw[name])
        for output, gains in self._gains.items():
            clean.outputs[output] = self._summed(output, None, {s: clean.raw[s] for s in gains})
        return clean, entries

    def _gain(self, output: str, source: str) -> Tensor:
        gains = dict(self._model.outputs.named_children())[output]
        return weight_of(gains, f"gain_{source}").detach()

    def _summed(self, output: str, total: Tensor | None, terms: Mapping[str, Tensor]) -> Tensor:
        """A total and what some sources of an output give it; a tensor of its own."""
        width, gains = self._widths[output], self._gains[output]
        for source, term in terms.items():
            term = term[:, :width]
            total = term * gains[source] if total is None else torch.addcmul(total, term, gains[source])
        assert total is not None
        return total

    def _handed(self, network: str, raw: Tensor) -> Tensor:
        return torch.softmax(raw, dim=-1) if self._graph.network(network).kind == "discretizer" else raw

    def part(self, rows: slice) -> Self:
        """The same over some of the rows; what is clean is taken over."""
        part = copy(self)
        part._inputs = {name: values[rows] for name, values in self._inputs.items()}
        part.clean = _some(self.clean, rows)
        part._entries = {name: tuple(each[rows] for each in entry) for name, entry in self._entries.items()}
        return part

    def behind(self, network: str, raw: Tensor) -> dict[str, Tensor]:
        """Answers of the outputs that a network reaches when its units are these, (rows, width)."""
        if network not in self._touched:
            self._touched[network] = self._graph.downstream(frozenset({network}))
        touched = self._touched[network]
        raws, handed = {network: raw}, dict(self.clean.handed)
        changes = dict[str, Tensor]()
        for name in self._graph.order:
            if name not in touched:
                continue
            if name != network:
                module, own = self._modules[name], self._graph.sources(name)
                moved = {source: changes[source] for source in own if source in changes}
                raws[name] = module.leave(module.shifted(self._entries[name], moved), handed)
            if self._read[name]:
                handed[name] = self._handed(name, raws[name])
                changes[name] = handed[name] - self.clean.handed[name]
        return {name: self._answer(name, raws) for name in touched & self._graph.output_names}

    def _answer(self, output: str, raws: Mapping[str, Tensor]) -> Tensor:
        """An output, where the units of some of its sources are others."""
        moved = {source: raws[source] for source in self._gains[output] if source in raws}
        if len(moved) == len(self._gains[output]):
            return self._summed(output, None, moved)
        changes = {source: values - self.clean.raw[source] for source, values in moved.items()}
        return self._summed(output, self.clean.outputs[output], changes)

    def given(self, network: str, source: str, handed: Tensor) -> Tensor:
        """Units of a network, (rows, width), when one of its sources hands it this, and only it."""
        return self._model.network_raw(network, {**self.clean.handed, source: handed})


def _some(clean: Activations, rows: slice) -> Activations:
    return Activations(
        *(
            {name: values[rows] for name, values in each.items()}
            for each in (clean.raw, clean.handed, clean.outputs, clean.kl)
        )
    )
