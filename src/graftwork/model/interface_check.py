"""Whether a model is one of a problem."""

from __future__ import annotations

from graftwork.errors import InputError
from graftwork.model.heterogeneous import HeterogeneousModel
from graftwork.problem import Interface, Problem


def check_answers(model: HeterogeneousModel, problem: Problem | Interface) -> None:
    """Refuse a model of other inputs or outputs than a problem has.

    Raises:
        InputError: It answers another problem.
    """
    for what, nodes in (("inputs", problem.inputs), ("outputs", problem.outputs)):
        expected = {name: node.width for name, node in nodes.items()}
        found = {node.name: node.width for node in getattr(model.architecture, what)}
        if found != expected:
            raise InputError(f"the model answers another problem: its {what} are {found}, not {expected}")
