"""Problems in files: tables, arrays and images, and the TOML that says what is asked of them."""

from graftwork.problem.files.description import Description, OutputDescription, described, read_description
from graftwork.problem.files.guess import Guess, guess
from graftwork.problem.files.load import DATA_ENDINGS, problem_of
from graftwork.problem.files.rows import NewRows, read_rows

__all__ = [
    "DATA_ENDINGS",
    "Description",
    "Guess",
    "NewRows",
    "OutputDescription",
    "described",
    "guess",
    "problem_of",
    "read_description",
    "read_rows",
]
