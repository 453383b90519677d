"""Hold a metric of components to what every metric promises."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from graftwork.architecture import SearchSpace, random_architecture
from graftwork.diagnosis import WHOLE, ComponentMetric, Finding, MetricInfo, Plan, Subject, subject_of
from graftwork.diagnosis.registry import undeclared
from graftwork.model import HeterogeneousModel, build
from graftwork.problem import Classification, Generation, Problem, Regression
from graftwork.runtime import generator
from graftwork.testing.contract import ContractBroken

_ROWS, _ALIKE = 48, 1e-4
_ABOUTS = ("output", "component", "pair of outputs", "component alone")
_DIRECTIONS = ("more needed", "less needed", "more in conflict", "better", "worse", "neither")
Place = tuple[str, str | None, str]


@dataclass(frozen=True)
class MetricReport:
    """How a metric that keeps the contract was checked.

    Attributes:
        names: The figures that it declares.
        findings: How many findings were looked at.
    """

    names: tuple[str, ...]
    findings: int


@dataclass(frozen=True)
class _Case:
    """A model that is diagnosed: what it is called, the module, and subjects of it."""

    name: str
    module: nn.Module
    subject: Callable[[], Subject]


def check_metric(metric: ComponentMetric, *, seed: int = 0) -> MetricReport:
    """Hold one metric to the contract, on models of Graftwork and on a module that it did not build.

    It must declare its figures; report finite ones, of those names, for components and outputs that there
    are, each once, and for every network where it reports one for any, also for a network that no output
    depends on and on one row; give the same for the same seed without drawing from global random states; give
    the same whatever the order of components; and leave the module as it is.

    Args:
        metric: Any metric.
        seed: Root of every draw.

    Raises:
        ContractBroken: A promise is broken.

    Example:
        >>> from graftwork.diagnosis import METRICS
        >>> check_metric(METRICS["cka"]).names
        ('cka', 'redundancy')
    """
    _declared(metric)
    looked_at = 0
    for case in _cases(seed):
        first = _measured(metric, case)
        _sound(metric, case, first)
        _complete(metric, case, first)
        with _stirred():
            second = _measured(metric, case)
        if first != second:
            raise _broken(metric, case, f"two runs of one seed differ: {_difference(first, second)}")
        looked_at += len(first)
    _blind_to_order(metric, seed)
    return MetricReport(tuple(info.name for info in metric.infos), looked_at)


def _declared(metric: ComponentMetric) -> None:
    name = type(metric).__name__
    if fault := undeclared(metric):
        raise ContractBroken(f"{name}: {fault}")
    for info in metric.infos:
        for field, allowed in (("about", _ABOUTS), ("direction", _DIRECTIONS)):
            if getattr(info, field) not in allowed:
                came = getattr(info, field)
                raise ContractBroken(f"{name}: {field} of '{info.name}' is {came!r}, not one of {allowed}")
        if not (info.name and info.unit and info.says):
            raise ContractBroken(f"{name}: {info!r} lacks a name, a unit or what it says")
    if len({info.name for info in metric.infos}) < len(metric.infos):
        raise ContractBroken(f"{name}: declares a name twice")


def _measured(metric: ComponentMetric, case: _Case) -> list[Finding]:
    with torch.random.fork_rng(devices=()):
        subject, before, draws = case.subject(), _state(case.module), _draws()
        try:
            found = metric.measure(subject)
        except Exception as error:
            raise _broken(metric, case, f"it raises {type(error).__name__}: {error}") from error
        if changed := _changed(before, _state(case.module)):
            raise _broken(metric, case, f"the module is not as it was: {changed}")
        if draws != _draws():
            raise _broken(metric, case, "it draws from the global random state of torch, NumPy or Python")
    if not isinstance(found, list) or not all(isinstance(each, Finding) for each in found):
        raise _broken(metric, case, f"expected a list of findings, came {found!r}")
    return found


def _sound(metric: ComponentMetric, case: _Case, found: list[Finding]) -> None:
    subject = case.subject()
    infos = {info.name: info for info in metric.infos}
    for each in found:
        if each.metric not in infos:
            raise _broken(metric, case, f"'{each.metric}' is not declared")
        if each.component not in (*subject.components, WHOLE):
            raise _broken(metric, case, f"there is no component '{each.component}'")
        if not (math.isfinite(each.value) and math.isfinite(each.error) and each.error >= 0):
            raise _broken(metric, case, f"expected a finite value and error, came {each}")
        if each.component != WHOLE and not _fits(infos[each.metric], each.output, subject):
            raise _broken(metric, case, f"'{each.metric}' is about {infos[each.metric].about}, came {each}")
    twice = [place for place, count in Counter(map(_place, found)).items() if count > 1]
    if twice:
        raise _broken(metric, case, f"reported twice: {twice[0]}")


def _fits(info: MetricInfo, output: str | None, subject: Subject) -> bool:
    if info.about == "component alone":
        return output is None
    if info.about == "output":
        return output in subject.outputs
    if info.about == "component":
        return output in subject.components
    first, _, second = str(output).partition(" / ")
    return first != second and {first, second} <= set(subject.outputs)


def _complete(metric: ComponentMetric, case: _Case, found: list[Finding]) -> None:
    subject, places = case.subject(), {_place(each) for each in found}
    for info in metric.infos:
        if not any(each.metric == info.name and each.component in subject.networks for each in found):
            continue
        outputs: dict[str, tuple[str | None, ...]] = {"output": subject.outputs, "component alone": (None,)}
        for name in subject.networks:
            for output in outputs.get(info.about, ()):
                if (name, output, info.name) not in places:
                    raise _broken(metric, case, f"'{info.name}' is missing for {name}, output {output}")


def _blind_to_order(metric: ComponentMetric, seed: int) -> None:
    there, back = (_module_case(seed, names) for names in (_PARTS, tuple(reversed(_PARTS))))
    first, second = ({_place(f): f.value for f in _measured(metric, case)} for case in (there, back))
    if first.keys() != second.keys():
        raise _broken(metric, there, "the order of components decides what is reported")
    for place, value in first.items():
        if abs(value - second[place]) > _ALIKE * max(1.0, abs(value)):
            raise _broken(
                metric, there, f"the order of components decides: {place} is {value} or {second[place]}"
            )


def _place(finding: Finding) -> Place:
    return finding.component, finding.output, finding.metric


def _difference(first: list[Finding], second: list[Finding]) -> str:
    pairs = (f"{a} and {b}" for a, b in zip(first, second, strict=False) if a != b)
    return next(pairs, f"{len(first)} and {len(second)} findings")


def _broken(metric: ComponentMetric, case: _Case, what: str) -> ContractBroken:
    return ContractBroken(f"{type(metric).__name__} on {case.name}: {what}")


# State of a module and of the random generators


def _state(module: nn.Module) -> dict[str, Any]:
    state: dict[str, Any] = {name: value.detach().clone() for name, value in module.state_dict().items()}
    for name, parameter in module.named_parameters():
        gradient = None if parameter.grad is None else parameter.grad.clone()
        state |= {f"gradient of {name}": gradient, f"need of a gradient of {name}": parameter.requires_grad}
    for name, part in module.named_modules():
        hooks = (part._forward_hooks, part._forward_pre_hooks, part._backward_hooks)
        state |= {f"mode of {name!r}": part.training, f"hooks of {name!r}": [list(each) for each in hooks]}
        state |= {f"forward of {name!r}": part.__dict__.get("forward")}
    return state


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    for name in (*before, *after):
        one, other = before.get(name), after.get(name)
        same = (
            torch.equal(one, other) if isinstance(one, Tensor) and isinstance(other, Tensor) else one == other
        )
        if not same:
            return name
    return None


def _draws() -> tuple[Any, ...]:
    import random

    state = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    return torch.get_rng_state().numpy().tobytes(), state["pos"], state["key"].tobytes(), random.getstate()


@contextmanager
def _stirred() -> Iterator[None]:
    """Global random states are elsewhere."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(20_000_003)
        yield


