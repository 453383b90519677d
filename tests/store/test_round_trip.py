"""What is read back is what was added."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.conftest import Open

from graftwork.errors import InputError, RunError
from graftwork.store import Entry, Store

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
payloads = st.dictionaries(st.text(), values, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spec=payloads, rows=st.dictionaries(keys, payloads, max_size=5), summary=payloads)
def test_everything_comes_back_in_order(
    spec: dict[str, Any], rows: dict[str, dict[str, Any]], summary: dict[str, Any], open_store: Open
) -> None:
    with TemporaryDirectory() as folder:
        with open_store(folder, kind="study", spec=spec) as store:
            added = [store.add(key, payload) for key, payload in rows.items()]
            assert not store.finished
            assert store.summary is None
            store.finish(summary)
        with Store.read(folder) as store:
            assert (store.kind, store.spec, store.finished, store.summary) == ("study", spec, True, summary)
            assert store.entries() == added
            assert [(entry.key, entry.payload) for entry in added] == list(rows.items())


def test_every_field_of_an_entry_is_kept(tmp_path: Path, open_store: Open) -> None:
    weights = {"b": torch.arange(3, dtype=torch.int64), "a": torch.randn(4, 5).t()}
    with open_store(tmp_path, kind="study", spec={}) as store:
        entry = store.add("c1", {"x": (1, 2)}, weights=weights, status="failed", reason="diverged")
    assert entry.weights is not None
    expected = Entry(
        key="c1", status="failed", reason="diverged", payload={"x": [1, 2]}, weights=entry.weights
    )
    with Store.read(tmp_path) as store:
        assert entry == expected == store.get("c1")
        assert store.get("c2") is None
        loaded = store.load_weights(entry.weights)
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)


def test_equal_weights_are_kept_once(tmp_path: Path, open_store: Open) -> None:
    with open_store(tmp_path, kind="study", spec={}) as store:
        a = store.add("a", {}, weights={"w": torch.ones(3)})
        b = store.add("b", {}, weights={"w": torch.ones(3)})
        c = store.add("c", {}, weights={"w": torch.zeros(3)})
    assert a.weights == b.weights != c.weights
    assert len(list((tmp_path / "weights").iterdir())) == 2


def test_the_environment_names_versions(tmp_path: Path, open_store: Open) -> None:
    with open_store(tmp_path, kind="study", spec={}) as store:
        assert store.environment["numpy"] == np.__version__
        assert store.environment["torch"] == torch.__version__


@pytest.mark.parametrize(
    ("payload", "culprit"),
    [
        ({"a": {"b": [1.0, math.nan]}}, r"payload\.a\.b\[1\] is nan"),
        ({"a": math.inf}, r"payload\.a is inf"),
        ({"a": {1: 2}}, r"keys of payload\.a must be strings"),
        ({"a": np.float32(1.0)}, r"payload\.a must be None, a bool.*float32"),
        ({"a": {1, 2}}, r"payload\.a must be None, a bool.*set"),
    ],
)
def test_what_json_cannot_hold_is_refused_and_nothing_is_added(
    tmp_path: Path, payload: dict[str, Any], culprit: str, open_store: Open
) -> None:
    with open_store(tmp_path, kind="study", spec={}) as store:
        with pytest.raises(InputError, match=culprit):
            store.add("c1", payload, weights={"w": torch.ones(1)})
        with pytest.raises(InputError, match=culprit.replace("payload", "summary")):
            store.finish(payload)
        assert store.entries() == []
        assert not store.finished
    assert not (tmp_path / "weights").exists()


def test_the_same_key_twice_is_refused_and_the_first_stays(tmp_path: Path, open_store: Open) -> None:
    with open_store(tmp_path, kind="study", spec={}) as store:
        first = store.add("c1", {"x": 1})
        with pytest.raises(RunError, match="already holds an entry 'c1'"):
            store.add("c1", {"x": 2})
        assert store.entries() == [first]


def test_a_viewer_sees_each_entry_as_it_comes_and_can_change_nothing(
    tmp_path: Path, open_store: Open
) -> None:
    with open_store(tmp_path, kind="search", spec={}) as writer, Store.read(tmp_path) as viewer:
        for number in range(5):
            writer.add(f"c{number}", {"x": number})
            assert [entry.payload["x"] for entry in viewer.entries()] == list(range(number + 1))
        with pytest.raises(RunError, match="reading only"):
            viewer.add("c9", {})
        with pytest.raises(RunError, match="reading only"):
            viewer.finish({})
        writer.finish({"done": True})
        assert viewer.finished
        assert viewer.summary == {"done": True}


def test_viewers_never_stop_a_busy_writer(tmp_path: Path, open_store: Open) -> None:
    counts: list[int] = []
    with open_store(tmp_path, kind="search", spec={}) as writer:
        done = threading.Event()

        def watch() -> None:
            with Store.read(tmp_path) as viewer:
                while not done.is_set():
                    counts.append(len(viewer.entries()))
                counts.append(len(viewer.entries()))

        viewer = threading.Thread(target=watch)
        viewer.start()
        for number in range(200):
            writer.add(f"c{number}", {"x": number})
        done.set()
        viewer.join()
    assert counts == sorted(counts)
    assert counts[-1] == 200


def test_a_run_killed_without_closing_loses_nothing(
    tmp_path: Path, database: str | None, open_store: Open
) -> None:
    code = (
        "import os, sys; from graftwork.store import Store;"
        "store = Store.open(sys.argv[1], kind='search', spec={'seed': 7}, database=sys.argv[2] or None);"
        "[store.add(f'c{n}', {'x': n}) for n in range(10)]; os.kill(os.getpid(), 9)"
    )
    environment = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-c", code, str(tmp_path), database or ""]
    subprocess.run(command, check=False, env=environment)
    with open_store(tmp_path, kind="search", spec={"seed": 7}) as store:
        assert [entry.payload["x"] for entry in store.entries()] == list(range(10))
        store.add("c10", {"x": 10})


def test_folders_with_awkward_names_hold_runs_like_any(tmp_path: Path, open_store: Open) -> None:
    folder = tmp_path / "a run, 100 % #1?mode=rw&x" / "ü"
    with open_store(folder, kind="study", spec={}) as store:
        store.add("c1", {})
    with Store.read(folder) as store:
        assert len(store.entries()) == 1
    assert json.dumps(sorted(path.name for path in tmp_path.iterdir())) == json.dumps([folder.parent.name])
