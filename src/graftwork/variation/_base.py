"""What an operator is: where it applies, what it answers with, and what it may not do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, final, get_args

from graftwork.architecture import Architecture, SearchSpace, violations
from graftwork.runtime import generator
from graftwork.variation.affected import affected_networks
from graftwork.variation.inheritance import inheritance_plan
from graftwork.variation.origins import Origin

SiteKind = Literal["network", "layer", "connection", "pair", "graft", "model"]
Tendency = Literal["increasing", "reducing", "replacing", "neutral"]
TENDENCIES: tuple[Tendency, ...] = get_args(Tendency)


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """Where an operator is applied.

    Attributes:
        kind: A `network`, a hidden `layer` of one, a `connection`, a `pair` of nodes, a `graft` (a network of
            the donor and the node that is to read it), or the whole `model`.
        nodes: Its nodes: one network; source and target; none for the whole model.
        layer: The hidden layer, counted from 0, where the site is one.
    """

    kind: SiteKind
    nodes: tuple[str, ...] = ()
    layer: int = 0

    def __str__(self) -> str:
        if self.kind == "graft":
            return " -> ".join([f"{self.nodes[0]} of the donor", *self.nodes[1:]])
        layer = f", hidden layer {self.layer}" if self.kind == "layer" else ""
        return (" -> ".join(self.nodes) or "the whole model") + layer


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an operator was not applied."""

    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an operator makes of an architecture, before it is checked."""

    architecture: Architecture
    origins: Mapping[str, Origin] = field(default_factory=dict)
    preserves: bool = False


@dataclass(frozen=True)
class Variation:
    """An applied operator.

    Attributes:
        operator: Name of the operator.
        site: Where it was applied.
        parent: The architecture as it was.
        architecture: The viable architecture that came of it.
        inheritance: For every parameter of the child, where its value comes from.
        affected: Networks that need training: new and changed ones, all downstream of them, their direct
            sources.
        preserves: Whether every output is the same before and after, to 1e-5.
        donor: The architecture from which a network was grafted; none elsewhere.
    """

    operator: str
    site: Site
    parent: Architecture
    architecture: Architecture
    inheritance: Mapping[str, Origin]
    affected: frozenset[str]
    preserves: bool
    donor: Architecture | None = None

    @property
    def plan(self) -> str:
        """The inheritance as text, a line a parameter of the child.

        Example:
            >>> import graftwork as gw
            >>> problem = gw.load_problem("digits")
            >>> parent = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
            >>> clone = gw.OPERATORS["clone_network"]
            >>> variation = clone.apply(parent, clone.sites(parent)[0], seed=1)
            >>> "networks.n0.bias_0 <- networks.n0.bias_0" in variation.plan.splitlines()
            True
        """
        return "\n".join(f"{name} <- {origin}" for name, origin in self.inheritance.items())


class Operator(ABC):
    """A structural variation operator.

    A new one is one file: name it, say what it tends to do to complexity, list its sites and make the change.
    `apply` checks the rest: that the site belongs to the architecture and that what comes of it is viable.
    `graftwork.testing` holds it to what every operator promises.

    Attributes:
        name: What it is called, in records, guidelines and on the command line.
        tendency: What it does to complexity.
        donor: The architecture that it takes networks from; none unless it grafts.
    """

    name: str
    tendency: ClassVar[Tendency]
    donor: Architecture | None = None

    @abstractmethod
    def sites(self, architecture: Architecture) -> list[Site]:
        """Where it can be applied, in a fixed order; `apply` may still refuse."""

    @abstractmethod
    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        """The changed architecture and the parameters that do not simply keep their value."""

    @final
    def apply(
        self, architecture: Architecture, site: Site, *, seed: int, space: SearchSpace | None = None
    ) -> Variation | Refusal:
        """Apply the operator; the architecture that is given stays as it is.

        Args:
            architecture: The parent.
            site: One of `sites(architecture)`.
            seed: Seed of everything that is drawn, in the new structure and in shared weights.
            space: Where new networks are drawn from and whose limits hold, for the parent's own networks too.
                Unless told, they are drawn from `SearchSpace.modern()`; of its limits only those of widths
                hold then, for what the operator itself makes wider or narrower.

        Returns:
            The variation, or a refusal that says why.
        """
        if not _is_sound(site):
            return Refusal(f"{self.name} has no site {site!r}: its nodes are names and its layer is a number")
        if not self._is_site(architecture, site):
            return Refusal(f"{self.name} has no site '{site}' in this architecture")
        change = self._change(architecture, site, Draw(space or SearchSpace.modern(), seed))
        if isinstance(change, Refusal):
            return change
        broken = violations(change.architecture, space)
        if broken:
            return Refusal(f"{self.name} at {site}: {'; '.join(broken)}")
        return Variation(
            operator=self.name,
            site=site,
            parent=architecture,
            architecture=change.architecture,
            inheritance=inheritance_plan(architecture, change.architecture, change.origins),
            affected=affected_networks(architecture, change.architecture),
            preserves=change.preserves,
            donor=self.donor,
        )

    def _is_site(self, architecture: Architecture, site: Site) -> bool:
        """Whether a site is of this architecture; for operators whose sites are dear to list, to override."""
        return site in self.sites(architecture)


def undeclared(operator: object) -> str | None:
    """What an operator does not say of itself as it should; none where all is well."""
    name, tendency = getattr(operator, "name", None), getattr(operator, "tendency", None)
    if not isinstance(operator, Operator):
        return f"it is no Operator, but {type(operator).__name__}"
    if not isinstance(name, str) or not name:
        return f"its name must be a text, got {name!r}"
    if tendency not in TENDENCIES:
        return f"its tendency must be one of {', '.join(TENDENCIES)}, got {tendency!r}"
    return None


def _is_sound(site: object) -> bool:
    return (
        isinstance(site, Site)
        and isinstance(site.nodes, tuple)
        and all(isinstance(node, str) for node in site.nodes)
        and type(site.layer) is int
    )


class Draw:
    """What an operator draws with: a search space and a seeded generator."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self.space = space
        self.seed = seed
        self.rng = generator(seed, 0, "variation")
