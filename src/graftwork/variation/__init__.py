"""How an architecture may change: operators, the inheritance of weights, and what is affected."""

from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Variation, undeclared
from graftwork.variation.affected import affected_networks, affected_outputs, changed_nodes
from graftwork.variation.operators import (
    AddConnection,
    BypassNetwork,
    ChangeActivation,
    CloneNetwork,
    ContinueTraining,
    DeepenNetwork,
    DeleteConnection,
    DivideConnection,
    GraftNetwork,
    MergeNetworks,
    NarrowLayer,
    ReinitialiseNetwork,
    RemoveLayer,
    WidenLayer,
)
from graftwork.variation.origins import (
    Blocks,
    Composed,
    Divided,
    Fresh,
    Grafted,
    Identity,
    Kept,
    MostSalient,
    Ones,
    Origin,
    Picked,
    Salience,
    Scaled,
    Shared,
    Weights,
    Zeros,
)
from graftwork.variation.registry import OperatorRegistry

CONTROL = ContinueTraining()
PUBLISHED = (
    AddConnection(),
    DeleteConnection(),
    DivideConnection(),
    BypassNetwork(),
    ReinitialiseNetwork(),
    CloneNetwork(),
)
STRUCTURAL = (
    *PUBLISHED,
    WidenLayer(),
    DeepenNetwork(),
    NarrowLayer(),
    RemoveLayer(),
    ChangeActivation(),
    MergeNetworks(),
)
DISRUPTIVE = (AddConnection(fresh_weights="random"), DivideConnection(fresh_weights="random"))
# A graft needs a donor, another architecture for every use: without one it is known by its name alone.
OPERATORS = OperatorRegistry((*STRUCTURAL, *DISRUPTIVE, GraftNetwork(), CONTROL))


def structural_names() -> tuple[str, ...]:
    """Names of the operators that studies and searches draw from unless told otherwise.

    Those that other packages register are not among them: what a seed gives must not depend on what is
    installed.
    """
    return tuple(operator.name for operator in STRUCTURAL)


__all__ = [
    "CONTROL",
    "OPERATORS",
    "PUBLISHED",
    "STRUCTURAL",
    "AddConnection",
    "Blocks",
    "BypassNetwork",
    "Change",
    "ChangeActivation",
    "CloneNetwork",
    "Composed",
    "ContinueTraining",
    "DeepenNetwork",
    "DeleteConnection",
    "DivideConnection",
    "Divided",
    "Draw",
    "Fresh",
    "GraftNetwork",
    "Grafted",
    "Identity",
    "Kept",
    "MergeNetworks",
    "MostSalient",
    "NarrowLayer",
    "Ones",
    "Operator",
    "OperatorRegistry",
    "Origin",
    "Picked",
    "Refusal",
    "ReinitialiseNetwork",
    "RemoveLayer",
    "Salience",
    "Scaled",
    "Shared",
    "Site",
    "Variation",
    "Weights",
    "WidenLayer",
    "Zeros",
    "affected_networks",
    "affected_outputs",
    "changed_nodes",
    "structural_names",
    "undeclared",
]
