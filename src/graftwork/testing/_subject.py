"""A model under test with what is known of it, so that nothing is computed twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from graftwork.architecture import Architecture
from graftwork.model import Given, HeterogeneousModel, build
from graftwork.runtime import torch_generator
from graftwork.testing.problems import Rows


@dataclass(frozen=True)
class Subject:
    """A model, and the rows that it is tried on."""

    model: HeterogeneousModel
    rows: Rows

    @property
    def architecture(self) -> Architecture:
        """That of the model."""
        return self.model.architecture

    @cached_property
    def text(self) -> str:
        """Every field of the architecture as it was when this was first asked."""
        whole = self.architecture
        return repr((whole.inputs, whole.outputs, whole.networks, whole.connections))

    @cached_property
    def hash(self) -> str:
        """The canonical hash as it was when this was first asked."""
        return self.architecture.canonical_hash

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Copies of all parameters as they were when this was first asked."""
        return {name: value.clone() for name, value in self.model.state_dict().items()}

    @cached_property
    def answers(self) -> dict[str, Tensor]:
        """Every output of the rows, with decoders at their mean and with given latents."""
        with torch.no_grad():
            means = self.model(self.rows.inputs)
            given = self.model.run(self.rows.inputs, latent=Given(self._latents())).outputs
        return {f"{name} at the mean": value for name, value in means.items()} | {
            f"{name} for given latents": value for name, value in given.items()
        }

    def _latents(self) -> dict[str, Tensor]:
        """Draws by the name of the decoder alone: two models get the same for those that both have."""
        rows = len(next(iter(self.rows.inputs.values())))
        return {
            network.name: torch.randn(
                (rows, network.latent), generator=torch_generator(self.rows.seed, network.name, "latent")
            )
            for network in self.architecture.networks
            if network.latent
        }


def rough_subject(architecture: Architecture, rows: Rows) -> Subject:
    """A model none of whose parameters is 0 or 1, as those of a trained one are not."""
    model, noise = build(architecture, seed=rows.seed), torch_generator(rows.seed, 0, "rough")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=noise))
    return Subject(model, rows)
