"""What makes an architecture viable: the one place that decides it."""

from __future__ import annotations

from graftwork.architecture._connection_rules import connection_sentences, sound_connections
from graftwork.architecture._flow_rules import flow_sentences
from graftwork.architecture._graph import Architecture
from graftwork.architecture._limit_rules import limit_sentences
from graftwork.architecture._node_rules import name_sentences, node_sentences
from graftwork.architecture.space import SearchSpace
from graftwork.errors import NotViableError


def violations(architecture: Architecture, space: SearchSpace | None = None) -> list[str]:
    """Every rule that an architecture breaks, a sentence each; none when it is viable.

    Never fails, whatever the graph, and takes time linear in its size. Rules on what flows through the graph
    are judged without the connections that are broken in themselves, and only once names are unambiguous.

    Args:
        architecture: The graph to judge.
        space: Also hold it to the limits of this search space.

    Example:
        >>> from graftwork.architecture import Architecture, InputNode
        >>> violations(Architecture((InputNode("pixels", 64),), (), (), ()))
        ['The architecture has no output']
    """
    ambiguous = name_sentences(architecture)
    found = ambiguous + node_sentences(architecture)
    if ambiguous:
        return found
    found += connection_sentences(architecture)
    sound = sound_connections(architecture)
    found += flow_sentences(sound)
    if space is not None:
        found += limit_sentences(architecture, sound, space, countable=not found)
    return found


def require_viable(architecture: Architecture, space: SearchSpace | None = None) -> None:
    """Refuse an architecture that is not viable.

    Raises:
        NotViableError: With every broken rule in `violations`.
    """
    if broken := violations(architecture, space):
        raise NotViableError(broken)
