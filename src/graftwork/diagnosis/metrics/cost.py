"""What a component costs in every pass."""

from __future__ import annotations

from typing import ClassVar

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis.subject import Subject


class Cost:
    """Share of the model's multiply-accumulates a row; exact."""

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "mac_share", "share", "neither", "its share of all multiply-accumulates", "component alone"
        ),
    )

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component."""
        whole = max(subject.size[1], 1)
        return [
            Finding(name, None, "mac_share", subject.place(name).macs / whole) for name in subject.components
        ]
