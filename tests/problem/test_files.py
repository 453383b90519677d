"""Data in files: what is read, and what is refused by file, line and column."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from graftwork.errors import InputError
from graftwork.problem import Problem, load_problem, problem_name
from graftwork.problem.files import described, guess, problem_of, read_description
from graftwork.problem.files.csv_file import read_csv
from graftwork.problem.files.npz import read_npz
from graftwork.problem.files.parquet import read_parquet

HEADER = "size,colour,kind,price"


def rows(count: int = 40) -> list[str]:
    random = np.random.default_rng(0)
    return [
        f"{random.normal():.3f},{('red', 'green')[row % 2]},{'aab'[row % 3]},{random.normal():.3f}"
        for row in range(count)
    ]


def csv_file(folder: Path, *lines: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


TOML = """
data = "table.csv"
[outputs.kind]
kind = "classification"
[outputs.price]
kind = "regression"
[outputs.row]
kind = "generation"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    csv_file(tmp_path, HEADER, *rows())
    (tmp_path / "problem.toml").write_text(TOML)
    return tmp_path


def test_a_problem_file_and_what_a_run_keeps_of_it_lead_to_the_same_problem(folder: Path) -> None:
    problem = load_problem(str(folder / "problem.toml"))
    assert {name: output.kind for name, output in problem.outputs.items()} == {
        "kind": "classification",
        "price": "regression",
        "row": "generation",
    }
    assert problem.name == "table"
    assert problem.source is not None
    assert problem_name(problem.source) == "table"
    assert load_problem(problem.source).fingerprint == problem.fingerprint


def test_data_that_were_moved_or_changed_are_told(folder: Path) -> None:
    source = load_problem(str(folder / "problem.toml")).source
    assert source is not None
    with (folder / "table.csv").open("a") as file:
        file.write(rows()[0] + "\n")
    with pytest.raises(InputError, match="does not hold what it held when the run was begun"):
        load_problem(source)
    (folder / "table.csv").rename(folder / "other.csv")
    with pytest.raises(InputError, match=r"no data file '.*table.csv'; if it was moved"):
        load_problem(source)


