"""How a decoder's latent is had: drawn while training, its mean when predicting, the prior when sampling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from graftwork.runtime import generator


class Latent(Protocol):
    """Turns the posterior of a decoder into the latent that it decodes."""

    @property
    def from_posterior(self) -> bool:
        """Whether it reads the posterior; where not, networks that only feed it need not be passed."""
        ...

    def __call__(self, name: str, mean: Tensor, log_variance: Tensor) -> Tensor:
        """The latent of decoder `name`, of the shape (rows, latent) of `mean`."""
        ...


@dataclass(frozen=True)
class PosteriorMean:
    """The mean: what is predicted downstream of a decoder must not be noise."""

    from_posterior: bool = True

    def __call__(self, name: str, mean: Tensor, log_variance: Tensor) -> Tensor:
        return mean


@dataclass(frozen=True)
class Reparameterised:
    """Drawn by reparameterisation, so that gradients reach the posterior (Kingma and Welling, 2014).

    Each decoder has a stream of draws of its own: two models draw the same for decoders that they have in
    common.

    Attributes:
        seed: Root of the draws.
    """

    seed: int
    from_posterior: bool = True
    _generators: dict[str, np.random.Generator] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, name: str, mean: Tensor, log_variance: Tensor) -> Tensor:
        noise = self.noise(name, tuple(mean.shape)).to(mean)
        return mean + noise * torch.exp(0.5 * log_variance)

    def noise(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """The next standard normal draws of decoder `name`, float32 whatever a model computes in."""
        if name not in self._generators:
            self._generators[name] = generator(self.seed, name, "latent")
        return torch.from_numpy(self._generators[name].standard_normal(shape, dtype=np.float32))


@dataclass(frozen=True)
class Given:
    """Standard normal draws given from outside, one tensor (rows, latent) a decoder: sampling."""

    draws: Mapping[str, Tensor]
    from_posterior: bool = False

    def __call__(self, name: str, mean: Tensor, log_variance: Tensor) -> Tensor:
        return self.draws[name]
