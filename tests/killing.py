"""Runs that are killed on their way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from graftwork.errors import InputError
from graftwork.store import Entry, Store

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0


def kill_when_it_holds(entries: int, call: str, folder: Path) -> int:
    """Call `module:function` with a folder in another process, and kill that once the store there holds so
    many entries; how many it held in the end."""
    module, function = call.split(":")
    code = f"import sys; from {module} import {function}; {function}(sys.argv[1])"
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], env={**os.environ, "PYTHONPATH": path}
    )
    try:
        until = time.monotonic() + PATIENCE
        while held(folder) < entries:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until, "it is too slow"
            time.sleep(0.02)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    return held(folder)


def held(folder: Path) -> int:
    """Entries and records of the store in a folder, which may be on its way into being."""
    try:
        with Store.read(folder) as store:
            return len(store.entries()) + len(store.records())
    except InputError:
        return 0


def cut_after(entries: int, whole: Path, cut: Path) -> None:
    """What a run leaves behind that is killed after so many entries (or before the last, if negative)."""
    with Store.read(whole) as source, Store.open(cut, kind=source.kind, spec=source.spec) as target:
        kept = source.entries()
        for entry in kept[:entries]:
            weights = source.load_weights(entry.weights) if entry.weights else None
            number = entry.details.number
            target.add(
                entry.key,
                entry.payload,
                weights=weights,
                status=entry.status,
                reason=entry.reason,
                details=replace(entry.details, displaced_by=None),
                displaces=_displaced(kept, entry) if number is not None else (),
            )


def _displaced(entries: list[Entry], by: Entry) -> list[int]:
    found = [e.details for e in entries if e.details.arm == by.details.arm]
    return [d.number for d in found if d.displaced_by == by.details.number and d.number is not None]
