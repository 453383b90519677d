"""Contracts to hold your own parts to: `check_operator`, `check_metric` and `check_executor`."""

from graftwork.testing.contract import ContractBroken, OperatorReport, check_operator, check_operators
from graftwork.testing.counts import Case, Counts
from graftwork.testing.donors import with_donor
from graftwork.testing.executors import ExecutorReport, check_executor
from graftwork.testing.metrics import MetricReport, check_metric

__all__ = [
    "Case",
    "ContractBroken",
    "Counts",
    "ExecutorReport",
    "MetricReport",
    "OperatorReport",
    "check_executor",
    "check_metric",
    "check_operator",
    "check_operators",
    "with_donor",
]
