"""What a metric of components declares and does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    from graftwork.diagnosis._diagnosis import Finding
    from graftwork.diagnosis.subject import Subject

Direction = Literal["more needed", "less needed", "more in conflict", "better", "worse", "neither"]
About = Literal["output", "component", "pair of outputs", "component alone"]


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """How figures of one name are read.

    Attributes:
        name: The name that findings carry.
        unit: What one unit of it is.
        direction: What a higher figure says: higher = this.
        says: What it measures, in a few words.
        about: What `Finding.output` names: an output, another component, a pair of outputs (`a / b`), or
            nothing.

    Example:
        >>> from graftwork.diagnosis import METRICS
        >>> print(METRICS.info("relevance_permutation"))
        relevance_permutation [skill; higher = more needed]: skill lost when its activations are another row's
    """

    name: str
    unit: str
    direction: Direction
    says: str
    about: About = "output"

    def __str__(self) -> str:
        meaning = "of itself neither good nor bad" if self.direction == "neither" else self.direction
        return f"{self.name} [{self.unit}; higher = {meaning}]: {self.says}"


class ComponentMetric(Protocol):
    """A metric of components; a new one is one file.

    Attributes:
        infos: The figures that it reports.
    """

    infos: ClassVar[tuple[MetricInfo, ...]]

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for the components of a subject; every value and error is finite."""
        ...
