"""What tells two problems apart."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from graftwork.problem.outputs import Classification, Output, Regression
from graftwork.problem.split import SPLITS

if TYPE_CHECKING:
    from graftwork.problem.problem import Problem


def fingerprint(problem: Problem) -> str:
    """SHA-256 over names, shapes, outputs and data."""
    digest = hashlib.sha256(problem.name.encode())
    for node in (problem.inputs, problem.outputs):
        digest.update(repr(dict(node)).encode())
    for name in SPLITS:
        split = problem.split(name)
        for key, rows in (*split.inputs.items(), *split.targets.items()):
            digest.update(f"{name} {key} {tuple(rows.shape)}".encode())
            digest.update(rows.contiguous().numpy().tobytes())
        if split.weights is not None:
            digest.update(f"{name}: weights".encode())
            digest.update(split.weights.contiguous().numpy().tobytes())
    for key, output in problem.outputs.items():
        digest.update(_untold(key, output).encode())
    if problem.table is not None:
        digest.update(problem.table.without_notes().to_json().encode())
    return digest.hexdigest()


def _untold(name: str, output: Output) -> str:
    """What the `repr` of an output leaves out, so that runs of before it was there go on."""
    match output:
        case Regression(curve=curve) if curve is not None:
            return repr(curve)
        case Classification(balance=balance) if balance != "none":
            return f"{name} {balance}"
    return ""
