"""A metric that keeps the contract, and one for every promise that can be broken."""

from __future__ import annotations

import itertools
from typing import Any

import torch

from graftwork.diagnosis import Finding, GraphSubject, MetricInfo, ModuleSubject, Subject

INFO = MetricInfo("spread", "units", "neither", "how far its activations spread", "component alone")


class Good:
    """Standard deviation of a network's activations."""

    infos = (INFO,)

    def measure(self, subject: Subject) -> list[Finding]:
        return [Finding(name, None, "spread", self._of(subject, name)) for name in subject.networks]

    def _of(self, subject: Subject, name: str) -> float:
        values = subject.activations(name)
        return float(values.std(correction=0)) if values.numel() else 0.0


class NotFinite(Good):
    def _of(self, subject: Subject, name: str) -> float:
        return 1e308 * 10.0 if subject.rows == 1 else 1.0


class Drawn(Good):
    def _of(self, subject: Subject, name: str) -> float:
        return float(torch.rand(()))


class Moody(Good):
    count = itertools.count()

    def _of(self, subject: Subject, name: str) -> float:
        return float(next(self.count))


class ByPlace(Good):
    def _of(self, subject: Subject, name: str) -> float:
        return float(subject.networks.index(name))


class Heavy(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        with torch.no_grad():
            next(_module(subject).parameters()).mul_(1.5)
        return super().measure(subject)


class Hooked(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        _module(subject).register_forward_hook(lambda *_: None)
        return super().measure(subject)


class Graded(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        sum(parameter.sum() for parameter in _module(subject).parameters()).backward()  # type: ignore[union-attr]
        return super().measure(subject)


class Trains(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        module = _module(subject)
        module.train(not module.training)
        return super().measure(subject)


class Undeclared(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        return [*super().measure(subject), Finding(subject.networks[0], None, "width", 1.0)]


class Forgetful(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        return [finding for finding in super().measure(subject) if subject.reached(finding.component)]


class Twice(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        return super().measure(subject) * 2


class Stranger(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        return [*super().measure(subject), Finding("n99", None, "spread", 1.0)]


class About(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        return [Finding(name, subject.outputs[0], "spread", 1.0) for name in subject.networks]


class Many(Good):
    def measure(self, subject: Subject) -> list[Finding]:
        if subject.rows < 2:
            raise ValueError("two rows or more")
        return super().measure(subject)


class NoUnit(Good):
    infos = (MetricInfo("spread", "", "neither", "how far its activations spread", "component alone"),)


class NoDirection(Good):
    infos = (MetricInfo("spread", "units", "up", "how far", "component alone"),)  # type: ignore[arg-type]


class NoInfos(Good):
    infos = ()


class SameNames(Good):
    infos = (INFO, INFO)


def _module(subject: Subject) -> torch.nn.Module:
    assert isinstance(subject, GraphSubject | ModuleSubject)
    return subject.model if isinstance(subject, GraphSubject) else subject.module


BROKEN: dict[type[Any], str] = {
    NotFinite: "expected a finite value and error",
    Drawn: "draws from the global random state",
    Moody: "two runs of one seed differ",
    ByPlace: "the order of components decides",
    Heavy: "the module is not as it was",
    Hooked: "the module is not as it was: hooks",
    Graded: "the module is not as it was: gradient",
    Trains: "the module is not as it was: mode",
    Undeclared: "'width' is not declared",
    Forgetful: "'spread' is missing for idle",
    Twice: "reported twice",
    Stranger: "there is no component 'n99'",
    About: "is about component alone",
    Many: "ValueError: two rows or more",
    NoUnit: "lacks a name, a unit",
    NoDirection: "direction of 'spread' is 'up'",
    NoInfos: "`infos` must be a tuple",
    SameNames: "declares a name twice",
}
