"""The `torch.nn.Module` of an architecture."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from graftwork.architecture import Architecture, parameter_shapes
from graftwork.model.dropout import Dropout
from graftwork.model.latents import Given, Latent, PosteriorMean, Reparameterised
from graftwork.model.networks import (
    AnyNetwork,
    DecoderNetwork,
    kl_divergence,
    network_module,
    weight_of,
)
from graftwork.model.passes import needed_networks


@dataclass(frozen=True)
class Activations:
    """What one pass leaves behind.

    Attributes:
        raw: Output units of each network, (rows, width); those of a discretizer are logits.
        handed: What each node hands to networks, (rows, width); a discretizer hands on probabilities.
        outputs: Every output that was asked for, (rows, width); classification as logits.
        kl: KL of every decoder that was passed, (rows,); none when sampling.
    """

    raw: dict[str, Tensor]
    handed: dict[str, Tensor]
    outputs: dict[str, Tensor]
    kl: dict[str, Tensor]


class HeterogeneousModel(nn.Module):
    """A model of several outputs of different kinds; the graph of its networks is `architecture`.

    Called with a tensor (rows, width) an input, it answers with a tensor (rows, width) an output. Decoders
    answer with the mean of their latent, so that no prediction is noise; `sample` draws.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> model = gw.build(architecture, seed=0)
        >>> sorted(model(problem.validation.inputs)) == sorted(problem.outputs)
        True
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.networks = nn.ModuleDict(
            {network.name: network_module(architecture, network) for network in architecture.networks}
        )
        self.outputs = nn.Module()
        for output in architecture.outputs:
            # Not `add_module`, which refuses an output that is called as a method is, such as `type`.
            setattr(self.outputs, output.name, nn.Module())
        owners = dict(self.named_modules())
        for name, shape in parameter_shapes(architecture).items():
            owner, _, part = name.rpartition(".")
            owners[owner].register_parameter(part, nn.Parameter(torch.empty(shape)))

    @property
    def device(self) -> torch.device:
        """Where its parameters are."""
        return next((parameter.device for parameter in self.parameters()), torch.device("cpu"))

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Every output of every row."""
        return self.run(inputs).outputs

    def run(
        self,
        inputs: Mapping[str, Tensor],
        *,
        latent: Latent | None = None,
        dropout: Dropout | None = None,
        outputs: Iterable[str] | None = None,
        known: Mapping[str, Tensor] | None = None,
    ) -> Activations:
        """One pass through the graph.

        Args:
            inputs: (rows, width) of every input.
            latent: How decoders get their latent; `PosteriorMean()` unless told.
            dropout: What leaves units out, while training; none are unless told.
            outputs: Which outputs are wanted (all); networks that none of them needs are left out.
            known: `raw` of some networks, when it was computed before; they are not computed again.
        """
        rule = latent or PosteriorMean()
        wanted = self.architecture.output_names if outputs is None else frozenset(outputs)
        state = Activations({}, dict(inputs), {}, {})
        for name, raw in (known or {}).items():
            self._hand_on(name, raw, state)
        for name in self.needed(wanted, known=state.raw.keys(), posterior=rule.from_posterior):
            self._hand_on(name, self._raw(name, rule, state, dropout), state)
        for output in self.architecture.outputs:
            if output.name in wanted:
                state.outputs[output.name] = self.answer(output.name, state.raw)
        return state

    def raw_values(self, inputs: Mapping[str, Tensor], networks: Iterable[str]) -> dict[str, Tensor]:
        """Output units of some networks, (rows, width), and of nothing else.

        Args:
            inputs: (rows, width) of every input that they read.
            networks: Their names, in order, with every network on which one of them depends.
        """
        state = Activations({}, dict(inputs), {}, {})
        for name in networks:
            self._hand_on(name, self._raw(name, PosteriorMean(), state), state)
        return state.raw

    @torch.no_grad()
    def sample(
        self,
        inputs: Mapping[str, Tensor],
        *,
        rows: int,
        generator: torch.Generator,
        outputs: Iterable[str] | None = None,
        weights: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Generate `rows` arrays a generation output (all of them, or those named), flat: (rows, width).

        Latents are drawn from N(0, I). Where a decoder has conditions, they are computed from rows of
        `inputs` drawn with replacement, as often as their `weights` (rows,) say, if told; give training rows,
        so that nothing of held-out rows can show in what is generated.
        """
        generated = [output.name for output in self.architecture.outputs if output.kind == "generation"]
        names = generated if outputs is None else list(outputs)
        # One seed a decoder, by its name: two models draw the same for what they have in common, so that the
        # difference between a parent and its child is not mostly chance.
        latent = Reparameterised(int(torch.randint(2**62, (), generator=generator)))
        like = next(self.parameters())
        draws = {
            network.name: latent.noise(network.name, (rows, network.latent)).to(like)
            for network in self.architecture.networks
            if network.is_decoder
        }
        available = min(len(values) for values in inputs.values())
        if weights is None:
            picked = torch.randint(available, (rows,), generator=generator)
        else:
            picked = torch.multinomial(weights, rows, replacement=True, generator=generator)
        chosen = {name: values[picked].to(self.device) for name, values in inputs.items()}
        return self.run(chosen, latent=Given(draws), outputs=names).outputs

    def network(self, name: str) -> AnyNetwork:
        """The module of one network."""
        module: AnyNetwork = self.networks[name]  # type: ignore[assignment]
        return module

    def network_raw(self, name: str, handed: Mapping[str, Tensor], latent: Latent | None = None) -> Tensor:
        """Output units of one network for what its sources hand it, (rows, width)."""
        state = Activations({}, dict(handed), {}, {})
        return self._raw(name, latent or PosteriorMean(), state)

    def answer(self, output: str, raw: Mapping[str, Tensor]) -> Tensor:
        """What an output sums up of `raw` of its sources, (rows, width)."""
        width = next(node.width for node in self.architecture.outputs if node.name == output)
        gains = dict(self.outputs.named_children())[output]
        terms = [
            raw[source][:, :width] * weight_of(gains, f"gain_{source}")
            for source in self.architecture.sources(output)
        ]
        return torch.stack(terms).sum(dim=0) if len(terms) > 1 else terms[0]

    def needed(
        self, outputs: Iterable[str], *, known: Collection[str] = (), posterior: bool = True
    ) -> list[str]:
        """Networks that a pass computes for some outputs, in order.

        Args:
            outputs: Names of the outputs.
            known: Networks whose `raw` is known, which need not be computed again.
            posterior: Whether decoders read their posterior; where not, what only feeds it is left out.
        """
        return needed_networks(self.architecture, outputs, known=known, posterior=posterior)

    def _hand_on(self, name: str, raw: Tensor, state: Activations) -> None:
        discrete = self.architecture.network(name).kind == "discretizer"
        state.raw[name] = raw
        state.handed[name] = torch.softmax(raw, dim=-1) if discrete else raw

    def _raw(self, name: str, rule: Latent, state: Activations, dropout: Dropout | None = None) -> Tensor:
        module = self.networks[name]
        if not isinstance(module, DecoderNetwork):
            raw: Tensor = module(state.handed, dropout)
            return raw
        if not rule.from_posterior:
            nothing = torch.empty(0)
            return module.decode(rule(name, nothing, nothing), state.handed, dropout)
        mean, log_variance = module.posterior(state.handed)
        state.kl[name] = kl_divergence(mean, log_variance)
        return module.decode(rule(name, mean, log_variance), state.handed, dropout)
