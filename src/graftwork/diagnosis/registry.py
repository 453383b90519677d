"""Metrics by name: those of the package, and those that other packages register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import cast, final

from graftwork.diagnosis._metric import ComponentMetric, MetricInfo
from graftwork.diagnosis.metrics import (
    Activity,
    CaptumAttributions,
    Cost,
    EffectiveRank,
    Fisher,
    GradientConflict,
    Information,
    Probe,
    Redundancy,
    RelevanceByMeanAblation,
    RelevanceByPermutation,
    RelevanceByRandomisedWeights,
    Structure,
    Taylor,
    WholeModel,
)
from graftwork.errors import InputError
from graftwork.plugins import called, found_points, loaded, unknown

GROUP = "graftwork.metrics"

DEFAULT_METRICS: tuple[ComponentMetric, ...] = (
    RelevanceByRandomisedWeights(),
    RelevanceByPermutation(),
    Structure(),
)
ALL_METRICS: tuple[ComponentMetric, ...] = (
    *DEFAULT_METRICS,
    RelevanceByMeanAblation(),
    Taylor(),
    Fisher(),
    Probe(),
    Information(),
    Redundancy(),
    EffectiveRank(),
    Activity(),
    GradientConflict(),
    Cost(),
    WholeModel(),
)
_EXTRA: tuple[ComponentMetric, ...] = (CaptumAttributions(),)


@final
class MetricRegistry(Mapping[str, ComponentMetric]):
    """Metrics by the names of their figures; those of other packages are looked for when asked for.

    A package registers a metric by an entry point of the group `graftwork.metrics` whose value is a class
    that can be made without arguments and has the members of `ComponentMetric`, or an instance of one.

    Args:
        own: The metrics of this package.
    """

    def __init__(self, own: Iterable[ComponentMetric]) -> None:
        self._own = {info.name: metric for metric in own for info in metric.infos}

    @cached_property
    def _metrics(self) -> Mapping[str, ComponentMetric]:
        metrics = dict(self._own)
        for point in found_points(GROUP):
            metric = cast("ComponentMetric", loaded(point, "metric", undeclared))
            for info in metric.infos:
                if info.name in metrics:
                    raise InputError(f"{called(point)} brings a second metric '{info.name}'; rename it")
                metrics[info.name] = metric
        return metrics

    def __getitem__(self, name: str) -> ComponentMetric:
        # Own ones first: a broken package must not be in the way of who does not ask for it.
        return self._own[name] if name in self._own else self._metrics[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)

    def info(self, name: str) -> MetricInfo:
        """Unit, direction and meaning of a figure; `KeyError` where nobody declares it."""
        return next(info for info in self[name].infos if info.name == name)

    def chosen(self, metrics: Iterable[ComponentMetric | str]) -> tuple[ComponentMetric, ...]:
        """Metrics, given themselves or by the name of a figure of theirs; each once, in order.

        Raises:
            InputError: There is none of a name, or nothing was named.

        Example:
            >>> [type(metric).__name__ for metric in METRICS.chosen(["cka", "depth", "exclusive"])]
            ['Redundancy', 'Structure']
        """
        if isinstance(metrics, str):
            raise InputError(
                f"metrics: expected a sequence of names or metrics, came {metrics!r}: use a list"
            )
        found: list[ComponentMetric] = []
        for asked in metrics:
            metric = self._named(asked) if isinstance(asked, str) else asked
            if metric not in found:
                found.append(metric)
        if not found:
            raise InputError("metrics: expected at least one, came none")
        return tuple(found)

    def _named(self, name: str) -> ComponentMetric:
        if name not in self:
            raise unknown(name, self, "metric")
        return self[name]


def undeclared(metric: object) -> str | None:
    """What an object lacks to be a metric; none where nothing is missing."""
    infos = getattr(metric, "infos", None)
    if not isinstance(infos, tuple) or not infos or not all(isinstance(each, MetricInfo) for each in infos):
        return f"`infos` must be a tuple of `MetricInfo`, but it is {infos!r}"
    if not callable(getattr(metric, "measure", None)):
        return "it has no method `measure`"
    return None


METRICS = MetricRegistry((*ALL_METRICS, *_EXTRA))
