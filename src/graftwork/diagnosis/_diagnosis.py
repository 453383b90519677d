"""What a diagnosis holds, and how it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem, Split

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure of one component.

    Attributes:
        component: Name of the network.
        output: The output that it is about, or none for figures of the component alone.
        metric: What was measured.
        value: The figure, in the metric's unit.
        error: Its standard error over repeats; 0 where it is exact.
    """

    component: str
    output: str | None
    metric: str
    value: float
    error: float = 0.0


@dataclass(frozen=True)
class Subject:
    """What is diagnosed: a model on the rows of a split."""

    model: HeterogeneousModel
    problem: Problem
    split: Split
    repeats: int
    seed: int


class ComponentMetric(Protocol):
    """A metric of components; a new one is one file.

    Attributes:
        names: The metrics that it reports.
        unit: What one unit of them is.
    """

    names: ClassVar[tuple[str, ...]]
    unit: ClassVar[str]

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network of the model."""
        ...


@dataclass(frozen=True)
class Diagnosis:
    """How good each part of a model is for each output."""

    findings: tuple[Finding, ...]

    def value(self, component: str, metric: str, output: str | None = None) -> float:
        """One figure; `KeyError` where it was not measured."""
        for finding in self.findings:
            if (finding.component, finding.metric, finding.output) == (component, metric, output):
                return finding.value
        raise KeyError((component, metric, output))

    def table(self, metric: str) -> dict[str, dict[str, float]]:
        """One metric as component -> output -> figure."""
        table: dict[str, dict[str, float]] = {}
        for finding in self.findings:
            if finding.metric == metric and finding.output is not None:
                table.setdefault(finding.component, {})[finding.output] = finding.value
        return table

    def frame(self) -> pd.DataFrame:
        """All findings as a data frame: component, output, metric, value, error."""
        import pandas as pd

        return pd.DataFrame([asdict(finding) for finding in self.findings])


def measure(subject: Subject, metrics: Sequence[ComponentMetric]) -> Diagnosis:
    """Apply metrics to a subject."""
    return Diagnosis(tuple(finding for metric in metrics for finding in metric.measure(subject)))
