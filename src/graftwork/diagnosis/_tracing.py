"""Who feeds whom in a module, by the graph of gradients of one pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

from graftwork.diagnosis._diagnosis import connection_name
from graftwork.diagnosis._nesting import Nesting
from graftwork.diagnosis._wiring import Forward, tensors


@dataclass(frozen=True, eq=False)
class Traced:
    """One call in a pass whose graph is kept.

    Attributes:
        name: The submodule.
        aliases: Nodes of the graph at which its results are found: (place among its leaves, tensor).
        sources: Nodes of what it was given.
    """

    name: str
    aliases: list[tuple[int, Tensor]]
    sources: list[Any]


class Tracer:
    """Makes what submodules give nodes of the graph of gradients that can be found again."""

    def __init__(self) -> None:
        self.calls: list[Traced] = []

    def __call__(self, name: str, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Pass one call through."""
        sources = [t.grad_fn for t in tensors((args, kwargs)) if t.grad_fn is not None]
        leaves, tree = tree_flatten(forward(*args, **kwargs))
        aliases: list[tuple[int, Tensor]] = []
        for place, leaf in enumerate(leaves):
            if isinstance(leaf, Tensor) and leaf.is_floating_point():
                node = leaf if leaf.requires_grad else leaf.detach().requires_grad_()
                # Twice: what comes next may change its copy in place.
                aliases.append((place, node.clone()))
                leaves[place] = aliases[-1][1].clone()
        self.calls.append(Traced(name, aliases, sources))
        return tree_unflatten(leaves, tree)


@dataclass(frozen=True)
class Wires:
    """What a pass says of components and outputs.

    Attributes:
        sources: By component, the components that feed it directly.
        answering: By output, the components that feed it directly.
        depths: By component, how many are on the longest way to it, itself included.
        reached: By component, the outputs that depend on it.
    """

    sources: dict[str, set[str]]
    answering: dict[str, set[str]]
    depths: dict[str, int]
    reached: dict[str, set[str]]

    def edges(self, nesting: Nesting) -> dict[str, tuple[str, str]]:
        """Who gives whom something directly, (source, target), by the name of the connection.

        Where an output and a component are of one name, what feeds both is about the component.
        """
        return {
            connection_name(source, target): (source, target)
            for target, sources in [*self.sources.items(), *self.answering.items()]
            for source in self.reached
            if source in sources and nesting.side_by_side(source, target)
        }


def wires(calls: Sequence[Traced], answers: Mapping[str, Tensor], names: Sequence[str]) -> Wires:
    """Who feeds whom.

    Args:
        calls: Those of the components in a pass, in order.
        answers: What the outputs answered in it.
        names: The components.
    """
    marks = {alias.grad_fn: number for number, call in enumerate(calls) for _, alias in call.aliases}
    sources: dict[str, set[str]] = {name: set() for name in names}
    reached: dict[str, set[str]] = {name: set() for name in names}
    longest, depths = dict.fromkeys(names, 1), list[int]()
    for call in calls:
        feeding = _found_behind(call.sources, marks, through=False)
        depths.append(1 + max((depths[number] for number in feeding if number < len(depths)), default=0))
        longest[call.name] = max(longest[call.name], depths[-1])
        sources[call.name] |= _names(calls, feeding) - {call.name}
    answering = {}
    for output, answer in answers.items():
        start = [answer.grad_fn] if answer.grad_fn is not None else []
        answering[output] = _names(calls, _found_behind(start, marks, through=False))
        for name in _names(calls, _found_behind(start, marks, through=True)):
            reached[name].add(output)
    return Wires(sources, answering, longest, reached)


def _names(calls: Sequence[Traced], numbers: Collection[int]) -> set[str]:
    return {calls[number].name for number in numbers}


def _found_behind(starts: list[Any], marks: Mapping[Any, int], *, through: bool) -> set[int]:
    """Marks of the nodes of a graph of gradients that are met on the way back.

    Args:
        starts: Nodes to start from.
        marks: Nodes that are looked for.
        through: Whether to go on behind a marked node.
    """
    seen, found, frontier = set(starts), set[int](), list(starts)
    while frontier:
        node = frontier.pop()
        if node in marks:
            found.add(marks[node])
            if not through:
                continue
        for before, _ in node.next_functions:
            if before is not None and before not in seen:
                seen.add(before)
                frontier.append(before)
    return found
