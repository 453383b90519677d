"""How an architecture may change: operators, the inheritance of weights, and what is affected."""

from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Variation
from graftwork.variation.affected import affected_networks, affected_outputs, changed_nodes
from graftwork.variation.inheritance import (
    Blocks,
    Composed,
    Divided,
    Fresh,
    Grafted,
    Identity,
    Kept,
    MostSalient,
    Origin,
    Picked,
    Salience,
    Scaled,
    Shared,
    Weights,
    Zeros,
)
from graftwork.variation.operators import (
    AddConnection,
    BypassNetwork,
    CloneNetwork,
    ContinueTraining,
    DeleteConnection,
    DivideConnection,
    ReinitialiseNetwork,
)
from graftwork.variation.registry import OperatorRegistry

CONTROL = ContinueTraining()
STRUCTURAL = (
    AddConnection(),
    DeleteConnection(),
    DivideConnection(),
    BypassNetwork(),
    ReinitialiseNetwork(),
    CloneNetwork(),
)
DISRUPTIVE = (AddConnection(fresh_weights="random"), DivideConnection(fresh_weights="random"))
OPERATORS = OperatorRegistry((*STRUCTURAL, *DISRUPTIVE, CONTROL))


def structural_names() -> tuple[str, ...]:
    """Names of the operators that studies and searches draw from unless told otherwise.

    Those that other packages register are not among them: what a seed gives must not depend on what is
    installed.
    """
    return tuple(operator.name for operator in STRUCTURAL)


__all__ = [
    "CONTROL",
    "OPERATORS",
    "STRUCTURAL",
    "AddConnection",
    "Blocks",
    "BypassNetwork",
    "Change",
    "CloneNetwork",
    "Composed",
    "ContinueTraining",
    "DeleteConnection",
    "DivideConnection",
    "Divided",
    "Draw",
    "Fresh",
    "Grafted",
    "Identity",
    "Kept",
    "MostSalient",
    "Operator",
    "OperatorRegistry",
    "Origin",
    "Picked",
    "Refusal",
    "ReinitialiseNetwork",
    "Salience",
    "Scaled",
    "Shared",
    "Site",
    "Variation",
    "Weights",
    "Zeros",
    "affected_networks",
    "affected_outputs",
    "changed_nodes",
    "structural_names",
]
