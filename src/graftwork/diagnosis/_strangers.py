"""Networks whose weights are drawn afresh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, vmap
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from graftwork.diagnosis.subject import Plan
from graftwork.errors import RunError
from graftwork.model import HeterogeneousModel, build
from graftwork.model.initialisers import fresh_parameter
from graftwork.runtime import integer_seed, torch_generator

_KINDS = ("normal", "uniform")
_AT_ONCE = 4_000_000
Handed = Mapping[str, Tensor]
_Squares = dict[tuple[int, int], tuple[Tensor, Tensor]]


class Strangers:
    """Networks of a model with other weights.

    Where repeats are spread, all networks read the numbers of a repeat from their beginning: they share them,
    repeats do not, so that the errors, which are over repeats, hold. What a layer of normal numbers makes of
    few rows is drawn without its many weights: x W is distributed as L Z, where L is square, L L' = x x', and
    Z is normal too. Else each repeat is a new model.
    """

    def __init__(self, model: HeterogeneousModel, plan: Plan) -> None:
        self._model, self._graph, self._plan = model, model.architecture, plan
        self._built: dict[int, HeterogeneousModel] = {}
        self._known: dict[int, dict[str, dict[str, _Piece]]] = {}

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
            places = _Places(blocks)
            pieces = self._pieces(places.rows)
            most = _most(pieces)
            for start in range(0, len(blocks), step := max(1, _AT_ONCE // max(*most.values(), 1))):
                some = _Places(blocks[start : start + step], places.rows)
                squares: _Squares = {}
                numbers = self._drawn(range(first + start, first + start + len(some)), most)
                for name in networks:
                    found[name].append(self._by_strangers(name, pieces[name], numbers, some, handed, squares))
        return {name: torch.cat(parts) for name, parts in found.items()}

    def _whole(self, repeat: int) -> HeterogeneousModel:
        if repeat not in self._built:
            seed = integer_seed(self._plan.seed, repeat, "randomised weights")
            self._built[repeat] = build(self._graph, seed=seed).to(next(self._model.parameters()))
        return self._built[repeat]

    def _drawn(self, repeats: range, most: Mapping[str, int]) -> dict[str, Tensor]:
        """Numbers of each kind, (repeats, numbers): standard normal, and uniform from -1 to 1."""
        like = next(self._model.parameters())
        found = {kind: torch.zeros(len(repeats), 0).to(like) for kind in most}
        for kind, count in most.items():
            if not count:
                continue
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
        self,
        network: str,
        pieces: Mapping[str, _Piece],
        numbers: Mapping[str, Tensor],
        places: _Places,
        handed: Handed,
        squares: _Squares,
    ) -> Tensor:
        given = {name: places.stacked(handed[name]) for name in self._graph.sources(network)}
        module = self._model.network(network)
        if self._is_dense(network):
            owned = {weight.data_ptr(): pieces[name] for name, weight in module.named_parameters()}
            with _Fresh(owned, numbers, places, squares):
                return places.flat(self._model.network_raw(network, given))
        weights = {name: piece.weights(numbers, len(places)) for name, piece in pieces.items()}
        folded = {name: values.unflatten(0, (len(places), -1)) for name, values in given.items()}
        passed = vmap(lambda own, read: functional_call(module, own, (read,)))(weights, folded)
        return places.flat(passed.flatten(0, 1))

    def _pieces(self, rows: int) -> dict[str, dict[str, _Piece]]:
        if rows not in self._known:
            self._known[rows] = {name: dict(self._pieces_of(name, rows)) for name in self._graph.order}
        return self._known[rows]

    def _pieces_of(self, network: str, rows: int) -> Iterator[tuple[str, _Piece]]:
        """Which numbers, times what, each parameter is, where so many rows are read at once."""
        read = dict.fromkeys(_KINDS, 0)
        for name, parameter in self._model.networks[network].named_parameters():
            ones, shape = _Ones(), tuple(parameter.shape)
            value = fresh_parameter(self._graph, f"networks.{network}.{name}", shape, ones)
            if self._is_dense(network) and len(shape) == 2:
                # As it is multiplied; of few rows a matrix of normal numbers makes what a smaller one does.
                shape = (min(shape[1], rows) if ones.kind == "normal" else shape[1], shape[0])
            start = read.get(ones.kind, 0)
            stop = start + prod(shape)
            if ones.kind:
                read[ones.kind] = stop
            yield name, _Piece(shape, ones.kind, start, stop, float(value.flatten()[0]))

    def _is_dense(self, network: str) -> bool:
        return self._graph.network(network).kind in ("regressor", "discretizer", "decoder")


class _Fresh(TorchFunctionMode):
    """Networks of dense layers are passed with other weights than their own, every block of rows with others.

    Biases are 0 then, and norms only norm.
    """

    def __init__(
        self, pieces: Mapping[int, _Piece], numbers: Mapping[str, Tensor], places: _Places, squares: _Squares
    ) -> None:
        super().__init__()
        self._pieces, self._numbers, self._places, self._squares = pieces, numbers, places, squares

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Apply a function of PyTorch, or what takes its place."""
        if func is F.linear:
            return self._product(args[0], args[1])
        if func is torch.addmm:
            return args[0] + self._product(args[1], args[2])
        if func is F.layer_norm:
            return F.layer_norm(*args, eps=(kwargs or {})["eps"])
        return func(*args, **(kwargs or {}))

    def _product(self, read: Tensor, weight: Tensor) -> Tensor:
        piece, blocks = self._pieces[weight.data_ptr()], len(self._places)
        folded = read.unflatten(0, (blocks, -1))
        if piece.shape[0] < read.shape[1]:
            key = (read.data_ptr(), read.shape[1])
            if key not in self._squares:
                # Beside what it was made of, whose place in memory is not used again then.
                self._squares[key] = read, _square(folded)
            _, folded = self._squares[key]
        made: Tensor = (folded * piece.scale) @ piece.drawn(self._numbers)
        return made.flatten(0, 1)


