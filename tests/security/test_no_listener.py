"""Work on several processes opens no socket that others could reach."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux to tell sockets")

LISTENING = "0A"
DRIVER = """
import sys
import graftwork as gw
from graftwork.search import SearchSettings, search
quick = SearchSettings(initial=2, initial_steps=5, steps=5, finish_steps=5)
def told(milestone):
    print("candidate", flush=True)
    sys.stdin.readline()
if __name__ == "__main__":
    search(gw.load_problem("digits"), policy="random", budget=gw.Budget(evaluations=2), workers=2,
           settings=quick, progress=told)
"""
LISTENER = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)):
    print("candidate", flush=True)
    sys.stdin.readline()
"""


def family(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def listening() -> set[str]:
    """Inodes of all sockets that wait for connections, or for datagrams."""
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        table = Path("/proc/net") / name
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if fields[3] == LISTENING or name.startswith("udp"):
                found.add(fields[9])
    return found


def sockets(process: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:  # closed meanwhile
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def looked_at(code: str, tmp_path: Path) -> tuple[int, set[str]]:
    """How many processes there were when the driver said so, and which sockets of theirs listen."""
    script = tmp_path / "driver.py"
    script.write_text(code)
    pipe = subprocess.PIPE
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=pipe, stdout=pipe, text=True, env=environment
    ) as driver:
        assert driver.stdout is not None
        assert driver.stdin is not None
        assert driver.stdout.readline() == "candidate\n"
        processes = list(family(driver.pid))
        held = listening() & set().union(*map(sockets, processes))
        driver.stdin.write("\n" * 10)
        driver.stdin.close()
        driver.stdout.read()
    assert driver.returncode == 0
    return len(processes), held


def test_a_search_of_two_workers_listens_nowhere(tmp_path: Path) -> None:
    processes, held = looked_at(DRIVER, tmp_path)
    assert processes >= 3
    assert held == set()


def test_one_that_listened_would_be_found(tmp_path: Path) -> None:
    processes, held = looked_at(LISTENER, tmp_path)
    assert (processes, len(held)) == (1, 1)