# Models


def _cases(seed: int) -> list[_Case]:
    problem, plan = _problem(), Plan(2, 4, seed)
    found = []
    for number, space in enumerate((SearchSpace.modern(max_networks=5), SearchSpace.paper(max_networks=5))):
        model = build(random_architecture(problem, space, seed=seed + number), seed=seed)
        for rows in (_ROWS, 1):
            found.append(_graph_case(f"model {number} of Graftwork, {rows} rows", model, problem, plan, rows))
    return [*found, _module_case(seed, _PARTS), _module_case(seed, _PARTS, rows=1)]


def _graph_case(name: str, model: HeterogeneousModel, problem: Problem, plan: Plan, rows: int) -> _Case:
    return _Case(name, model, lambda: subject_of(model, problem, rows=rows, plan=plan, connections=True))


@cache
def _problem() -> Problem:
    random = generator(0, 0, "contract of metrics")
    x = random.normal(size=(5 * _ROWS, 6)).astype(np.float32)
    numbers = np.stack([x[:, 0] + x[:, 2], x[:, 1] * 2], axis=1)
    numbers[::7] = np.nan
    array = x[:, [0, 1, 0, 1]] + 0.5 * x[:, [3, 3, 4, 4]] + 0.1 * random.normal(size=(len(x), 4))
    return Problem.from_arrays(
        "contract",
        inputs={"x": x},
        outputs={
            "kind": (Classification(), (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)),
            "numbers": (Regression(), numbers),
            "array": (Generation(), array),
        },
    )


_PARTS = ("trunk", "kind", "size", "idle")


class _SharedTrunk(nn.Module):
    """A trunk and two heads, and a part that is computed for nothing."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh())
        self.kind, self.size, self.idle = nn.Linear(8, 3), nn.Linear(8, 1), nn.Linear(8, 2)
        draw = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=draw) * 0.5)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Both outputs."""
        shared = self.trunk(x)
        self.idle(shared)
        return {"kind": self.kind(shared), "size": self.size(shared)}


def _module_case(seed: int, parts: tuple[str, ...], *, rows: int = _ROWS) -> _Case:
    draw = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(rows, 6, generator=draw)
    batches = [(x, {"kind": (x[:, 0] > 0).long(), "size": x[:, 1]})]
    outputs = {"kind": Classification(), "size": Regression()}
    module = _SharedTrunk(seed).eval()

    def subject() -> Subject:
        return subject_of(
            module, batches, components=parts, outputs=outputs, plan=Plan(2, 4, seed, spread=True)
        )

    return _Case(f"a module of {rows} rows", module, subject)
