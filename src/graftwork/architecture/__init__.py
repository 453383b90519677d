"""What may answer a problem: the immutable graph of sub-networks, its checks, hash, JSON and drawing."""

from graftwork.architecture._graph import (
    NETWORK_KINDS,
    ROLES,
    Architecture,
    Carries,
    Connection,
    InputNode,
    Layer,
    Network,
    NetworkKind,
    OutputKind,
    OutputNode,
    Role,
)
from graftwork.architecture._interface import Interface, interface
from graftwork.architecture._limit_rules import parameter_count
from graftwork.architecture.activations import ACTIVATIONS, INITIALISERS, NORMALISATIONS
from graftwork.architecture.canonical import canonical_hash
from graftwork.architecture.drawing import draw_svg
from graftwork.architecture.generator import random_architecture
from graftwork.architecture.parameters import (
    Shape,
    block_name,
    connection_parameter,
    gain_name,
    latent_block_name,
    layer_widths,
    parameter_shapes,
)
from graftwork.architecture.sampling import random_hidden, random_network
from graftwork.architecture.serialisation import from_json, to_json
from graftwork.architecture.space import SPACES, SearchSpace, load_space
from graftwork.architecture.viability import require_viable, violations

__all__ = [
    "ACTIVATIONS",
    "INITIALISERS",
    "NETWORK_KINDS",
    "NORMALISATIONS",
    "ROLES",
    "SPACES",
    "Architecture",
    "Carries",
    "Connection",
    "InputNode",
    "Interface",
    "Layer",
    "Network",
    "NetworkKind",
    "OutputKind",
    "OutputNode",
    "Role",
    "SearchSpace",
    "Shape",
    "block_name",
    "canonical_hash",
    "connection_parameter",
    "draw_svg",
    "from_json",
    "gain_name",
    "interface",
    "latent_block_name",
    "layer_widths",
    "load_space",
    "parameter_count",
    "parameter_shapes",
    "random_architecture",
    "random_hidden",
    "random_network",
    "require_viable",
    "to_json",
    "violations",
]
