"""Work on several processes opens no socket that others could reach."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux to tell sockets")

LISTENING = "0A"
# As the kernel tells 127.0.0.1, of IPv4 and within IPv6, and ::1.
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
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
CLUSTER = """
import sys
from graftwork.runtime.ray import RayExecutor
if __name__ == "__main__":
    with RayExecutor(1, address="local") as executor:
        executor.submit(pow, 2, 5).result()
        print("candidate", flush=True)
        sys.stdin.readline()
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


def listening(*, loopback: bool = True) -> set[str]:
    """Inodes of all sockets that wait for connections, or for datagrams; or of those that others reach."""
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        table = Path("/proc/net") / name
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            near = fields[1].partition(":")[0] in LOOPBACK
            if (fields[3] == LISTENING or name.startswith("udp")) and (loopback or not near):
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


def looked_at(code: str, tmp_path: Path, *, loopback: bool = True) -> tuple[int, set[str]]:
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
        held = listening(loopback=loopback) & set().union(*map(sockets, processes))
        driver.stdin.write("\n" * 10)
        driver.stdin.close()
        driver.stdout.read()
    assert driver.returncode == 0
    return len(processes), held


def test_a_search_of_two_workers_listens_nowhere(tmp_path: Path) -> None:
    processes, held = looked_at(DRIVER, tmp_path)
    assert processes >= 3
    assert held == set()


def test_a_cluster_that_is_started_on_this_machine_is_reached_from_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: graftwork[ray]")
    for name, value in (("MODE", "token"), ("TOKEN", secrets.token_hex(32))):
        monkeypatch.setenv(f"RAY_AUTH_{name}", value)
    processes, held = looked_at(CLUSTER, tmp_path, loopback=False)
    assert processes > 3
    assert held == set()


def test_one_that_listened_would_be_found(tmp_path: Path) -> None:
    processes, held = looked_at(LISTENER, tmp_path)
    assert (processes, len(held)) == (1, 1)
