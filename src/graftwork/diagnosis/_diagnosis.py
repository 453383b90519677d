"""What a diagnosis holds, and how it is made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from graftwork.diagnosis._metric import ComponentMetric, MetricInfo
from graftwork.errors import RunError

if TYPE_CHECKING:
    import pandas as pd

    from graftwork.diagnosis.subject import Subject

WHOLE = "(model)"
_REVERSED = ("less needed", "worse")


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure of one component.

    Attributes:
        component: Name of the network, of the connection (`n1 -> n3`), or `(model)` for the whole.
        output: The output that it is about, or none for figures of the component alone. Where the metric
            compares, the other component, or the two outputs as `a / b`.
        metric: What was measured.
        value: The figure, in the metric's unit.
        error: Its standard error; 0 where it is exact, or where one repeat or row gives nothing to tell it
        by.
    """

    component: str
    output: str | None
    metric: str
    value: float
    error: float = 0.0


@dataclass(frozen=True)
class Diagnosis:
    """How good each part of a model is for each output.

    Attributes:
        findings: Every figure.
        infos: How the figures of metrics that the registry does not know are read.
    """

    findings: tuple[Finding, ...]
    infos: tuple[MetricInfo, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, str, str | None], Finding]:
        # In reverse, so that the first of two findings for one place counts.
        return {(f.component, f.metric, f.output): f for f in reversed(self.findings)}

    def finding(self, component: str, metric: str, output: str | None = None) -> Finding:
        """One figure with its error; `KeyError` where it was not measured."""
        return self._by_place[component, metric, output]

    def value(self, component: str, metric: str, output: str | None = None) -> float:
        """One figure; `KeyError` where it was not measured."""
        return self.finding(component, metric, output).value

    def interval(
        self, component: str, metric: str, output: str | None = None, *, level: float = 0.95
    ) -> tuple[float, float]:
        """The interval in which the figure lies with this confidence, by the normal approximation."""
        from scipy.stats import norm

        found = self.finding(component, metric, output)
        reach = float(norm.ppf(0.5 + level / 2)) * found.error
        return found.value - reach, found.value + reach

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the figures that were measured."""
        return tuple(dict.fromkeys(finding.metric for finding in self.findings))

    def info(self, metric: str) -> MetricInfo:
        """Unit, direction and meaning of a figure; `KeyError` where nobody declares it."""
        from graftwork.diagnosis.registry import METRICS

        own = {info.name: info for info in self.infos}
        return own[metric] if metric in own else METRICS.info(metric)

    def table(self, metric: str) -> dict[str, dict[str, float]]:
        """One metric as component -> output -> figure."""
        table: dict[str, dict[str, float]] = {}
        for finding in self.findings:
            if finding.metric == metric and finding.output is not None:
                table.setdefault(finding.component, {})[finding.output] = finding.value
        return table

    def ranks(self, metric: str) -> dict[str, dict[str | None, float]]:
        """Rank of every component for each output (none for figures of the component alone).

        From 0 to 1, the component that is needed most; ties get their mean. Where the direction of the metric
        says nothing of need, 1 is the highest figure. Networks and connections are ranked apart.
        """
        from scipy.stats import rankdata

        sign = -1.0 if self.info(metric).direction in _REVERSED else 1.0
        ranks: dict[str, dict[str | None, float]] = {}
        for output, found in self._groups(metric):
            places = rankdata([sign * finding.value for finding in found])
            for finding, place in zip(found, places, strict=True):
                rank = float((place - 1) / (len(found) - 1)) if len(found) > 1 else 1.0
                ranks.setdefault(finding.component, {})[output] = rank
        return ranks

    def redundant_pairs(self, least: float = 0.9) -> list[tuple[Finding, str]]:
        """Pairs of components whose CKA is at least so much, highest first: the finding, and the other."""
        pairs = {
            frozenset((f.component, f.output)): f
            for f in reversed(self.findings)
            if f.metric == "cka" and f.output is not None and f.value >= least
        }
        return [(f, str(f.output)) for f in sorted(pairs.values(), key=lambda f: (-f.value, f.component))]

    def conflicts(self) -> list[tuple[Finding, str, str]]:
        """Components where the gradients of two outputs oppose each other beyond twice the error, worst
        first.

        The finding (a cosine), and the two outputs.
        """
        found = [f for f in self.findings if f.metric == "gradient_cosine" and f.value < -2 * f.error]
        return [
            (f, *_two(str(f.output))) for f in sorted(found, key=lambda f: (f.value, f.component, f.output))
        ]

    def frame(self) -> pd.DataFrame:
        """All findings as a data frame: component, output, metric, value, error."""
        import pandas as pd

        return pd.DataFrame([asdict(finding) for finding in self.findings])

    def _groups(self, metric: str) -> Iterator[tuple[str | None, list[Finding]]]:
        groups: dict[tuple[str | None, bool], list[Finding]] = {}
        for finding in self.findings:
            if finding.metric == metric:
                groups.setdefault((finding.output, is_connection(finding.component)), []).append(finding)
        for (output, _), found in groups.items():
            yield output, found


def connection_name(source: str, target: str) -> str:
    """How a connection is called in findings.

    Example:
        >>> connection_name("n1", "n3")
        'n1 -> n3'
    """
    return f"{source} -> {target}"


def is_connection(component: str) -> bool:
    """Whether a component is a connection, by its name."""
    return " -> " in component


def _two(pair: str) -> tuple[str, str]:
    first, _, second = pair.partition(" / ")
    return first, second


def measure(subject: Subject, metrics: Sequence[ComponentMetric]) -> Diagnosis:
    """Apply metrics to a subject.

    Raises:
        RunError: A metric reports a figure that is not finite.
    """
    findings: list[Finding] = []
    for metric in metrics:
        found = metric.measure(subject)
        _refuse_not_finite(found)
        findings += found
    return Diagnosis(tuple(findings), tuple(info for metric in metrics for info in metric.infos))


def _refuse_not_finite(findings: Sequence[Finding]) -> None:
    for f in findings:
        if not (math.isfinite(f.value) and math.isfinite(f.error)):
            raise RunError(
                f"{f.metric} of {f.component}"
                + (f" for {f.output}" if f.output else "")
                + f" came out as {f.value} with error {f.error}; expected finite numbers: look for weights "
                "or rows that are not finite, or so large that a loss overflows"
            )
