"""A finished search as something to use: its problem, and the models that answer it."""

from __future__ import annotations

from dataclasses import replace

from graftwork.errors import InputError
from graftwork.model import HeterogeneousModel, with_weights
from graftwork.problem import Interface, Problem, load_problem
from graftwork.problem.bundled import BUNDLED
from graftwork.search._search import SearchResult
from graftwork.search.last_training import mean_skill
from graftwork.store import load_tensors


def answered_problem(result: SearchResult) -> Problem:
    """The problem that a search answered, fitted to the same training rows as then.

    Raises:
        InputError: Its data were moved or changed, or were never in a file.
    """
    asked = result.spec["problem"]
    if not asked.startswith("{") and asked not in BUNDLED:
        raise InputError(
            f"problem '{asked}' was made in Python, not of a file, so that its preprocessing cannot be "
            "fitted again; call graftwork.search.predictions with that problem"
        )
    problem = load_problem(asked)
    if problem.fingerprint != result.spec["fingerprint"]:
        raise InputError(
            f"problem '{problem.name}' is not what it was when the run was begun, and what the model learnt "
            "does not fit it: its data or the package that reads them have changed"
        )
    return problem


def answered_interface(result: SearchResult) -> Interface:
    """How new rows become what the models of a search read, and their answers what a user reads.

    It is kept in the run. Where it is not, in runs of earlier versions, it is fitted again to the same
    training rows.

    Raises:
        InputError: It is to be fitted again, and the data were moved or changed, or were never in a file.
    """
    if result.interface is not None:
        return result.interface
    problem = answered_problem(result)
    return replace(problem.interface, conditions=problem.conditions)


def members(result: SearchResult, count: int) -> list[HeterogeneousModel]:
    """Models of a search for an ensemble: its best first, then others of the front by falling skill.

    Only the best was trained to the end; the others have the weights by which they joined the front.

    Raises:
        InputError: The front does not have so many.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.search import SearchSettings, members
        >>> quick = SearchSettings(initial=2, initial_steps=20, steps=10, finish_steps=20)
        >>> budget = gw.Budget(evaluations=2)
        >>> result = gw.search(gw.load_problem("digits"), policy="random", budget=budget, settings=quick)
        >>> members(result, 1)[0] is result.best.model
        True
    """
    others = [each for each in result.front if each.number != result.best.number]
    if not 1 <= count <= len(others) + 1:
        raise InputError(f"members: expected 1 to {len(others) + 1}, of which the front is, came {count}")
    others.sort(key=lambda each: (-mean_skill(each.outcome.scores), each.number))
    chosen = [with_weights(each.architecture, load_tensors(each.weights)) for each in others[: count - 1]]
    return [result.best.model, *chosen]
