"""Models whose weights are drawn afresh."""

from __future__ import annotations

import math
from functools import cached_property

import torch
from torch import Tensor

from graftwork.architecture import parameter_shapes
from graftwork.diagnosis.subject import Plan
from graftwork.model import HeterogeneousModel, build
from graftwork.model.initialisers import fresh_parameter
from graftwork.runtime import integer_seed, torch_generator


class Strangers:
    """Models of the same architecture as one, with other weights.

    Where repeats are spread, one and the same model is filled with the numbers of a repeat, network by
    network: networks share these numbers, repeats do not, so that the errors, which are over repeats, hold.
    """

    def __init__(self, model: HeterogeneousModel, plan: Plan) -> None:
        self._model, self._graph, self._plan = model, model.architecture, plan
        self._whole: dict[int, HeterogeneousModel] = {}
        self._repeat = -1

    def network(self, name: str, repeat: int) -> HeterogeneousModel:
        """A model of which this network, at least, is a stranger; until it is asked for the next."""
        return self._refilled(name, repeat) if self._plan.spread else self._built(repeat)

    def _built(self, repeat: int) -> HeterogeneousModel:
        if repeat not in self._whole:
            seed = integer_seed(self._plan.seed, repeat, "randomised weights")
            self._whole[repeat] = build(self._graph, seed=seed).to(next(self._model.parameters()))
        return self._whole[repeat]

    @torch.no_grad()
    def _refilled(self, name: str, repeat: int) -> HeterogeneousModel:
        if repeat != self._repeat:
            self._repeat, self._numbers = repeat, _Shared(self._plan.seed, repeat, self._most)
        self._numbers.restart()
        for part, parameter in self._filled.networks[name].named_parameters():
            full = f"networks.{name}.{part}"
            parameter.copy_(fresh_parameter(self._graph, full, tuple(parameter.shape), self._numbers))
        return self._filled

    @cached_property
    def _filled(self) -> HeterogeneousModel:
        return HeterogeneousModel(self._graph).to(next(self._model.parameters()))

    @cached_property
    def _most(self) -> int:
        """Numbers of the largest network."""
        sizes = dict.fromkeys(self._graph.network_names, 0)
        for name, shape in parameter_shapes(self._graph).items():
            kind, owner, _ = name.split(".")
            if kind == "networks":
                sizes[owner] += math.prod(shape)
        return max(sizes.values())


class _Shared:
    """Numbers that are drawn once and read from the beginning by one network after the other."""

    def __init__(self, seed: int, repeat: int, most: int) -> None:
        self._seed, self._repeat, self._most, self._read = seed, repeat, most, 0

    def restart(self) -> None:
        """Read from the beginning."""
        self._read = 0

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Standard normal numbers."""
        return self._next(self._normal, shape)

    def uniform(self, shape: tuple[int, ...]) -> Tensor:
        """Numbers from 0 to 1."""
        return self._next(self._uniform, shape)

    @cached_property
    def _normal(self) -> Tensor:
        draw = torch_generator(self._seed, f"normal/{self._repeat}", "randomised weights")
        return torch.randn(self._most, generator=draw)

    @cached_property
    def _uniform(self) -> Tensor:
        draw = torch_generator(self._seed, f"uniform/{self._repeat}", "randomised weights")
        return torch.rand(self._most, generator=draw)

    def _next(self, numbers: Tensor, shape: tuple[int, ...]) -> Tensor:
        start, self._read = self._read, self._read + math.prod(shape)
        return numbers[start : self._read].view(shape)
