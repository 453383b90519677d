"""A driver as a process that can be killed, and what it leaves running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import graftwork
from graftwork.errors import RunError

_MODULE = "graftwork.testing.faults.workload"
_SOURCES = Path(graftwork.__file__).parents[1]
_PATIENCE = 300.0
_GRACE = 30.0
_LOOK = 0.0002
_PROC = Path("/proc")


@dataclass(frozen=True)
class Place:
    """Where one run lies: its folder, its log, and the temporary folder of its processes."""

    root: Path

    @property
    def folder(self) -> Path:
        """The run."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """Numbers of the candidates that were said to be kept."""
        return self.root / "log"

    @property
    def temporary(self) -> Path:
        """What `TMPDIR` is for the driver and its workers."""
        return self.root / "tmp"

    def told(self) -> frozenset[str]:
        """Keys of the candidates that were said to be kept."""
        numbers = self.log.read_text(encoding="utf-8").split() if self.log.exists() else []
        return frozenset(f"candidate/{number}" for number in numbers)

    def leftovers(self) -> list[str]:
        """What is left of ours in the temporary folder."""
        return sorted(path.name for path in self.temporary.glob("graftwork-*"))


class Driver:
    """The driver of a search, the first of a process group to which its workers belong."""

    def __init__(self, place: Place, *, workers: int) -> None:
        place.temporary.mkdir(parents=True, exist_ok=True)
        paths = [str(_SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", _MODULE, str(place.folder), str(place.log), str(workers)],
            env={**os.environ, "TMPDIR": str(place.temporary), "PYTHONPATH": os.pathsep.join(paths)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def kill_after(self, seconds: float) -> bool:
        """Kill the driver alone, as `kill -9` does; whether it was still at work then."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._close()
        return self._process.wait() == -signal.SIGKILL

    def kill_when(self, reached: Callable[[], bool]) -> bool:
        """Kill the driver alone as soon as something is so; whether it was still at work then."""
        while self._process.poll() is None and not reached():
            time.sleep(_LOOK)
        return self.kill_after(0.0)

    def finish(self) -> str:
        """Wait for the end; what it printed.

        Raises:
            RunError: It failed, or took minutes.
        """
        try:
            printed, errors = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired as error:
            self.reap(grace=0.0)
            self._close()
            raise RunError(f"the search did not end within {_PATIENCE:.0f} seconds") from error
        if self._process.returncode != 0:
            last = (errors.strip() or "no message").splitlines()[-1]
            raise RunError(f"the search ended with exit code {self._process.returncode}: {last}")
        return printed

    def reap(self, *, grace: float = _GRACE) -> int:
        """How many processes of the group do not end by themselves within a time; they are ended then."""
        until = time.monotonic() + grace
        while (left := _members(self._process.pid)) and time.monotonic() < until:
            time.sleep(0.05)
        if left:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        return left

    def _close(self) -> None:
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


def _members(group: int) -> int:
    """Processes of a group that run; those that only wait for their parent to take notice do not count."""
    if not (_PROC / "self" / "stat").exists():
        return _any_member(group)
    return sum(_belongs(path, group) for path in _PROC.glob("[0-9]*/stat"))


def _belongs(stat: Path, group: int) -> bool:
    try:
        # The name of the program comes first, in brackets, and may hold anything.
        state, _, owner, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return False
    return int(owner) == group and state not in "ZX"


def _any_member(group: int) -> int:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return 0
    return 1
