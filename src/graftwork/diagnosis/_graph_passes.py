"""Passes of a model of Graftwork, clean and with one component disturbed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor

from graftwork.model import Activations, HeterogeneousModel
from graftwork.model.networks import Entry


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

    def __init__(
        self,
        model: HeterogeneousModel,
        inputs: Mapping[str, Tensor],
        clean: tuple[Activations, Mapping[str, Entry]] | None = None,
    ) -> None:
        self._model, self._graph, self._inputs = model, model.architecture, inputs
        self._modules = {name: model.network(name) for name in model.architecture.order}
        with torch.no_grad():
            self.clean, self._entries = self._passed() if clean is None else clean

    def _passed(self) -> tuple[Activations, dict[str, Entry]]:
        clean, entries = Activations({}, dict(self._inputs), {}, {}), dict[str, Entry]()
        for name in self._graph.order:
            entries[name] = self._modules[name].entry(clean.handed)
            clean.raw[name] = self._modules[name].leave(entries[name], clean.handed)
            clean.handed[name] = self._handed(name, clean.raw[name])
        for output in self._graph.outputs:
            clean.outputs[output.name] = self._model.answer(output.name, clean.raw)
        return clean, entries

    def _handed(self, network: str, raw: Tensor) -> Tensor:
        return torch.softmax(raw, dim=-1) if self._graph.network(network).kind == "discretizer" else raw

    def part(self, rows: slice) -> Self:
        """The same over some of the rows; what is clean is taken over."""
        inputs = {name: values[rows] for name, values in self._inputs.items()}
        entries = {name: tuple(each[rows] for each in entry) for name, entry in self._entries.items()}
        return type(self)(self._model, inputs, (_some(self.clean, rows), entries))

    def behind(self, network: str, raw: Tensor) -> dict[str, Tensor]:
        """Answers of the outputs that a network reaches when its units are these, (rows, width)."""
        touched = self._graph.downstream(frozenset({network}))
        raws, handed = dict(self.clean.raw), dict(self.clean.handed)
        changes = dict[str, Tensor]()
        for name in self._graph.order:
            if name == network:
                raws[name] = raw
            elif name in touched:
                module, own = self._modules[name], self._graph.sources(name)
                moved = {source: changes[source] for source in own if source in changes}
                raws[name] = module.leave(module.shifted(self._entries[name], moved), handed)
            else:
                continue
            handed[name] = self._handed(name, raws[name])
            changes[name] = handed[name] - self.clean.handed[name]
        return {name: self._model.answer(name, raws) for name in touched & self._graph.output_names}

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
