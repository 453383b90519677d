"""A small search, and what it came to."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.search.samples import QUICK
from tests.variation.samples import small_problem

from graftwork.architecture import canonical_hash
from graftwork.runtime import Budget
from graftwork.search import SearchResult, search
from graftwork.search.run import Progress

EVALUATIONS = 8


def run(out: Path, *, workers: int = 1, progress: Progress | None = None, **changes: Any) -> SearchResult:
    asked: dict[str, Any] = {
        "policy": "relevance",
        "budget": Budget(evaluations=EVALUATIONS),
        "seed": 3,
        "settings": QUICK,
    }
    return search(small_problem(), out=out, workers=workers, progress=progress, **(asked | changes))


def run_slowly(folder: str) -> None:
    """What the process runs that is killed."""
    run(Path(folder), progress=lambda milestone: time.sleep(0.5))


def essence(result: SearchResult) -> dict[str, Any]:
    """All that a run came to, but the time it took."""
    outcomes = [candidate.outcome for candidate in result.candidates]
    return {
        "hashes": [canonical_hash(candidate.architecture) for candidate in result.candidates],
        "parents": [(candidate.parent, candidate.application) for candidate in result.candidates],
        "scores": [outcome.scores for outcome in outcomes],
        "endings": [(outcome.status, outcome.reason, outcome.steps) for outcome in outcomes],
        "front": [(candidate.number, candidate.weights) for candidate in result.front],
        "history": [(m.evaluations, m.steps, m.hypervolume) for m in result.history],
        "best": (result.best.number, result.best.scores, result.best.diagnosis, result.best.steps),
        "weights": {name: value.tolist() for name, value in result.best.model.state_dict().items()},
    }
