"""Units left out while training."""

from __future__ import annotations

import torch
from torch import Tensor

from graftwork.runtime import torch_generator


class Dropout:
    """Leaves units of hidden layers out at random, and scales the others up to keep the mean.

    Each network has a stream of draws of its own, so that what happens in one changes nothing in another:
    two models drop the same units of the networks that they have in common.

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", Journal of
    Machine Learning Research 15, 2014.

    Args:
        seed: Root of the draws.
        networks: Those that are trained; the others keep all units, as in prediction.

    Example:
        >>> sorted(set(Dropout(0, frozenset({"n0"}))("n0", 0.5, torch.ones(1, 64)).flatten().tolist()))
        [0.0, 2.0]
    """

    def __init__(self, seed: int, networks: frozenset[str]) -> None:
        self._seed, self._networks = seed, networks
        self._generators: dict[str, torch.Generator] = {}

    def __call__(self, network: str, rate: float, values: Tensor) -> Tensor:
        """The values (rows, units) of a hidden layer, each left out with probability `rate`."""
        if network not in self._networks or not rate:
            return values
        return values * self.mask(network, rate, tuple(values.shape)).to(values)

    def mask(self, network: str, rate: float, shape: tuple[int, ...]) -> Tensor:
        """The next factors of units of a network: 0 where one is left out, 1 / (1 - rate) elsewhere.

        They are float32 whatever a model computes in.
        """
        if network not in self._generators:
            self._generators[network] = torch_generator(self._seed, network, "dropout")
        kept = torch.rand(shape, generator=self._generators[network], dtype=torch.float32) >= rate
        return kept.to(torch.float32) / (1.0 - rate)