def _square(values: Tensor) -> Tensor:
    """L, (..., rows, rows), of x (..., rows, width): L L' = x x' but for a part in 10^5 of each row's size.

    Raises:
        RunError: The rows are not finite.
    """
    square, failed = _root(values @ values.mT)
    if bool(failed.any()):
        # Products of long rows that are alike are rounded by more than that; of great ones they overflow.
        wide = values.double()
        square, failed = _root(wide @ wide.mT)
        if bool(failed.any()):
            raise RunError(
                "relevance_weights: expected finite activations, came others; look for weights or rows that "
                "are not finite, or too large"
            )
    return square.to(values)


def _root(products: Tensor) -> tuple[Tensor, Tensor]:
    """L, in double precision, of L L', and where there is none; of rows that are alike, too."""
    products = products.double()
    sizes = products.diagonal(dim1=-2, dim2=-1)
    sizes *= 1 + 1e-5
    sizes += 1e-30
    square, failed = torch.linalg.cholesky_ex(products)
    return square, failed


def _most(pieces: Mapping[str, Mapping[str, _Piece]]) -> dict[str, int]:
    """Numbers of each kind that a network reads at most."""
    every = [piece for found in pieces.values() for piece in found.values()]
    return {kind: max((p.stop for p in every if p.kind == kind), default=0) for kind in _KINDS}


@dataclass(frozen=True)
class _Piece:
    """A parameter: its numbers, all of one kind, or one and the same number where there is none."""

    shape: tuple[int, ...]
    kind: str
    start: int
    stop: int
    scale: float

    def drawn(self, numbers: Mapping[str, Tensor]) -> Tensor:
        """Its numbers, (blocks, *shape)."""
        found: Tensor = numbers[self.kind][:, self.start : self.stop].unflatten(1, self.shape)
        return found

    def weights(self, numbers: Mapping[str, Tensor], blocks: int) -> Tensor:
        """The parameter, (blocks, *shape)."""
        if self.kind:
            return self.drawn(numbers) * self.scale
        return torch.full(self.shape, self.scale).to(numbers["normal"]).expand(blocks, *self.shape)


class _Places:
    """Blocks of rows one after the other, all of the largest size; the last row of others is there twice."""

    def __init__(self, blocks: Sequence[slice], rows: int | None = None) -> None:
        self.rows = rows or max(block.stop - block.start for block in blocks)
        steps, stops = torch.arange(self.rows), torch.tensor([[block.stop] for block in blocks])
        read = torch.tensor([[block.start] for block in blocks]) + steps
        self._count = len(blocks)
        self._kept, self._rows = (read < stops).flatten(), torch.minimum(read, stops - 1).flatten()
        start, count = blocks[0].start, len(self._rows)
        in_order = torch.equal(self._rows, torch.arange(start, start + count)) and bool(self._kept.all())
        self._whole = slice(start, start + count) if in_order else None

    def __len__(self) -> int:
        return self._count

    def stacked(self, values: Tensor) -> Tensor:
        """(blocks times rows, width) of (rows, width)."""
        return values[self._whole or self._rows.to(values.device)]

    def flat(self, values: Tensor) -> Tensor:
        """The other way round."""
        return values if self._whole else values[self._kept.to(values.device)]


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
