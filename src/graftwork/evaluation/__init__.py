"""Performance of every output, quality of samples, complexity."""

from graftwork.evaluation._evaluate import answers, evaluate
from graftwork.evaluation.complexity import Complexity, complexity

__all__ = ["Complexity", "answers", "complexity", "evaluate"]
