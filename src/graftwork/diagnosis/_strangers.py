"""Networks whose weights are drawn afresh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.func import functional_call, vmap

from graftwork.diagnosis.subject import Plan
from graftwork.model import HeterogeneousModel, build
from graftwork.model.initialisers import fresh_parameter
from graftwork.runtime import integer_seed, torch_generator

_KINDS = ("normal", "uniform")
_AT_ONCE = 4_000_000
Handed = Mapping[str, Tensor]


class Strangers:
    """Networks of a model with other weights.

    Where repeats are spread, all networks read the numbers of a repeat from their beginning: they share them,
    repeats do not, so that the errors, which are over repeats, hold. Else each repeat is a new model.
    """

    def __init__(self, model: HeterogeneousModel, plan: Plan) -> None:
        self._model, self._graph, self._plan = model, model.architecture, plan
        self._built: dict[int, HeterogeneousModel] = {}

    def units(
        self, networks: Sequence[str], first: int, blocks: Sequence[slice], handed: Handed
    ) -> dict[str, Tensor]:
        """Units of each network, (rows, width), every block of rows by weights of its own.

        Args:
            networks: Their names.
            first: Number of the repeat of the first block.
            blocks: Rows; together all, in order.
            handed: What each node hands on, (rows, width).
        """
        found: dict[str, list[Tensor]] = {name: [] for name in networks}
        if not self._plan.spread:
            for repeat, block in enumerate(blocks, start=first):
                given = {name: values[block] for name, values in handed.items()}
                for name in networks:
                    found[name].append(self._whole(repeat).network_raw(name, given))
        else:
            for repeat, some in self._together(first, blocks):
                numbers, places = self._drawn(range(repeat, repeat + len(some))), _Places(some)
                for name in networks:
                    found[name].append(self._by_strangers(name, numbers, places, handed))
        return {name: torch.cat(parts) for name, parts in found.items()}

    def _whole(self, repeat: int) -> HeterogeneousModel:
        if repeat not in self._built:
            seed = integer_seed(self._plan.seed, repeat, "randomised weights")
            self._built[repeat] = build(self._graph, seed=seed).to(next(self._model.parameters()))
        return self._built[repeat]

    def _together(self, first: int, blocks: Sequence[slice]) -> Iterator[tuple[int, Sequence[slice]]]:
        """Repeats in groups whose numbers take little memory."""
        size = max(1, _AT_ONCE // max(*self._most.values(), 1))
        for start in range(0, len(blocks), size):
            yield first + start, blocks[start : start + size]

    def _drawn(self, repeats: range) -> dict[str, Tensor]:
        """Numbers of each kind, (repeats, numbers): standard normal, and uniform from -1 to 1."""
        found, like = {}, next(self._model.parameters())
        for kind, count in self._most.items():
            numbers = torch.empty(len(repeats), count)
            for row, repeat in zip(numbers, repeats, strict=True):
                draw = torch_generator(self._plan.seed, f"{kind}/{repeat}", "randomised weights")
                if kind == "normal":
                    row.normal_(generator=draw)
                else:
                    row.uniform_(-1.0, 1.0, generator=draw)
            found[kind] = numbers.to(like)
        return found

    def _by_strangers(
        self, network: str, numbers: Mapping[str, Tensor], places: _Places, handed: Handed
    ) -> Tensor:
        repeats, module = len(numbers["normal"]), self._model.network(network)
        weights = {
            piece.name: numbers[piece.kind][:, piece.start : piece.stop].view(repeats, *piece.shape)
            * piece.scale
            if piece.kind
            else torch.full(piece.shape, piece.scale).to(numbers["normal"]).expand(repeats, *piece.shape)
            for piece in self._pieces[network]
        }
        given = {name: places.stacked(handed[name]) for name in self._graph.sources(network)}
        return places.flat(vmap(lambda own, read: functional_call(module, own, (read,)))(weights, given))

    @cached_property
    def _pieces(self) -> dict[str, list[_Piece]]:
        """By network, which numbers, times what, each parameter is."""
        return {name: list(self._pieces_of(name)) for name in self._graph.order}

    def _pieces_of(self, network: str) -> Iterator[_Piece]:
        read = dict.fromkeys(_KINDS, 0)
        for name, parameter in self._model.networks[network].named_parameters():
            ones, shape = _Ones(), tuple(parameter.shape)
            value = fresh_parameter(self._graph, f"networks.{network}.{name}", shape, ones)
            start = read.get(ones.kind, 0)
            if ones.kind:
                read[ones.kind] = start + parameter.numel()
            yield _Piece(name, shape, ones.kind, start, start + parameter.numel(), float(value.flatten()[0]))

    @cached_property
    def _most(self) -> dict[str, int]:
        """Numbers of each kind that a network reads at most."""
        pieces = [piece for found in self._pieces.values() for piece in found]
        return {kind: max((p.stop for p in pieces if p.kind == kind), default=0) for kind in _KINDS}


@dataclass(frozen=True)
class _Piece:
    """A parameter: its numbers, all of one kind, or one and the same number where there is none."""

    name: str
    shape: tuple[int, ...]
    kind: str
    start: int
    stop: int
    scale: float


class _Places:
    """Blocks of rows as one tensor (blocks, rows of the largest); the last row of others is there twice."""

    def __init__(self, blocks: Sequence[slice]) -> None:
        longest = max(block.stop - block.start for block in blocks)
        steps, stops = torch.arange(longest), torch.tensor([[block.stop] for block in blocks])
        rows = torch.tensor([[block.start] for block in blocks]) + steps
        self._kept, self._rows = rows < stops, torch.minimum(rows, stops - 1)

    def stacked(self, values: Tensor) -> Tensor:
        """(blocks, rows, width) of (rows, width)."""
        return values[self._rows.to(values.device)]

    def flat(self, values: Tensor) -> Tensor:
        """The other way round."""
        return values[self._kept.to(values.device)]


class _Ones:
    """Numbers that are 1, the greatest of a uniform one; says which kind was asked for."""

    kind = ""

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Standard normal numbers."""
        self.kind = "normal"
        return torch.ones(())

    def uniform(self, shape: tuple[int, ...]) -> Tensor:
        """Numbers from 0 to 1."""
        self.kind = "uniform"
        return torch.ones(())