def test_csv_and_parquet_and_frames_agree(folder: Path) -> None:
    frame = pd.read_csv(folder / "table.csv")
    frame.to_parquet(folder / "table.parquet")
    (folder / "parquet.toml").write_text(TOML.replace("table.csv", "table.parquet"))
    one, two = (load_problem(str(folder / name)) for name in ("problem.toml", "parquet.toml"))
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_a_mark_of_order_and_quotes_are_read(separator: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    text = '﻿a,b\r\n1,"x,\r\ny"\r\n\r\nNA,z\r\n'.replace(",", separator)
    path.write_bytes(text.encode())
    frame = read_csv(path)
    assert frame.columns["a"].tolist() == ["1", None]
    assert frame.columns["b"].tolist() == [f"x{separator}\r\ny", "z"]
    assert frame.lines is not None
    assert frame.lines.tolist() == [2, 5]


@pytest.mark.parametrize(
    ("content", "culprit"),
    [
        (b"", "is empty"),
        (b"a,b\n", "a header and no rows"),
        (b"\n\n", "blank lines only"),
        (b"a,b\n1,2\n3\n", "line 3: 1 values, where the header has 2"),
        (b"a,b\n1,2\n\n3,4,5\n", "line 4: 3 values, where the header has 2"),
        (b"a,a\n1,2\n", "line 1: column 'a' occurs twice"),
        (b"a,\n1,2\n", "line 1: column 2 has no printable name"),
        (b"a,b\n1,\xff\n", "line 2: byte 3 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "is UTF-16"),
        (b"a,b\n1,\x002\n", "line 2: a NUL"),
        (b'a,b\n1,"2\n3,4\n', "line 2: unexpected end of data"),
        (b'a,b\n1,"2"x\n', "line 2: "),
        (b"a\n" + b"x" * 200_000 + b"\n", "line 2: field larger"),
        (b",".join(b"c%d" % n for n in range(10_001)) + b"\n1\n", "10001 columns"),
    ],
)
def test_bad_csv_is_refused_by_line(content: bytes, culprit: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_csv(path)
    assert culprit in str(caught.value)


def test_a_cell_is_named_by_its_line(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, *rows(), "big,red,a,1")
    (tmp_path / "problem.toml").write_text(TOML)
    with pytest.raises(
        InputError, match=r"row 40 \(line 42\), column 'size' is 'big', where 98% of the column"
    ):
        load_problem(str(tmp_path / "problem.toml"))
    csv_file(tmp_path, HEADER, *rows(), "1,red,a,-inf")
    with pytest.raises(InputError, match=r"row 40 \(line 42\), column 'price' is -inf"):
        load_problem(str(tmp_path / "problem.toml"))
    assert path.exists()


def test_a_file_beyond_a_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        file.truncate(5_000_000_000)  # sparse: takes no room
    tracemalloc.start()
    with pytest.raises(InputError, match="5,000,000,000 bytes, and the limit GRAFTWORK_MAX_BYTES is"):
        read_csv(path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    # Beyond the first limit by choice: it is read in pieces, and what it holds is refused as it comes.
    monkeypatch.setenv("GRAFTWORK_MAX_BYTES", "10000000000")
    monkeypatch.setenv("GRAFTWORK_MAX_CELLS", "100")
    small = csv_file(tmp_path, HEADER, *rows())
    with pytest.raises(InputError, match="160 cells, and the limit GRAFTWORK_MAX_CELLS is 100"):
        read_csv(small)
    monkeypatch.setenv("GRAFTWORK_MAX_CELLS", "many")
    with pytest.raises(InputError, match="GRAFTWORK_MAX_CELLS: expected a whole number"):
        read_csv(small)


def test_a_line_without_an_end_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n" + b"x" * 50_000_000)
    tracemalloc.start()
    with pytest.raises(InputError, match="line 2: longer than"):
        read_csv(path)
    assert tracemalloc.get_traced_memory()[1] < 25_000_000
    tracemalloc.stop()


def test_nested_and_damaged_parquet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": [1, 2], "deep": [[1], [2, 3]]}).to_parquet(path)
    with pytest.raises(InputError, match=r"column 'deep' is nested"):
        read_parquet(path)
    pd.DataFrame({"a": [1, 2]}).to_parquet(path)
    assert read_parquet(path).columns["a"].tolist() == [1, 2]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"cannot read .* as Parquet"):
        read_parquet(path)
    monkeypatch.setenv("GRAFTWORK_MAX_CELLS", "1")
    pd.DataFrame({"a": [1, 2]}).to_parquet(path)
    with pytest.raises(InputError, match="GRAFTWORK_MAX_CELLS"):
        read_parquet(path)


def arrays_problem(folder: Path, outputs: dict[str, dict[str, object]], **more: object) -> Problem:
    content = {"data": "data.npz", "outputs": outputs, **more}
    return problem_of(described(content, "the test").within(folder))


def test_arrays_of_npz_are_inputs_and_outputs(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    images = random.random((40, 4, 5))
    sort = np.array(["a", "b"])[np.arange(40) % 2]
    np.savez(
        tmp_path / "data.npz", images=images, label=np.arange(40) % 3, value=images.mean((1, 2)), sort=sort
    )
    outputs = {
        "label": {"kind": "classification"},
        "value": {"kind": "regression"},
        "images": {"kind": "generation"},
    }
    problem = arrays_problem(tmp_path, outputs)
    assert {name: node.shape for name, node in problem.inputs.items()} == {
        "images_in": (1, 4, 5),
        "sort": (1,),
    }
    assert problem.outputs["images"].width == 20
    assert problem.source is not None
    assert load_problem(problem.source).fingerprint == problem.fingerprint
    with pytest.raises(InputError, match="array 'label' is a target and among the inputs"):
        arrays_problem(tmp_path, outputs, inputs=["images", "label"])
    with pytest.raises(InputError, match="unknown array 'labl'; choose one of: label"):
        arrays_problem(tmp_path, {"labl": {"kind": "classification"}})
    with pytest.raises(InputError, match="group: it goes with tables"):
        arrays_problem(tmp_path, outputs, group="label")
    with pytest.raises(InputError, match=r"outputs.new.columns: expected the array that is generated"):
        arrays_problem(tmp_path, {"new": {"kind": "generation"}})
    with pytest.raises(InputError, match="array 'value' holds weights, and is also an input or asked for"):
        arrays_problem(tmp_path, outputs, weights="value")
    weighed = arrays_problem(tmp_path, {"label": {"kind": "classification"}}, weights="value")
    assert set(weighed.inputs) == {"images", "sort"}
    assert weighed.test.weights is not None
    assert load_problem(weighed.source or "").fingerprint == weighed.fingerprint
    many = arrays_problem(tmp_path, {"both": {"kind": "regression", "columns": ["value", "label"]}})
    assert many.outputs["both"].width == 2


def test_npz_that_could_run_code_or_swell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.array([{"a": 1}, None], dtype=object))
    with pytest.raises(InputError, match="Object arrays cannot be loaded"):
        read_npz(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(1_100_000_000))
    with pytest.raises(InputError, match="unpacked, has 1,100,000,000 bytes, and the limit"):
        read_npz(path)
    header = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118)
    shape = b"{'descr': '<f8', 'fortran_order': False, 'shape': (9000000000000,), }".ljust(117) + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header + shape)
    with pytest.raises(InputError, match="cannot read"):
        read_npz(path)
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match="cannot read"):
        read_npz(path)
    np.savez(path, x=np.float64(3))
    with pytest.raises(InputError, match="array 'x' is a single value"):
        read_npz(path)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for row in range(30):
        pixels = (row * 8 + random.integers(0, 9, (4, 6))).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{row}.png")
    csv_file(tmp_path, "file,kind,size", *(f"{row}.png,{'aab'[row % 3]},{row % 7}" for row in range(30)))
    (tmp_path / "problem.toml").write_text(
        'data = "table.csv"\nimages = { column = "file", folder = "." }\n'
        '[outputs.kind]\nkind = "classification"\n[outputs.new]\nkind = "generation"\n'
    )
    return tmp_path


