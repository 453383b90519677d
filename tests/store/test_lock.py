"""One process writes to a run; its lock ends with it, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graftwork.cli._main import run
from graftwork.errors import InputError
from graftwork.store import Store

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
HOLD = """
import sys
from graftwork.store import Store
store = Store.open(sys.argv[1], kind="search", spec={})
store.add("c1", {"x": 1})
"""
WAIT = "print('ready', flush=True); sys.stdin.read()"
# A forked child, a pool's worker and a program of another kind, all of which outlive their parent.
OUTLIVE = """
import os, subprocess, time
from graftwork.runtime import ProcessExecutor
executor = ProcessExecutor(workers=1)
pids = [executor.submit(os.getpid).result()]
executor.submit(exec, f"open({sys.argv[1]!r} + '/report.html', 'w'); import time; time.sleep(600)")
while not os.path.exists(sys.argv[1] + "/report.html"):
    time.sleep(0.01)  # a worker that has nothing to do ends with its parent
pids.append(subprocess.Popen(["sleep", "600"], close_fds=False).pid)
pids.append(os.fork())
if not pids[-1]:
    time.sleep(600)
print(*pids, flush=True)
time.sleep(600)
"""


def open_run(folder: Path) -> Store:
    return Store.open(folder, kind="search", spec={})


@contextmanager
def process(code: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that has come as far as its first line, and that line."""
    command = [sys.executable, "-c", HOLD + code, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as started:
        try:
            assert started.stdout is not None
            yield started, started.stdout.readline()
        finally:
            started.kill()


def test_a_second_process_is_refused_with_the_id_of_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with process(WAIT, tmp_path) as (first, _):
        with pytest.raises(InputError, match=f"being written to by process {first.pid};"):
            open_run(tmp_path)
        command = ["search", "digits", "--policy", "random", "--evaluations", "1", "--workers", "1"]
        assert run([*command, "--out", str(tmp_path), "--quiet"]) == 2
        assert f"process {first.pid};" in capsys.readouterr().err
        with Store.read(tmp_path) as viewer:
            assert [entry.key for entry in viewer.entries()] == ["c1"]
        first.communicate()
        open_run(tmp_path).close()


def test_the_same_process_is_refused_too_until_the_first_is_closed(tmp_path: Path) -> None:
    with open_run(tmp_path), pytest.raises(InputError, match=rf"by this process \({os.getpid()}\);"):
        open_run(tmp_path)
    with open_run(tmp_path) as store:
        store.add("c1", {})


def test_the_lock_of_a_killed_process_is_gone_at_once(tmp_path: Path) -> None:
    with process(WAIT, tmp_path) as (first, _):
        first.send_signal(signal.SIGKILL)
        first.wait()
        with open_run(tmp_path) as store:
            assert [entry.key for entry in store.entries()] == ["c1"]
            store.add("c2", {})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_what_outlives_a_killed_process_does_not_keep_its_lock(tmp_path: Path) -> None:
    with process(OUTLIVE, tmp_path) as (first, line):
        children = [int(pid) for pid in line.split()]
        try:
            first.send_signal(signal.SIGKILL)
            first.wait()
            open_run(tmp_path).close()
            for child in children:
                os.kill(child, 0)
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_a_forked_child_that_ends_leaves_the_lock_to_its_parent(tmp_path: Path) -> None:
    code = "import os\nif not os.fork(): sys.exit()\nos.wait()\n" + WAIT
    with (
        process(code, tmp_path) as (first, _),
        pytest.raises(InputError, match=f"by process {first.pid};"),
    ):
        open_run(tmp_path)


def test_a_holder_on_another_host_is_named_with_it(tmp_path: Path) -> None:
    with open_run(tmp_path):
        (tmp_path / ".graftwork.lock").write_text("12 far away")
        with pytest.raises(InputError, match="by process 12 on 'far away';"):
            open_run(tmp_path)
        (tmp_path / ".graftwork.lock").write_text("")
        with pytest.raises(InputError, match="by another process;"):
            open_run(tmp_path)


def test_a_store_that_is_forgotten_or_refused_holds_nothing(tmp_path: Path) -> None:
    open_run(tmp_path)  # and dropped
    with pytest.raises(InputError, match="holds another run"):
        Store.open(tmp_path, kind="search", spec={"seed": 1})
    with open_run(tmp_path) as store:
        store.add("c1", {})


def test_a_folder_with_nothing_but_a_lock_may_become_a_run(tmp_path: Path) -> None:
    (tmp_path / ".graftwork.lock").write_text("1234567 elsewhere")
    with open_run(tmp_path) as store:
        store.add("c1", {})


def test_a_link_in_place_of_the_lock_is_refused_and_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / ".graftwork.lock").symlink_to(tmp_path / "mine.txt")
    with pytest.raises(InputError, match=r"Cannot open .*\.graftwork\.lock"):
        open_run(folder)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_file_system_without_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(InputError, match=r"Cannot lock .*graftwork\.lock \(No locks available\)"):
        open_run(tmp_path)
    assert not (tmp_path / "graftwork.db").exists()
