"""A small study."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.variation.samples import small_problem

from graftwork.architecture import SearchSpace
from graftwork.study import Study, StudyDesign, run_study
from graftwork.training import TrainingOptions

DESIGN = StudyDesign(
    problems=("small",),
    space=SearchSpace.modern(),
    parents=2,
    trials=3,
    parent_steps=8,
    trial_steps=4,
    seed=5,
    options=TrainingOptions(check_every=4),
)
PROBLEMS = {"small": small_problem()}


def run(out: Path, **options: Any) -> Study:
    return run_study(DESIGN, PROBLEMS, out=out, **options)


def run_slowly(folder: str) -> None:
    """What the process runs that is killed."""
    run(Path(folder), progress=lambda done, total: time.sleep(0.5))
