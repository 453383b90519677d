"""Performance of every output, quality of samples, complexity."""

from graftwork.evaluation._evaluate import evaluate
from graftwork.evaluation.complexity import Complexity, complexity

__all__ = ["Complexity", "complexity", "evaluate"]
