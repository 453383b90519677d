"""One root; every exception survives the way back from a worker."""

from __future__ import annotations

import pickle

import pytest

from graftwork.errors import (
    GraftworkError,
    InputError,
    MissingExtraError,
    NotViableError,
    RunError,
    WorkLostError,
    WorkNotBegunError,
)


@pytest.mark.parametrize(
    "error",
    [
        InputError("a is wrong"),
        RunError("the disk is full"),
        WorkLostError("exceeded its limit of 30 s", seconds=30.2),
        WorkNotBegunError("no worker could be started"),
        NotViableError(["n1 feeds no output", "n2 feeds itself"]),
        MissingExtraError("ray", "running on a cluster"),
    ],
)
def test_pickling_keeps_message_and_attributes(error: GraftworkError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_missing_extra_says_what_to_install() -> None:
    assert "pip install 'graftwork[ray]'" in str(MissingExtraError("ray", "running on a cluster"))
