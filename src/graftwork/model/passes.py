"""What a pass through a graph computes and reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graftwork.architecture import Architecture


def needed_networks(
    architecture: Architecture,
    outputs: Iterable[str],
    *,
    known: Collection[str] = (),
    posterior: bool = True,
) -> list[str]:
    """Networks that a pass computes for some outputs, in order.

    Args:
        architecture: The graph.
        outputs: Names of the outputs.
        known: Networks whose values are known, which need not be computed again.
        posterior: Whether decoders read their posterior; where not, what only feeds it is left out.
    """
    found = _sources(architecture, outputs, known, posterior)
    return [name for name in architecture.order if name in found]


def needed_inputs(
    architecture: Architecture, outputs: Iterable[str], *, posterior: bool = True
) -> tuple[str, ...]:
    """Inputs that a pass reads for some outputs; sampling, `posterior=False`, reads those of conditions.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> needed_inputs(architecture, problem.outputs)
        ('image',)
    """
    found = _sources(architecture, outputs, (), posterior)
    return tuple(node.name for node in architecture.inputs if node.name in found)


def _sources(
    architecture: Architecture, outputs: Iterable[str], known: Collection[str], posterior: bool
) -> set[str]:
    found: set[str] = set()
    frontier = list(outputs)
    while frontier:
        for connection in architecture.incoming(frontier.pop()):
            source = connection.source
            passed = posterior or connection.role != "stochastic"
            if passed and source not in found and source not in known:
                found.add(source)
                frontier.append(source)
    return found
