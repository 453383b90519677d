"""New rows in files, for a problem that is known: images that a table names, arrays by their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from graftwork.errors import InputError
from graftwork.problem import Problem
from graftwork.problem.files import described, problem_of, read_rows


def pictured(folder: Path, *, coloured: bool) -> Problem:
    """A problem of images that a table names, half of whose rows are bright."""
    rng = np.random.default_rng(0)
    lines = ["photo,weight,bright"]
    for row in range(40):
        level = 100 * (row % 2) + rng.integers(100, size=(4, 4, 3) if coloured else (4, 4))
        Image.fromarray(level.astype(np.uint8)).save(folder / f"{row}.png")
        lines.append(f"{row}.png,{row / 7},{'yes' if row % 2 else 'no'}")
    (folder / "rows.csv").write_text("\n".join(lines))
    content = {
        "data": str(folder / "rows.csv"),
        "images": {"column": "photo", "folder": str(folder)},
        "outputs": {"bright": {"kind": "classification"}},
    }
    return problem_of(described(content, "test"))


@pytest.mark.parametrize("coloured", [False, True])
def test_images_are_looked_for_where_the_problem_has_them(coloured: bool, tmp_path: Path) -> None:
    problem = pictured(tmp_path, coloured=coloured)
    Image.fromarray(np.full((4, 4), 51, dtype=np.uint8)).save(tmp_path / "new.png")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "new.csv").write_text("weight,photo\n3,new.png\n")
    rows = read_rows(elsewhere / "new.csv", problem)
    assert rows.notes == ()
    assert rows.arrays["photo"].shape == (1, 3 if coloured else 1, 4, 4)
    assert np.allclose(rows.arrays["photo"], 0.2)
    assert set(problem.encode_inputs(rows.arrays)) == set(problem.inputs)
    (elsewhere / "new.csv").write_text("weight,photo\n3,gone.png\n")
    with pytest.raises(InputError, match=r"row 0 \(line 2\), column 'photo'"):
        read_rows(elsewhere / "new.csv", problem)
    (elsewhere / "new.csv").write_text("weight,bright\n3,yes\n")
    with pytest.raises(InputError, match="misses column 'photo', which the model reads"):
        read_rows(elsewhere / "new.csv", problem)


def test_arrays_are_found_by_the_names_that_they_had(tmp_path: Path) -> None:
    hidden = np.random.default_rng(0).normal(size=(300, 1))
    np.savez(tmp_path / "data.npz", **{"two words": hidden[:, 0], "x": hidden * [1, 2, 3]})
    content = {
        "data": str(tmp_path / "data.npz"),
        "inputs": ["x", "two words"],
        "outputs": {"x": {"kind": "generation"}},
    }
    problem = problem_of(described(content, "test"))
    assert set(problem.inputs) == {"x_in", "two_words"}
    new = {"x": np.ones((2, 3)), "two words": np.array([5.0, 6.0]), "extra": np.zeros(2)}
    np.savez(tmp_path / "new.npz", **new)
    rows = read_rows(tmp_path / "new.npz", problem)
    assert rows.arrays["two_words"].tolist() == [5.0, 6.0]
    assert rows.arrays["x_in"].tolist() == np.ones((2, 3)).tolist()
    assert rows.notes == ("array 'extra' not read: no input of the model",)
    np.savez(tmp_path / "none.npz", **{"x": np.ones((0, 3)), "two words": np.zeros(0)})
    with pytest.raises(InputError, match="array 'x' has no rows"):
        read_rows(tmp_path / "none.npz", problem)
