"""Listening to the submodules of a module, and interfering with what they give.

While a pass is made, `forward` of some submodules is stood in for. What a submodule gives is not computed
anew where all that it is given is as it was in the undisturbed pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten, tree_unflatten

Forward = Callable[..., Any]
Around = Callable[[str, Forward, tuple[Any, ...], dict[str, Any]], Any]


@contextmanager
def intercepted(modules: Mapping[str, nn.Module], around: Around) -> Iterator[None]:
    """While open, `around(name, forward, args, kwargs)` answers in the place of these submodules."""
    before = {name: module.__dict__.get("forward") for name, module in modules.items()}
    try:
        for name, module in modules.items():
            module.__dict__["forward"] = partial(_enter, around, name, module.forward)
        yield
    finally:
        for name, module in modules.items():
            module.__dict__.pop("forward", None)
            if before[name] is not None:
                module.__dict__["forward"] = before[name]


def _enter(around: Around, name: str, forward: Forward, /, *args: Any, **kwargs: Any) -> Any:
    return around(name, forward, args, kwargs)


def tensors(tree: Any) -> list[Tensor]:
    """The tensors in a nest."""
    return [leaf for leaf in tree_flatten(tree)[0] if isinstance(leaf, Tensor)]


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a submodule in the undisturbed pass.

    Attributes:
        given: Leaves of its arguments.
        leaves: Leaves of what it returned.
        tree: The nest of the latter.
        reusable: Whether it left its arguments alone.
    """

    given: list[Any]
    leaves: list[Any]
    tree: Any
    reusable: bool

    def result(self, replaced: Mapping[int, Tensor] | None = None) -> Any:
        """What it returned, as copies, with some leaves replaced."""
        made = [
            (replaced or {}).get(place, leaf.clone() if isinstance(leaf, Tensor) else leaf)
            for place, leaf in enumerate(self.leaves)
        ]
        return tree_unflatten(made, self.tree)

    def is_given(self, leaves: list[Any]) -> bool:
        """Whether these arguments are the same."""
        return len(leaves) == len(self.given) and all(map(_same, leaves, self.given))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.requires_grad:
            return False  # What is known is a constant, and would end the graph of gradients.
        return one.shape == other.shape and one.dtype == other.dtype and torch.equal(one, other)
    return one is other or (not isinstance(one, Tensor) and type(one) is type(other) and bool(one == other))


class Listener:
    """Records every call of some submodules, and hands on copies, so that nothing changes it later."""

    def __init__(self) -> None:
        self.calls: dict[str, list[Call]] = {}

    def __call__(self, name: str, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Pass one call through."""
        given = tree_flatten((args, kwargs))[0]
        copies = [leaf.detach().clone() if isinstance(leaf, Tensor) else leaf for leaf in given]
        versions = [leaf._version for leaf in given if isinstance(leaf, Tensor)]
        returned = forward(*args, **kwargs)
        untouched = versions == [leaf._version for leaf in given if isinstance(leaf, Tensor)]
        leaves, tree = tree_flatten(returned)
        kept = [leaf.detach() if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        call = Call(copies, kept, tree, untouched)
        self.calls.setdefault(name, []).append(call)
        return call.result()


class Disturber:
    """Answers for one submodule with other leaves, and for all that this does not touch with what is known.

    Args:
        calls: Those of the undisturbed pass.
        source: The submodule that is disturbed.
        answer: What it gives: by the number of the call and its arguments.
        known: Submodules that give what they gave where they are given what they were given.
        held: Submodules that give what they gave, whatever they are given.
    """

    def __init__(
        self,
        calls: Mapping[str, list[Call]],
        source: str,
        answer: Callable[[int, Forward, tuple[Any, ...], dict[str, Any]], Any],
        known: frozenset[str],
        held: frozenset[str] = frozenset(),
    ) -> None:
        self._calls, self._source, self._answer, self._known, self._held = calls, source, answer, known, held
        self._count: Counter[str] = Counter()
        self.given: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {}

    def __call__(self, name: str, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Answer for one call."""
        number = self._count[name]
        self._count[name] += 1
        calls = self._calls.get(name, [])
        if name == self._source and number < len(calls):
            return self._answer(number, forward, args, kwargs)
        if name in self._held and number < len(calls):
            self.given.setdefault(name, []).append((args, kwargs))
            return calls[number].result()
        if name in self._known and number < len(calls):
            call = calls[number]
            if call.reusable and call.is_given(tree_flatten((args, kwargs))[0]):
                return call.result()
        return forward(*args, **kwargs)
