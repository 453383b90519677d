"""Cars of 1970 to 1982: 406 of them, with gaps."""

from __future__ import annotations

import json

from graftwork.problem.bundled._package import shipped
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.problem import Problem
from graftwork.problem.tables import Declared, TableOptions


def cars() -> Problem:
    """Classify the origin, predict miles per gallon and acceleration, generate cars.

    Inputs are cylinders, displacement, horsepower, weight and year; the name, which is another one for most
    cars, is left out. Read from the package vega_datasets (data: StatLib, Donoho and Ramos 1982). The
    split 60/20/20 is stratified by origin and always the same.

    Raises:
        MissingExtraError: The package is not installed: `pip install 'graftwork[data]'`.
    """
    rows = json.loads(shipped("vega_datasets", "_data/cars.json", "cars").read_text(encoding="utf-8"))
    frame = {name: [row[name] for row in rows] for name in rows[0]}
    outputs: dict[str, Declared] = {
        "origin": (Classification(), ["Origin"]),
        "miles_per_gallon": (Regression(), ["Miles_per_Gallon"]),
        "acceleration": (Regression(), ["Acceleration"]),
        "car": Generation(),
    }
    options = TableOptions(kinds={"Year": "date"}, leave_out=["Name"])
    return Problem.from_options("cars", frame, outputs, options)
