"""The search that faults are put to, in a process of its own.

`python -m graftwork.testing.faults.workload FOLDER LOG WORKERS` begins it or goes on with it. The log gets a
number whenever a candidate is said to be kept. At the end the seconds of every candidate are printed, as
the run saw them: where a kept candidate was worked on again they are others.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from graftwork.problem import load_problem
from graftwork.runtime import Budget
from graftwork.search import SearchSettings, search

EVALUATIONS = 12
_SETTINGS = SearchSettings(initial=4, initial_steps=40, steps=20, finish_steps=60)


def run(folder: Path, log: Path, workers: int) -> dict[str, float]:
    """Search on `digits`; seconds of every candidate, by its key in the store."""
    with log.open("a", encoding="utf-8", buffering=1) as told:
        result = search(
            load_problem("digits"),
            budget=Budget(evaluations=EVALUATIONS),
            workers=workers,
            out=folder,
            settings=_SETTINGS,
            progress=lambda milestone: print(milestone.evaluations - 1, file=told),
        )
    return {f"candidate/{each.number}": each.outcome.seconds for each in result.candidates}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
