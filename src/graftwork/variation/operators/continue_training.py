"""Continue: change nothing and train on, the control arm of a study."""

from __future__ import annotations

from typing import ClassVar

from graftwork.architecture import Architecture
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency


class ContinueTraining(Operator):
    """Change nothing; what comes after it is training alone.

    Without this control the effect of an operator could not be told from that of more training.

    Example:
        >>> from graftwork.variation import CONTROL
        >>> CONTROL.tendency
        'neutral'
    """

    name = "continue"
    tendency: ClassVar[Tendency] = "neutral"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("model")]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        return Change(architecture, preserves=True)
