"""Executors by name, those of other packages among them."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from graftwork import plugins
from graftwork.errors import InputError
from graftwork.runtime import (
    InlineExecutor,
    ProcessExecutor,
    executor_names,
    make_executor,
    named_executor,
    registry,
    used_executor,
)


class OwnExecutor:
    """Another package's, as far as this test needs it."""

    reach = "machine"

    def __init__(self, workers: int) -> None:
        self.workers, self.open = workers, False

    def __enter__(self) -> OwnExecutor:
        self.open = True
        return self

    def __exit__(self, *raised: object) -> None:
        self.open = False


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> None:
    here = "tests.runtime.test_registry"
    found = [
        EntryPoint("own", f"{here}:OwnExecutor", registry.GROUP),
        EntryPoint("gone", f"{here}:Missing", registry.GROUP),
        EntryPoint("inline", f"{here}:OwnExecutor", registry.GROUP),
    ]

    def entry_points(*, group: str) -> list[EntryPoint]:
        return [point for point in found if point.group == group]

    monkeypatch.setattr(plugins, "entry_points", entry_points)


def test_own_names_make_own_executors() -> None:
    assert isinstance(named_executor("inline", 1), InlineExecutor)
    assert isinstance(named_executor("processes", 3), ProcessExecutor)
    assert make_executor(3, name="processes").workers == 3


def test_one_of_another_package_is_made_with_its_workers(points: None) -> None:
    executor: Any = named_executor("own", 5)
    assert (type(executor).__name__, executor.workers) == ("OwnExecutor", 5)
    assert executor_names()[-2:] == ("gone", "own")


def test_a_built_in_name_cannot_be_taken(points: None) -> None:
    assert isinstance(named_executor("inline", 1), InlineExecutor)


def test_one_that_cannot_be_made_is_named(points: None) -> None:
    with pytest.raises(InputError, match=r"'gone' .* cannot be loaded: AttributeError"):
        named_executor("gone", 1)


def test_an_unknown_name_is_refused_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"did you mean 'processes'.*inline, processes, ray, ray-gpu"):
        named_executor("process", 1)
    with pytest.raises(InputError, match="workers must be 1"):
        named_executor("inline", 2)


def test_one_that_is_made_is_shut_down_and_the_callers_own_is_not(points: None) -> None:
    with used_executor("own", 2) as made:
        assert vars(made)["open"]
    assert not vars(made)["open"]
    with OwnExecutor(2) as own, used_executor(own, 1) as used:  # type: ignore[arg-type]
        assert used is own
    with OwnExecutor(2) as own:
        with used_executor(own, 1):  # type: ignore[arg-type]
            pass
        assert own.open
