"""What may answer a problem: the immutable graph of sub-networks, its checks, hash, JSON and drawing."""

from graftwork.architecture._flow_rules import ACCEPTED
from graftwork.architecture._graph import (
    NETWORK_KINDS,
    READINGS,
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
    Reading,
    Role,
    Shape,
)
from graftwork.architecture._interface import Interface, interface
from graftwork.architecture.activations import ACTIVATIONS, INITIALISERS, NORMALISATIONS
from graftwork.architecture.canonical import canonical_hash
from graftwork.architecture.drawing import draw_svg
from graftwork.architecture.generator import random_architecture
from graftwork.architecture.maps import (
    decoder_sizes,
    read_width,
    shape_of,
    source_size,
)
from graftwork.architecture.parameters import (
    block_name,
    connection_parameter,
    gain_name,
    latent_block_name,
    layer_widths,
    mac_count,
    parameter_count,
    parameter_macs,
    parameter_shapes,
)
from graftwork.architecture.sampling import (
    random_convolutional_decoder,
    random_encoder,
    random_network,
    with_residuals,
    within,
)
from graftwork.architecture.serialisation import from_json, to_json
from graftwork.architecture.space import SPACES, SearchSpace, load_space
from graftwork.architecture.viability import require_viable, violations

__all__ = [
    "ACCEPTED",
    "ACTIVATIONS",
    "INITIALISERS",
    "NETWORK_KINDS",
    "NORMALISATIONS",
    "READINGS",
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
    "Reading",
    "Role",
    "SearchSpace",
    "Shape",
    "block_name",
    "canonical_hash",
    "connection_parameter",
    "decoder_sizes",
    "draw_svg",
    "from_json",
    "gain_name",
    "interface",
    "latent_block_name",
    "layer_widths",
    "load_space",
    "mac_count",
    "parameter_count",
    "parameter_macs",
    "parameter_shapes",
    "random_architecture",
    "random_convolutional_decoder",
    "random_encoder",
    "random_network",
    "read_width",
    "require_viable",
    "shape_of",
    "source_size",
    "to_json",
    "violations",
    "with_residuals",
    "within",
]
