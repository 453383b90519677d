"""Units left out while training."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from graftwork.runtime import generator

_STEPS = 2**16  # a draw has 16 bits: four of them to a number of the generator, which is most of the cost


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
        self._generators: dict[str, np.random.Generator] = {}

    def __call__(self, network: str, rate: float, values: Tensor) -> Tensor:
        """The values (rows, units) of a hidden layer, each left out with probability `rate`."""
        if network not in self._networks or not rate:
            return values
        return values * self.mask(network, rate, tuple(values.shape)).to(values)

    def mask(self, network: str, rate: float, shape: tuple[int, ...]) -> Tensor:
        """The next factors of units of a network: 0 where one is left out, 1 / (1 - rate) elsewhere.

        They are float32 whatever a model computes in. The rate is met to 1 in 65,536.
        """
        if network not in self._generators:
            self._generators[network] = generator(self._seed, network, "dropout")
        units = math.prod(shape)
        raw = self._generators[network].bit_generator.random_raw(-(-units // 4))
        draws = raw.view(np.uint16)[:units].reshape(shape)
        left_out = min(round(rate * _STEPS), _STEPS - 1)
        return torch.from_numpy(np.multiply(draws >= left_out, np.float32(_STEPS / (_STEPS - left_out))))
