"""Which nodes of a directed graph lie on a cycle."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def on_cycles(
    names: Iterable[str], receivers: Callable[[str], Iterable[str]], sources: Callable[[str], Iterable[str]]
) -> list[tuple[str, ...]]:
    """Groups of nodes that reach each other; without recursion, in linear time (Kosaraju, 1978)."""
    known = set(names)
    left = set(known)
    groups: list[tuple[str, ...]] = []
    for root in reversed(_finishing_order(sorted(known), known, receivers)):
        if root in left:
            group = _collect(root, left, sources)
            if len(group) > 1:
                groups.append(tuple(sorted(group)))
    return sorted(groups)


def _finishing_order(roots: list[str], known: set[str], step: Callable[[str], Iterable[str]]) -> list[str]:
    seen: set[str] = set()
    finished: list[str] = []
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(tuple(step(root))))]
        while path:
            name, rest = path[-1]
            following = next((n for n in rest if n in known and n not in seen), None)
            if following is None:
                finished.append(name)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(tuple(step(following)))))
    return finished


def _collect(root: str, left: set[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    left.discard(root)
    group, frontier = {root}, [root]
    while frontier:
        for name in step(frontier.pop()):
            if name in left:
                left.discard(name)
                group.add(name)
                frontier.append(name)
    return group
