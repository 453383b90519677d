"""Search algorithms: which candidate becomes the next parent, one file each."""

from graftwork.search.algorithms._base import Algorithm
from graftwork.search.algorithms.hill_climbing import HillClimbing
from graftwork.search.algorithms.pareto import ParetoArchive

ALGORITHMS = {algorithm.name: algorithm for algorithm in (ParetoArchive, HillClimbing)}

__all__ = ["ALGORITHMS", "Algorithm", "HillClimbing", "ParetoArchive"]
