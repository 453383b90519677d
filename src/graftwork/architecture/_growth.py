"""How a random graph grows: which networks there are and what connects them, before any layer is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graftwork.architecture._flow_rules import ACCEPTED
from graftwork.architecture._graph import (
    Carries,
    Connection,
    NetworkKind,
    OutputNode,
    Role,
)

_REUSE, _SECOND, _REFINE, _CONDITION = 0.15, 0.25, 0.2, 0.35
_NEW, _MOST_SHARING = 0.45, 0.7
_PRODUCERS: dict[Carries, NetworkKind] = {
    "discrete": "discretizer",
    "values": "regressor",
    "samples": "decoder",
}


def fewest_networks(outputs: Sequence[OutputNode]) -> int:
    """Networks without which these outputs cannot be served: one per kind of data that must be produced."""
    return len(_wanted(outputs))


def _wanted(outputs: Sequence[OutputNode]) -> set[Carries]:
    wanted = {ACCEPTED[output.kind] for output in outputs}
    return wanted | {"values"} if "samples" in wanted else wanted


class Growth:
    """A graph that grows backwards from its outputs to an aimed number of networks.

    Room for what must still come, a source for every open network and a network for every kind of data, is
    set aside before anything else is drawn, so that the limits hold by construction.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        outputs: Sequence[OutputNode],
        *,
        networks: int,
        connections: int,
        rng: np.random.Generator,
    ) -> None:
        self.kinds: dict[str, NetworkKind] = {}
        self._inputs, self._outputs = list(inputs), list(outputs)
        self._most_networks, self._most_connections = networks, connections
        self._rng = rng
        # Drawn once for each architecture, so that some share most of their networks and some hardly any.
        self._sharing = _MOST_SHARING * rng.random()
        self._produces: dict[str, Carries] = {}
        self._sources: dict[str, dict[str, Role]] = {}
        self._receivers: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._unserved = list(outputs)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All connections so far."""
        return tuple(
            Connection(source, target, role)
            for target, sources in self._sources.items()
            for source, role in sources.items()
        )

    def grow(self) -> None:
        """Serve every output, then feed every network."""
        while self._unserved:
            self._serve(self._unserved.pop(int(self._rng.integers(len(self._unserved)))))
        for output in self._outputs:
            if self._chance(_SECOND):
                self._serve_again(output)
        while self._open:
            decoders = [name for name in self._open if self.kinds[name] == "decoder"]
            self._feed(self._pick(decoders or self._open))

    # Room.

    def _missing(self) -> int:
        wanted = _wanted(self._unserved)
        if any(self.kinds[name] == "decoder" for name in self._open):
            wanted.add("values")
        return len(wanted - set(self._produces.values()))

    def _spare_connections(self) -> int:
        used = sum(len(sources) for sources in self._sources.values())
        return self._most_connections - used - len(self._open) - len(self._unserved) - self._missing()

    def _has_room(self, networks: int) -> bool:
        # A new network costs the connection that it makes and the one that will feed it.
        spare = self._most_networks - len(self.kinds) - self._missing()
        return spare >= networks and self._spare_connections() >= 2 * networks

    # Outputs.

    def _serve(self, output: OutputNode) -> None:
        accepted = ACCEPTED[output.kind]
        fitting = self._producers(accepted)
        if fitting and (self._chance(_REUSE) or not self._has_room(1)):
            self._connect(self._pick(fitting), output.name, "input")
            return
        source = self._new(accepted)
        if accepted == "samples" and self._has_room(1) and self._chance(_REFINE):
            source = self._refined(source)
        self._connect(source, output.name, "input")

    def _serve_again(self, output: OutputNode) -> None:
        accepted = ACCEPTED[output.kind]
        others = [name for name in self._producers(accepted) if name not in self._sources[output.name]]
        if self._has_room(1) and (not others or self._chance(0.5)):
            self._connect(self._new(accepted), output.name, "input")
        elif others and self._spare_connections() >= 1:
            self._connect(self._pick(others), output.name, "input")

    def _refined(self, decoder: str) -> str:
        refiner = self._new("values")
        self._produces[refiner] = "samples"
        self._open.remove(refiner)
        self._connect(decoder, refiner, "input")
        return refiner

    # Networks.

    def _feed(self, target: str) -> None:
        self._open.remove(target)
        if self.kinds[target] == "decoder":
            self._feed_decoder(target)
            return
        for index in range(int(self._rng.integers(1, 3, endpoint=True))):
            if index and self._spare_connections() < 1:
                return
            # Fed by samples alone, a regressor would produce samples, not the values wanted of it.
            self._add_source(target, pure=index == 0 and self.kinds[target] == "regressor")

    def _feed_decoder(self, target: str) -> None:
        for index in range(int(self._rng.integers(1, 2, endpoint=True))):
            self._add_fitting(target, "values", "stochastic", needed=index == 0)
        if self._chance(_CONDITION):
            self._add_fitting(target, "discrete", "condition", needed=False)

    def _add_fitting(self, target: str, carried: Carries, role: Role, *, needed: bool) -> None:
        existing = [name for name in self._eligible(target) if self._produces[name] == carried]
        if self._has_room(1) and (not existing or self._must_grow() or not self._chance(self._sharing)):
            self._connect(self._new(carried), target, role)
        elif existing and (needed or self._spare_connections() >= 1):
            self._connect(self._pick(existing), target, role)
        elif needed:
            self._connect(self._new(carried), target, role)

    def _add_source(self, target: str, *, pure: bool) -> None:
        existing = [
            name for name in self._eligible(target) if not (pure and self._produces[name] == "samples")
        ]
        unused = [name for name in self._inputs if name not in self._sources.get(target, {})]
        if self._has_room(1) and (self._must_grow() or self._chance(_NEW)):
            self._connect(self._new_source(target, pure=pure), target, "input")
        elif existing and (self._chance(self._sharing) or not unused):
            self._connect(self._pick(existing), target, "input")
        elif unused:
            self._connect(self._pick(unused), target, "input")

    def _must_grow(self) -> bool:
        return not self._open

    def _new_source(self, target: str, *, pure: bool) -> str:
        kind = self._rng.random()
        if kind < 0.6:
            return self._new("values")
        if kind < 0.85 or pure:
            return self._new("discrete")
        suitable = any(self._produces[name] == "values" for name in self._eligible(target))
        if not suitable and not self._has_room(2):
            return self._new("values")
        decoder = self._new("samples")
        # Connected and fed at once: its stochastic source must not lie behind the target.
        self._connect(decoder, target, "input")
        self._feed(decoder)
        return decoder

    def _new(self, carried: Carries) -> str:
        name = f"n{len(self.kinds)}"
        self.kinds[name] = _PRODUCERS[carried]
        self._produces[name] = carried
        self._open.append(name)
        return name

    def _connect(self, source: str, target: str, role: Role) -> None:
        if source not in self._sources.setdefault(target, {}):
            self._sources[target][source] = role
            self._receivers.setdefault(source, []).append(target)

    def _producers(self, carried: Carries) -> list[str]:
        return [name for name, produced in self._produces.items() if produced == carried]

    def _eligible(self, target: str) -> list[str]:
        """Networks that could feed this one: not behind it and not its source yet."""
        behind, frontier = {target}, [target]
        while frontier:
            for name in self._receivers.get(frontier.pop(), ()):
                if name not in behind:
                    behind.add(name)
                    frontier.append(name)
        return [
            name for name in self.kinds if name not in behind and name not in self._sources.get(target, {})
        ]

    def _pick(self, names: Sequence[str]) -> str:
        return names[int(self._rng.integers(len(names)))]

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)
