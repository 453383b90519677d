"""A model with its preprocessing inside, as modules that take and give plain tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from graftwork.architecture import Architecture
from graftwork.export._ports import Port, constant, encoder, input_port
from graftwork.model import Given, HeterogeneousModel, Latent, PosteriorMean, needed_inputs, needed_networks
from graftwork.problem import Classification, Generation, Interface, Output, Regression, Standardiser
from graftwork.problem.signed_log import SignedLog

MODEL, SAMPLER = "model", "sampler"


@dataclass(frozen=True)
class Graph:
    """What is exported as one file.

    Attributes:
        name: `model`, which answers, or `sampler`, which makes rows up of standard normal draws.
        module: Takes the tensors of `inputs` in their order, and gives those of `outputs`.
        latents: Ports of the draws, the first of its inputs; none of a model that answers.
        inputs: All that it takes.
        outputs: All that it gives.
    """

    name: str
    module: nn.Module
    latents: tuple[Port, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def graphs(model: HeterogeneousModel, interface: Interface) -> list[Graph]:
    """The graph that answers, where there is anything to answer, and the one that samples, likewise."""
    generated = [name for name, output in interface.outputs.items() if output.kind == "generation"]
    answered = [name for name in interface.outputs if name not in generated]
    return [
        *([_graph(MODEL, model, interface, answered)] if answered else []),
        *([_graph(SAMPLER, model, interface, generated)] if generated else []),
    ]


def _graph(name: str, model: HeterogeneousModel, interface: Interface, outputs: Sequence[str]) -> Graph:
    architecture, posterior = model.architecture, name == MODEL
    read = needed_inputs(architecture, outputs, posterior=posterior)
    latents = () if posterior else tuple(_latents(architecture, outputs))
    return Graph(
        name=name,
        module=_Exported(model, interface, read, outputs, [port.name for port in latents]),
        latents=latents,
        inputs=(*latents, *(input_port(interface, each) for each in read)),
        outputs=tuple(_output_port(interface, each) for each in outputs),
    )


def _latents(architecture: Architecture, outputs: Sequence[str]) -> list[Port]:
    passed = needed_networks(architecture, outputs, posterior=False)
    decoders = [architecture.network(name) for name in passed if architecture.network(name).is_decoder]
    told = "Standard normal draws, the latent of a decoder."
    return [Port(decoder.name, "float32", (decoder.latent,), told) for decoder in decoders]


class _Exported(nn.Module):
    def __init__(
        self,
        model: HeterogeneousModel,
        interface: Interface,
        read: Sequence[str],
        outputs: Sequence[str],
        latents: Sequence[str],
    ) -> None:
        super().__init__()
        # An output may be called as a method of modules is, such as `type`, which torch.export trips over.
        # So parts of the model are registered under other names, and the model itself is not.
        self._model = [model]
        self.networks = model.networks
        self.gains = nn.ModuleList(model.outputs.children())
        self.encoders = nn.ModuleList(encoder(interface, name) for name in read)
        self.decoders = nn.ModuleList(_decoder(interface.outputs[name]) for name in outputs)
        self._read, self._outputs, self._latents = tuple(read), tuple(outputs), tuple(latents)

    def forward(self, *feeds: Tensor) -> tuple[Tensor, ...]:
        draws, rows = feeds[: len(self._latents)], feeds[len(self._latents) :]
        encoded = {
            name: encode(values) for name, encode, values in zip(self._read, self.encoders, rows, strict=True)
        }
        given = dict(zip(self._latents, draws, strict=True))
        latent: Latent = Given(given) if given else PosteriorMean()
        found = self._model[0].run(encoded, latent=latent, outputs=self._outputs).outputs
        return tuple(decode(found[name]) for name, decode in zip(self._outputs, self.decoders, strict=True))


def _output_port(interface: Interface, name: str) -> Port:
    output, table = interface.outputs[name], interface.table
    columns = table.targets.get(name, ()) if table is not None else ()
    if isinstance(output, Classification):
        told = f"Probability of each class of {repr(columns[0]) if columns else 'it'}."
        return Port(name, "float64", (output.width,), told, output.labels)
    if isinstance(output, Generation):
        shape = output.shape or ()
        if table is None or name not in table.rows:
            return Port(name, "float64", shape, "What is made up, in the units of the data.")
        code = table.rows[name]
        levels = code.categories.levels if code.categories else ()
        told = "A row: its numbers, then one for each category of a column, of which the greatest counts."
        return Port(name, "float64", shape, told, code.names, levels)
    return Port(name, "float64", (output.width,), "Numbers in the units of the data.", columns)


def _decoder(output: Output) -> nn.Module:
    if isinstance(output, Classification):
        return _Probabilities()
    assert isinstance(output, (Regression, Generation))
    assert output.standardiser is not None
    units = _Units(output.standardiser)
    if isinstance(output, Regression) and output.curve is not None:
        return nn.Sequential(units, _Undone(output.curve))
    return units


class _Probabilities(nn.Module):
    def forward(self, logits: Tensor) -> Tensor:
        return logits.to(torch.float64).softmax(dim=1)


class _Units(nn.Module):
    def __init__(self, standardiser: Standardiser) -> None:
        super().__init__()
        self.centre, self.scale = constant(standardiser.centre), constant(standardiser.scale)
        self._shape = standardiser.shape

    def forward(self, encoded: Tensor) -> Tensor:
        flat: Tensor = encoded.to(torch.float64) * self.scale + self.centre
        shaped: Tensor = flat.unflatten(1, self._shape)
        return shaped


class _Undone(nn.Module):
    """A signed log undone, in the columns that have one."""

    def __init__(self, curve: SignedLog) -> None:
        super().__init__()
        self.scales = constant([1.0 if scale is None else scale for scale in curve.scales])
        self.limits = constant([curve.limit(column) for column in range(len(curve.scales))])
        self.curved = nn.Buffer(torch.tensor([scale is not None for scale in curve.scales]))

    def forward(self, rows: Tensor) -> Tensor:
        undone = rows.sign() * self.scales * torch.minimum(rows.abs(), self.limits).expm1()
        return torch.where(self.curved, undone, rows)
