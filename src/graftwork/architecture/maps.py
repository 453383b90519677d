"""Maps: where they are, how large they are inside convolutional networks, and how others read them."""

from __future__ import annotations

from graftwork.architecture._graph import Architecture, Connection, InputNode, Network, OutputNode

KERNEL = 3
Size = tuple[int, int]


def shape_of(architecture: Architecture, name: str) -> tuple[int, ...]:
    """(channels, height, width) of what a node hands on, where that is a map; () elsewhere."""
    node = architecture.by_name[name]
    return () if isinstance(node, OutputNode) else node.shape


def source_size(architecture: Architecture, network: Network) -> Size:
    """(height, width) of the maps that a convolutional encoder reads."""
    _, height, width = shape_of(architecture, architecture.sources(network.name)[0])
    return height, width


def encoder_sizes(network: Network, start: Size) -> tuple[Size, ...]:
    """(height, width) of the map of each hidden layer of a convolutional encoder that reads maps of a size.

    Example:
        >>> from graftwork.architecture import Layer
        >>> layers = (Layer(4, "relu", stride=2), Layer(8, "relu"))
        >>> encoder_sizes(Network("n0", "convolutional_encoder", 32, layers, shape=(8, 2, 2)), (7, 7))
        ((4, 4), (4, 4))
    """
    sizes, size = [], start
    for layer in network.hidden:
        size = shrunk(size, layer.stride)
        sizes.append(size)
    return tuple(sizes)


def decoder_sizes(network: Network) -> tuple[Size, ...]:
    """(height, width) of the map of each hidden layer of a convolutional decoder, before it is enlarged.

    Example:
        >>> from graftwork.architecture import Layer
        >>> layers = (Layer(8, "relu", stride=2), Layer(4, "relu", stride=2))
        >>> decoder_sizes(Network("n0", "convolutional_decoder", 49, layers, latent=2, shape=(1, 7, 7)))
        ((2, 2), (4, 4))
    """
    sizes, size = [], (network.shape[1], network.shape[2])
    for layer in reversed(network.hidden):
        size = shrunk(size, layer.stride)
        sizes.append(size)
    return tuple(reversed(sizes))


def shrunk(size: Size, stride: int) -> Size:
    """A size divided by a stride, rounded up."""
    return -(-size[0] // stride), -(-size[1] // stride)


def read_width(architecture: Architecture, connection: Connection) -> int:
    """Numbers of a row that a network which is not convolutional reads through a connection."""
    source = architecture.by_name[connection.source]
    if isinstance(source, InputNode) and source.categories:
        return source.categories
    return shape_of(architecture, connection.source)[0] if connection.reading == "pool" else source.width