def test_images_that_a_table_names_are_read(pictures: Path) -> None:
    problem = load_problem(str(pictures / "problem.toml"))
    assert {name: node.shape for name, node in problem.inputs.items()} == {"numbers": (1,), "file": (1, 4, 6)}
    new = problem.outputs["new"]
    assert new.width == 24
    drawn = new.decode(problem.train.targets["new"])
    assert 0 <= drawn.min() + 1e-6 < drawn.max() <= 1 + 1e-6
    assert torch.equal(problem.train.targets["new"], problem.train.inputs["file"])
    Image.new("RGBA", (6, 4), (255, 0, 0, 9)).save(pictures / "3.png")
    shapes = {node.shape for node in load_problem(str(pictures / "problem.toml")).inputs.values()}
    assert (3, 4, 6) in shapes


def test_bad_images_are_refused_by_row_and_file(pictures: Path) -> None:
    problem = str(pictures / "problem.toml")
    Image.new("L", (5, 4)).save(pictures / "7.png")
    with pytest.raises(InputError, match=r"row 7 \(line 9\), column 'file': '.*7.png' is 5 x 4 pixels"):
        load_problem(problem)
    (pictures / "7.png").write_bytes((pictures / "6.png").read_bytes()[:60])
    with pytest.raises(InputError, match=r"row 7 \(line 9\), column 'file': cannot read the image '.*7.png'"):
        load_problem(problem)
    (pictures / "7.png").unlink()
    with pytest.raises(InputError, match=r"row 7 \(line 9\), column 'file': cannot read the image '.*7.png'"):
        load_problem(problem)
    (pictures / "problem.toml").write_text(
        (pictures / "problem.toml").read_text().replace('"generation"', '"regression"\ncolumns = ["file"]')
    )
    (pictures / "7.png").write_bytes((pictures / "6.png").read_bytes())
    with pytest.raises(InputError, match="can only be generated"):
        load_problem(problem)


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("", "data: Field required"),
        ('data = "table.csv"', "outputs: Field required"),
        (TOML + "[outputs.x]\nkind = 'clas'", "outputs.x.kind"),
        (
            TOML.replace('kind = "regression"', 'kind = "regression"\ntransfrm = "auto"'),
            "outputs.price.transfrm",
        ),
        (TOML.replace('kind = "generation"', 'kind = "generation"\nscale = "shared"'), "outputs.row.scale"),
        (TOML.replace('kind = "generation"', 'kind = "generation"\nbalance = "none"'), "outputs.row.balance"),
        (TOML.replace('kind = "classification"', 'kind = "classification"\nbalance = "b"'), ".balance"),
        ('weights = "sizze"\n' + TOML, "unknown column 'sizze'; choose one of: size"),
        ('weights = "price"\n' + TOML, "column 'price' holds the weights of rows, and is also asked for"),
        ("seed = -1\n" + TOML, "seed"),
        ("seed = true\n" + TOML, "seed"),
        ("fractions = [0.5, 0.5]\n" + TOML, "fractions"),
        ("fractions = [0.5, 0.6, 0.2]\n" + TOML, "fractions"),
        ("version = 2\n" + TOML, "version"),
        ('columns = { size = "numb3r" }\n' + TOML, "columns.size"),
        ('inputs = ["sizze"]\n' + TOML, "unknown column 'sizze'; choose one of: size"),
        ('inputs = ["price"]\n' + TOML, "'price' is a target and among the inputs"),
        ("data = ", "cannot read"),
        ("a = " + "[" * 20_000, "cannot read"),
        ('data = "nowhere.csv"\n' + TOML.replace('data = "table.csv"', ""), "no data file"),
        ('data = "table.xls"\n' + TOML.replace('data = "table.csv"', ""), "no data file"),
        ("#" * 200_001, "at most 200000 bytes"),
        (TOML.replace("table.csv", "t" * 300), "File name too long"),
        (TOML.replace("table.csv", "/dev/zero"), "no data file"),
        ('group = "colour"\n' + TOML, "groups: expected three or more"),
    ],
)
def test_bad_problem_files_are_refused_by_key(text: str, culprit: str, folder: Path) -> None:
    (folder / "problem.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_problem(str(folder / "problem.toml"))
    assert culprit in str(caught.value)


def test_other_endings_folders_and_data_without_a_question_are_refused(folder: Path) -> None:
    (folder / "table.xls").write_text("x")
    content = {"data": "table.xls", "outputs": {"a": {"kind": "regression"}}}
    with pytest.raises(InputError, match=r"a file that ends in .csv"):
        problem_of(described(content, "the test").within(folder))
    with pytest.raises(InputError, match="is a folder"):
        problem_of(described({**content, "data": "."}, "the test").within(folder))
    with pytest.raises(InputError, match="say what is asked of them by --class"):
        load_problem(str(folder / "table.csv"))


def test_a_first_problem_file_can_be_used_as_it_is(folder: Path) -> None:
    found = guess(folder / "table.csv", folder / "sub" / "first.toml")
    assert 'data = "../table.csv"' in found.text
    assert any("'kind' is classified" in reason for reason in found.reasons)
    assert any("'price' is predicted" in reason for reason in found.reasons)
    (folder / "sub").mkdir()
    (folder / "sub" / "first.toml").write_text(found.text)
    assert read_description(folder / "sub" / "first.toml").columns["size"] == "number"
    problem = load_problem(str(folder / "sub" / "first.toml"))
    assert {name: output.kind for name, output in problem.outputs.items()} == {
        "kind": "classification",
        "price": "regression",
        "row": "generation",
    }


def test_a_first_problem_file_of_arrays_can_be_used_as_it_is(tmp_path: Path) -> None:
    images = np.random.default_rng(0).random((40, 4, 5))
    np.savez(tmp_path / "data.npz", images=images, label=np.arange(40) % 3)
    found = guess(tmp_path / "data.npz", tmp_path / "first.toml")
    (tmp_path / "first.toml").write_text(found.text)
    problem = load_problem(str(tmp_path / "first.toml"))
    assert list(problem.outputs) == ["label", "images"]


def test_a_guess_outlives_a_mistake_in_a_column(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, *rows(), "big,red,a,1")
    found = guess(path, tmp_path / "first.toml")
    assert '"size" = "category"' in found.text
    assert any("is 'big'" in reason for reason in found.reasons)
