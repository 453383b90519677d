"""`kill -9` of the driver of a search, at a random instant, over and over."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graftwork.errors import GraftworkError, InputError, RunError
from graftwork.runtime import generator
from graftwork.testing.faults.driver import Driver, Place
from graftwork.testing.faults.ledger import Ledger, differences, ending, ledger, lost, repeated
from graftwork.testing.faults.phases import AIMS, PHASES, phase, shows

Progress = Callable[[int, int], None]
_WORKERS = (1, 2)
_TRIES = 20
_AIMED = 4


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill, and what became of the run.

    Attributes:
        number: Which it was, from 0.
        workers: Of the run.
        instant: Seconds from the start of the driver to the kill.
        aim: The phase that it was aimed at; empty where its instant was drawn.
        phase: Where the run stood.
        lost: Entries that were kept before it and are missing or changed in the end.
        repeated: Entries that were worked on twice.
        differs: What the ending has otherwise than that of the reference.
        failed: Why it could not be gone on with; empty where it could.
        orphans: Processes that did not end by themselves.
        leftovers: Temporary files that stayed.
        missed: Drivers that ended before they could be killed, for which another was begun.
    """

    number: int
    workers: int
    instant: float
    aim: str
    phase: str
    lost: list[str]
    repeated: list[str]
    differs: list[str]
    failed: str
    orphans: int
    leftovers: list[str]
    missed: int

    @property
    def broken(self) -> bool:
        """Whether anything is not as promised."""
        return any((self.lost, self.repeated, self.differs, self.failed, self.orphans, self.leftovers))


@dataclass(frozen=True)
class Kills:
    """All kills of a check.

    Attributes:
        kills: Each of them.
        durations: Seconds that the reference took, by its workers.
        reference: What else than a kill told the references of one and of two workers apart.
    """

    kills: tuple[Kill, ...]
    durations: dict[int, float]
    reference: list[str]

    @property
    def broken(self) -> bool:
        """Whether anything is not as promised."""
        return bool(self.reference) or any(kill.broken for kill in self.kills)

    def payload(self) -> dict[str, Any]:
        """The figures as JSON values."""
        phases = Counter(kill.phase for kill in self.kills)
        return {
            "kills": len(self.kills),
            "lost": sum(len(kill.lost) for kill in self.kills),
            "repeated": sum(len(kill.repeated) for kill in self.kills),
            "archive_equal": not self.reference and not any(k.differs or k.failed for k in self.kills),
            "failed": sum(bool(kill.failed) for kill in self.kills),
            "orphans": sum(kill.orphans for kill in self.kills),
            "leftovers": sum(len(kill.leftovers) for kill in self.kills),
            "missed": sum(kill.missed for kill in self.kills),
            "aimed": sum(bool(kill.aim) for kill in self.kills),
            "phases": {name: phases[name] for name in PHASES},
            "seconds": {str(workers): round(taken, 2) for workers, taken in self.durations.items()},
            "reference": self.reference,
            "broken": [asdict(kill) for kill in self.kills if kill.broken],
        }


@dataclass(frozen=True)
class Reference:
    """A run without a fault: its entries, its ending, and how long it took by its workers."""

    entries: Ledger
    ending: dict[str, Any]
    durations: dict[int, float]


def check_kills(kills: int, seed: int, *, progress: Progress = lambda done, total: None) -> Kills:
    """Kill drivers at random instants, go on with each run, and compare with a run that was left alone.

    Every kill has a fresh run of its own, so that instants are spread evenly over a whole run: the import
    of the library, the making of the store, trainings, the last training and the end. What takes
    milliseconds such instants never meet, so one kill in four is aimed at it: it comes as soon as the folder
    shows it. Runs of one and of two workers take turns.

    Args:
        kills: How many.
        seed: Root of the instants.
        progress: Told how many of how many are done.

    Raises:
        InputError: The arguments are bad.
        RunError: The reference fails.
    """
    if kills < 1:
        raise InputError(f"kills must be at least 1, but it is {kills}")
    if os.name != "posix":
        raise InputError("drivers can be killed as `kill -9` does on POSIX systems only")
    generator(seed, 0, "kill")  # refuses what is no seed before any work
    with tempfile.TemporaryDirectory(prefix="graftwork-faults-") as root:
        reference, apart = _reference(Path(root), _WORKERS[: max(kills, 1)])
        done: list[Kill] = []
        for number in range(kills):
            progress(number, kills)
            done.append(_kill(Path(root), number, seed, reference))
        progress(kills, kills)
    return Kills(tuple(done), reference.durations, apart)


def _reference(root: Path, workers: tuple[int, ...]) -> tuple[Reference, list[str]]:
    """The run of one worker, and what those of more have otherwise."""
    durations, endings = {}, []
    for count in workers:
        place, started = Place(root / f"reference-{count}"), time.monotonic()
        Driver(place, workers=count).finish()
        durations[count] = time.monotonic() - started
        endings.append(ending(place.folder))
    apart = sorted({name for other in endings[1:] for name in differences(endings[0], other)})
    return Reference(ledger(root / "reference-1" / "run"), endings[0], durations), apart


def _kill(root: Path, number: int, seed: int, reference: Reference) -> Kill:
    workers = _WORKERS[number % len(_WORKERS)]
    rng = generator(seed, number, "kill")
    for missed in range(_TRIES):
        place = Place(root / f"{number}-{missed}")
        instant = float(rng.uniform(0.0, reference.durations[workers]))
        aim = AIMS[number // _AIMED % len(AIMS)] if number % _AIMED == _AIMED - 1 else ""
        driver, started = Driver(place, workers=workers), time.monotonic()
        met = driver.kill_when(shows(place, aim)) if aim else driver.kill_after(instant)
        told = {"number": number, "workers": workers, "aim": aim, "missed": missed}
        if met:
            kill = _go_on(place, driver, reference, instant=time.monotonic() - started, **told)
            shutil.rmtree(place.root)
            return kill
    raise RunError(
        f"{_TRIES} drivers ended before they could be killed; the machine is busy by fits and starts"
    )


def _go_on(place: Place, killed: Driver, reference: Reference, **told: Any) -> Kill:
    """Look at what the kill left, go on at once, while its workers may still be there, and look again."""
    before, told_kept = _look(place)
    found = phase(place.folder, before)
    resumed = Driver(place, workers=told["workers"])
    failed, seen, differs = "", {}, []
    try:
        seen = json.loads(resumed.finish())
        differs = differences(reference.ending, ending(place.folder))
    except GraftworkError as error:
        failed = str(error)
    orphans = killed.reap() + resumed.reap()
    after = ledger(place.folder)
    return Kill(
        phase=found,
        lost=lost(told_kept, before, after),
        repeated=repeated(before, after, seen, reference.entries),
        differs=differs,
        failed=failed,
        orphans=orphans,
        leftovers=place.leftovers(),
        **told,
    )


def _look(place: Place) -> tuple[Ledger, frozenset[str]]:
    """What is kept and what was said to be; looked at in a copy, since to open a database may mend it."""
    copy = place.root / "copy"
    if place.folder.exists():
        shutil.copytree(place.folder, copy)
    return ledger(copy), place.told()
