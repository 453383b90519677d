"""The contract of variation operators, to run on your own: `check_operator`."""

from graftwork.testing.contract import ContractBroken, OperatorReport, check_operator, check_operators
from graftwork.testing.counts import Case, Counts
from graftwork.testing.donors import with_donor

__all__ = [
    "Case",
    "ContractBroken",
    "Counts",
    "OperatorReport",
    "check_operator",
    "check_operators",
    "with_donor",
]
