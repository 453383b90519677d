"""What a run costs beside its training, and how that grows with the number of its candidates.

Candidates are copies of some that a search found, with other scores. For stores of 1,000, 10,000 and so many
more, medians of repeated calls in milliseconds:

- `open`: for writing, with all that is checked and written down;
- `read`: for a viewer;
- `next`: to stand where the run stood, and to ask for the next candidate;
- `view`: what a viewer asks for: the front, how many ended how, 200 points of the progress, the last twenty;
- `keep`: to write one more candidate down; at the end once more, by turns with a store of 1,000.

Goal: under 50 ms for the first four at 100,000 candidates, and no growth of the last.

    python benchmarks/store.py [--candidates 100000] [--database postgresql://...] [--json] [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import sqlalchemy as sa

import graftwork as gw
from graftwork.problem import Problem, Score
from graftwork.search import Candidate, RandomPolicy, Searcher, SearchSettings
from graftwork.search.archive import Archive
from graftwork.search.searcher import Proposal
from graftwork.search.stored import StoredRun
from graftwork.store import Milestone, Store
from graftwork.trial import Outcome, Result, run_trial

REPEATS, KEPT = 9, 200
PLACES = 200
SETTINGS = SearchSettings(initial=8, initial_steps=20, steps=10)


def found(problem: Problem) -> list[tuple[Proposal, Result]]:
    """Candidates that a short search finds, diagnosed."""
    searcher = Searcher(problem, RandomPolicy(), SETTINGS, seed=0)
    told = []
    for _ in range(16):
        proposal = searcher.ask()
        result = run_trial(replace(proposal.trial, diagnose=True))
        searcher.tell(proposal, result)
        told.append((proposal, result))
    return told


def scored(outcome: Outcome, skills: np.ndarray) -> Outcome:
    """The same with other skills."""
    scores: dict[str, Score] = {
        name: replace(score, skill=float(skill), decision_skill=float(skill))
        for (name, score), skill in zip(outcome.scores.items(), skills, strict=True)
    }
    return replace(outcome, scores=scores)


class Filler:
    """Writes candidates down as a search does, but for the training."""

    def __init__(self, store: Store, templates: list[tuple[Proposal, Result]]) -> None:
        self.stored, self.templates = StoredRun(store), templates
        self.archive = Archive(SETTINGS.space)
        self.seconds = 0.0
        self.rng = np.random.default_rng(0)

    def add(self) -> None:
        number = self.archive.count
        proposal, result = self.templates[number % len(self.templates)]
        # Skills rise slowly, so that the front is renewed and stays as large as those of searches are.
        skills = self.rng.beta(2, 5, size=len(result.outcome.scores)) * (1 - np.exp(-(number + 50) / 400))
        outcome = scored(result.outcome, skills)
        before = {member.number for member in self.archive.members}
        application, founder = proposal.trial.application, None if proposal.parent is None else 0
        candidate = Candidate(number, outcome, proposal.parent, application, result.weights, founder)
        joined = self.archive.add(candidate)
        self.seconds += outcome.seconds
        self.stored.keep(
            candidate,
            replace(proposal, digest=f"{number:064x}"),
            objectives=self.archive.point(candidate),
            joined=joined,
            displaces=sorted(before - {member.number for member in self.archive.members}),
            standing=Milestone(
                evaluations=number + 1,
                steps=self.archive.steps,
                seconds=self.seconds,
                hypervolume=number / (number + 1000),
            ),
        )


@contextmanager
def in_one_go(store: Store) -> Iterator[None]:
    """Without waiting for the disk after every candidate, for the filling alone."""
    engine: sa.Engine = store._database._engine
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
    yield
    engine.dispose()


def timed(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median milliseconds of a call."""
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        taken.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(taken)


def measured(folder: Path, problem: Problem, filler: Filler, database: str | None) -> dict[str, float]:
    """The figures of one size, on a store that is closed and opened again."""

    def opened() -> Store:
        return Store.open(folder, kind="search", spec={"seed": 0}, database=database)

    def asked(store: Store) -> None:
        searcher = Searcher(problem, RandomPolicy(), SETTINGS, seed=0)
        stored = StoredRun(store)
        standpoint = stored.standpoint(SETTINGS.in_flight)
        searcher.restore(standpoint)
        for candidate in stored.newest(first=standpoint.told):
            searcher.archive.add(candidate)
        searcher.ask()

    def viewed(store: Store) -> None:
        store.places("")
        store.statuses("")
        store.standings("", every=max(store.count("") // PLACES, 1))
        store.latest("", 20)

    figures = {
        "candidates": float(filler.archive.count),
        "front": float(len(filler.archive.members)),
        "open": timed(lambda: opened().close()),
        "read": timed(lambda: Store.read(folder).close()),
    }
    with Store.read(folder) as store:
        figures |= {"next": timed(lambda: asked(store)), "view": timed(lambda: viewed(store))}
    with opened() as store:
        filler.stored = StoredRun(store)
        figures["keep"] = timed(filler.add, KEPT)
    return figures


def by_turns(
    folder: Path, filler: Filler, small: Path, other: Filler, database: str | None
) -> dict[str, float]:
    """Median milliseconds of writing a candidate down in a large and in a small store, taken by turns."""
    taken: dict[str, list[float]] = {"large": [], "small": []}

    def opened(path: Path) -> Store:
        return Store.open(path, kind="search", spec={"seed": 0}, database=database)

    with opened(folder) as one, opened(small) as two:
        filler.stored, other.stored = StoredRun(one), StoredRun(two)
        for _ in range(KEPT):
            for name, each in (("large", filler), ("small", other)):
                begun = time.perf_counter()
                each.add()
                taken[name].append(1e3 * (time.perf_counter() - begun))
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--database", help="a PostgreSQL database, in place of a SQLite file")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", type=Path, help="write JSON to a file too")
    given = parser.parse_args()
    problem = gw.load_problem("digits")
    sizes = sorted({size for size in (1_000, 10_000) if size < given.candidates} | {given.candidates})
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        with Store.open(folder, kind="search", spec={"seed": 0}, database=given.database) as store:
            filler = Filler(store, found(problem))
        for size in sizes:
            with Store.open(folder, kind="search", spec={"seed": 0}, database=given.database) as store:
                filler.stored = StoredRun(store)
                with in_one_go(store):
                    while filler.archive.count < size:
                        filler.add()
            rows.append(measured(folder, problem, filler, given.database))
            bytes_ = (folder / "graftwork.db").stat().st_size if not given.database else 0
            rows[-1]["megabytes"] = bytes_ / 1e6
            if not given.json:
                print(" ".join(f"{name} {value:.1f}" for name, value in rows[-1].items()), flush=True)
        small = Path(temporary) / "small"
        with Store.open(small, kind="search", spec={"seed": 0}, database=given.database) as store:
            other = Filler(store, filler.templates)
            with in_one_go(store):
                while other.archive.count < sizes[0]:
                    other.add()
        kept = by_turns(folder, filler, small, other, given.database)
        if not given.json:
            large, little = kept["large"], kept["small"]
            print(f"keep by turns: {large:.2f} with {sizes[-1]:,}, {little:.2f} with {sizes[0]:,}")
    text = json.dumps(
        {"database": "postgresql" if given.database else "sqlite", "rows": rows, "keep": kept}, indent=1
    )
    if given.json:
        print(text)
    if given.write:
        given.write.write_text(text + "\n")


if __name__ == "__main__":
    main()
