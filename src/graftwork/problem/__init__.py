"""What is asked: inputs, outputs, data in three splits, losses, metrics and skill."""

from graftwork.problem._standardiser import Standardiser
from graftwork.problem.bundled import BUNDLED, load_problem, problem_name
from graftwork.problem.categorical import Categorical
from graftwork.problem.energy import energy_distance
from graftwork.problem.input import Input
from graftwork.problem.interface import ImageFolder, Interface
from graftwork.problem.metrics import METRICS, Metric, chosen_metrics, further_metrics, metric_of
from graftwork.problem.outputs import Classification, Generation, Kind, Output, Regression
from graftwork.problem.piecewise import piecewise_linear
from graftwork.problem.problem import Problem
from graftwork.problem.score import Score
from graftwork.problem.sharing import shared_problem
from graftwork.problem.signed_log import SignedLog
from graftwork.problem.split import SPLITS, Split, SplitError
from graftwork.problem.tables import Table, TableOptions

__all__ = [
    "BUNDLED",
    "METRICS",
    "SPLITS",
    "Categorical",
    "Classification",
    "Generation",
    "ImageFolder",
    "Input",
    "Interface",
    "Kind",
    "Metric",
    "Output",
    "Problem",
    "Regression",
    "Score",
    "SignedLog",
    "Split",
    "SplitError",
    "Standardiser",
    "Table",
    "TableOptions",
    "chosen_metrics",
    "energy_distance",
    "further_metrics",
    "load_problem",
    "metric_of",
    "piecewise_linear",
    "problem_name",
    "shared_problem",
]
