"""Palmer penguins: 344 birds of three species, with gaps."""

from __future__ import annotations

from graftwork.problem.bundled._package import shipped
from graftwork.problem.files.csv_file import read_csv
from graftwork.problem.outputs import Classification, Generation, Regression
from graftwork.problem.problem import Problem
from graftwork.problem.tables import TableOptions


def penguins() -> Problem:
    """Classify species and sex (missing in 11 rows), predict the body mass, generate birds.

    Inputs are the island, the year and three lengths. Read from the package palmerpenguins (data: CC0;
    Gorman, Williams and Fraser 2014). The split 60/20/20 is stratified by species and always the same.

    Raises:
        MissingExtraError: The package is not installed: `pip install 'graftwork[data]'`.
    """
    frame = read_csv(shipped("palmerpenguins", "data/penguins.csv", "penguins"))
    outputs = {
        "species": Classification(),
        "sex": Classification(),
        "body_mass_g": Regression(),
        "bird": Generation(),
    }
    return Problem.from_options("penguins", frame, outputs, TableOptions())
