"""Clone a network: a twin with the same connections."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import Architecture, connection_parameter
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.inheritance import network_parameters, output_layer
from graftwork.variation.origins import Kept, Origin, Shared


class CloneNetwork(Operator):
    """Add a twin of a network, with the same sources, receivers and weights.

    What the receivers' weights made of the one network is shared out between the twins in uneven random
    parts, weight by weight: the function is preserved, and the twins can part. Where it feeds outputs alone,
    its own output layer is shared out instead: twins that differ by a gain alone get gradients that differ by
    a factor alone, which an optimiser that scales its steps, such as Adam, evens out.

    Source: `clone` of the code of Garciarena, Santana and Mendiburu (IEEE TNNLS 2023); the uneven parts are
    ours.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["clone_network"].tendency
        'increasing'
    """

    name = "clone_network"
    tendency: ClassVar[Tendency] = "increasing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("network", (network.name,)) for network in architecture.networks]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        (name,) = site.nodes
        twin = architecture.fresh_name()
        child = _with_twin(architecture, name, twin)
        origins: dict[str, Origin] = {
            parameter.replace(f"networks.{name}.", f"networks.{twin}."): Kept(parameter)
            for parameter in network_parameters(architecture, name)
        }
        reads = {
            connection_parameter(architecture, name, receiver): connection_parameter(child, twin, receiver)
            for receiver in architecture.receivers(name)
        }
        if _feeds_outputs_alone(architecture, name):
            origins |= {of_twin: Kept(whole) for whole, of_twin in reads.items()}
            own = output_layer(architecture, name)
            reads = {whole: whole.replace(f"networks.{name}.", f"networks.{twin}.") for whole in own}
        for whole, of_twin in reads.items():
            origins[whole] = Shared(whole, draw.seed, remainder=False)
            origins[of_twin] = Shared(whole, draw.seed, remainder=True)
        # Twins of a decoder draw latents of their own: predictions stay, samples do not.
        return Change(child, origins, preserves=not architecture.network(name).is_decoder)


def _feeds_outputs_alone(architecture: Architecture, name: str) -> bool:
    # A residual network adds its source besides, so that shares of its output layer would not make the whole.
    residual = any(connection.role == "residual" for connection in architecture.incoming(name))
    return not residual and set(architecture.receivers(name)) <= architecture.output_names


def _with_twin(architecture: Architecture, name: str, twin: str) -> Architecture:
    sources = [replace(connection, target=twin) for connection in architecture.incoming(name)]
    # A residual receiver already adds the original's values; the twin reaches it through its weights alone.
    receivers = [
        replace(connection, source=twin, role="input" if connection.role == "residual" else connection.role)
        for connection in architecture.outgoing(name)
    ]
    network = replace(architecture.network(name), name=twin)
    return architecture.with_network(network).with_connections(*sources, *receivers)
