"""How an architecture may change: operators, the inheritance of weights, and what is affected."""

from types import MappingProxyType

from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Variation
from graftwork.variation.affected import affected_networks, affected_outputs, changed_nodes
from graftwork.variation.inheritance import Fresh, Kept, Origin, Shared, Zeros
from graftwork.variation.operators import (
    AddConnection,
    BypassNetwork,
    CloneNetwork,
    ContinueTraining,
    DeleteConnection,
    DivideConnection,
    ReinitialiseNetwork,
)

CONTROL = ContinueTraining()
STRUCTURAL = (
    AddConnection(),
    DeleteConnection(),
    DivideConnection(),
    BypassNetwork(),
    ReinitialiseNetwork(),
    CloneNetwork(),
)
OPERATORS = MappingProxyType({operator.name: operator for operator in (*STRUCTURAL, CONTROL)})

__all__ = [
    "CONTROL",
    "OPERATORS",
    "STRUCTURAL",
    "AddConnection",
    "BypassNetwork",
    "Change",
    "CloneNetwork",
    "ContinueTraining",
    "DeleteConnection",
    "DivideConnection",
    "Draw",
    "Fresh",
    "Kept",
    "Operator",
    "Origin",
    "Refusal",
    "ReinitialiseNetwork",
    "Shared",
    "Site",
    "Variation",
    "Zeros",
    "affected_networks",
    "affected_outputs",
    "changed_nodes",
]
