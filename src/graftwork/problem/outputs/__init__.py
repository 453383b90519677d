"""The kinds of outputs."""

from graftwork.problem.outputs._base import Kind, Output
from graftwork.problem.outputs.classification import Classification
from graftwork.problem.outputs.generation import Generation
from graftwork.problem.outputs.regression import Regression

__all__ = ["Classification", "Generation", "Kind", "Output", "Regression"]
