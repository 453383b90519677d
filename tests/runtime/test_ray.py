"""A search in a cluster of two machines, of which one is lost, is the search in one process."""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.search.runs import essence, run
from tests.search.samples import QUICK

from graftwork.errors import InputError, MissingExtraError
from graftwork.runtime import make_executor
from graftwork.runtime.ray import RayExecutor, _loopback_alone
from graftwork.search import Milestone
from graftwork.testing import check_executor

# A token of this run alone, which no file keeps. Ray reads it when it is imported.
os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32), RAY_USAGE_STATS_ENABLED="0")
ray = pytest.importorskip("ray", reason="Ray is not installed: graftwork[ray]")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of Ray's own making, whose machines are groups of processes; the first has one processor."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        ray.init(made.address, log_to_driver=False, logging_level=logging.ERROR)
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def stay_on(machine: str, marker: Path) -> str:
    """Where this is done in the end: on a machine that is to be lost it does not come to an end by itself."""
    here: str = ray.get_runtime_context().get_node_id()
    while here == machine or not marker.exists():
        marker.touch() if here == machine else None
        time.sleep(0.05)
    return here


def test_work_on_a_machine_that_is_lost_is_done_again_on_another_one(cluster: Any, tmp_path: Path) -> None:
    node, marker = cluster.add_node(num_cpus=1), tmp_path / "begun"
    with RayExecutor(2) as executor:
        futures = [executor.submit(stay_on, node.node_id, marker) for _ in range(2)]
        while not marker.exists():
            time.sleep(0.05)
        cluster.remove_node(node, allow_graceful=False)
        assert {future.result(timeout=120) for future in futures} == {cluster.head_node.node_id}


SETTINGS = replace(QUICK, initial_steps=400, steps=400)


def test_a_search_that_loses_a_machine_ends_as_one_in_one_process(
    cluster: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    node = cluster.add_node(num_cpus=1)

    def lose_a_machine(milestone: Milestone) -> None:
        if milestone.evaluations == 3:
            cluster.remove_node(node, allow_graceful=False)

    with RayExecutor(2) as executor:
        far = run(tmp_path / "far", executor=executor, progress=lose_a_machine, settings=SETTINGS)
    assert "a worker was lost, and its work is given to another one" in caplog.text
    assert essence(far) == essence(run(tmp_path / "near", settings=SETTINGS))


def test_a_cluster_keeps_the_contract(cluster: Any) -> None:
    cluster.add_node(num_cpus=1)
    assert not check_executor(RayExecutor).skipped


def test_nothing_is_connected_before_there_is_work() -> None:
    told = "with RayExecutor(2): import ray; print(ray.is_initialized())"
    code = f"from graftwork.runtime.ray import RayExecutor, _loopback_alone\n{told}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize("asked", [{"workers": 0}, {"cpus": -1}, {"gpus": -0.5}], ids=str)
def test_numbers_that_make_no_sense_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(asked))):
        RayExecutor(**asked)


def test_ray_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"graftwork\[ray\]"):
        make_executor(2, name="ray")


def test_a_ray_that_cannot_be_kept_to_this_machine_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from ray._private import ray_constants

    monkeypatch.delattr(ray_constants, "ENABLE_RAY_CLUSTER")
    with caplog.at_level(logging.WARNING, logger="graftwork"), _loopback_alone():
        pass
    assert "listens to others" in caplog.text
