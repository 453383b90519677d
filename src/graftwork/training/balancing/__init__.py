"""How the losses of several outputs become one: a file a strategy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from graftwork.errors import InputError
from graftwork.training.balancing._base import Balance, Balancer
from graftwork.training.balancing.aggregated import AGGREGATORS, Aggregated, Aggregation
from graftwork.training.balancing.dynamic import Dynamic
from graftwork.training.balancing.scaled import Scaled
from graftwork.training.balancing.sequential import Sequential
from graftwork.training.balancing.static import Static
from graftwork.training.balancing.uncertainty import Uncertainty

BALANCERS: Mapping[str, Balancer] = MappingProxyType(
    {
        "static": Static(),
        "scaled": Scaled(),
        "dynamic": Dynamic(),
        "sequential": Sequential(),
        "uncertainty": Uncertainty(),
        **{name: Aggregated(name) for name in AGGREGATORS},
    }
)
"""Strategies by name, each with its defaults."""


def named_balancer(name: str) -> Balancer:
    """The strategy of this name.

    Raises:
        InputError: No such strategy.
        MissingExtraError: It needs an extra that is not installed.

    Example:
        >>> named_balancer("scaled")
        Scaled(memory=0.99)
    """
    if name not in BALANCERS:
        raise InputError(f"balancer: expected one of {', '.join(BALANCERS)}, came {name!r}")
    check_balancer(BALANCERS[name])
    return BALANCERS[name]


def check_balancer(balancer: Balancer, outputs: Collection[str] | None = None) -> None:
    """Refuse a strategy that cannot be had here, or that speaks of outputs that there are not.

    Raises:
        InputError: An unknown output.
        MissingExtraError: It needs an extra that is not installed.
    """
    balancer.start((), steps=None)
    named: Collection[str] = ()
    if isinstance(balancer, Static):
        named = balancer.given
    elif isinstance(balancer, Sequential):
        named = balancer.order
    if outputs is not None and (unknown := sorted(set(named) - set(outputs))):
        known = ", ".join(sorted(outputs))
        raise InputError(f"balancer: expected outputs out of {known}, came {', '.join(unknown)}")


__all__ = [
    "AGGREGATORS",
    "BALANCERS",
    "Aggregated",
    "Aggregation",
    "Balance",
    "Balancer",
    "Dynamic",
    "Scaled",
    "Sequential",
    "Static",
    "Uncertainty",
    "check_balancer",
    "named_balancer",
]
