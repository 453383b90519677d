"""Every metric keeps the contract, and the contract finds what does not."""

from __future__ import annotations

from typing import Any

import pytest
from tests.testing.planted_metrics import BROKEN, Good

from graftwork.diagnosis import ALL_METRICS, ComponentMetric
from graftwork.testing import ContractBroken, check_metric


@pytest.mark.parametrize("metric", ALL_METRICS, ids=lambda metric: type(metric).__name__)
def test_every_metric_keeps_the_contract(metric: ComponentMetric) -> None:
    report = check_metric(metric)
    assert report.names == tuple(info.name for info in metric.infos)
    assert report.findings > 0


def test_a_good_metric_of_others_passes() -> None:
    assert check_metric(Good(), seed=3).names == ("spread",)


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_promise_is_found(kind: type[Any]) -> None:
    with pytest.raises(ContractBroken, match=BROKEN[kind]):
        check_metric(kind())
