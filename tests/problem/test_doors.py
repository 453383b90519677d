"""Fuzzed files: whatever a CSV or a problem file holds, it is a problem or refused, and soon."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graftwork.errors import InputError
from graftwork.problem import Problem
from graftwork.problem.files import problem_of, read_description
from graftwork.problem.files.load import read_table

CSV = b"size,colour,day,open,kind,price\r\n" + b"".join(
    b"%d.5,%s,2020-01-%02d,%s,%s,%d\r\n"
    % (
        row,
        (b"red", b'"gr,een"')[row % 2],
        1 + row % 28,
        (b"true", b"")[row % 3 > 0],
        b"aab"[row % 3 :][:1],
        row**2,
    )
    for row in range(24)
)
TOML = b"""version = 1
name = "table"
data = "table.csv"
seed = 3
fractions = [0.6, 0.2, 0.2]
leave_out = ["day"]
columns = { size = "number" }

[outputs.kind]
kind = "classification"

[outputs."price"]
kind = "regression"
columns = ["price"]
transform = "auto"
"""
WORDS = [
    *(
        b",",
        b"\n",
        b"\r",
        b'"',
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b";",
        b"\t",
        b" ",
        b"=",
        b"[",
        b"]",
        b"{",
        b"}",
    ),
    *(
        b"NA",
        b"nan",
        b"inf",
        b"-inf",
        b"1e999",
        b"1e-999",
        b"9" * 400,
        b"-1",
        b"0",
        b"true",
        b"2020-13-45",
        b"1970-01-01",
    ),
    *(
        b"0001-01-01T00:00:00+23:59",
        b"9999-12-31T23:59:59-23:59",
        b"\xe2\x80\xae",
        b"\xf0\x9f\x90\xa7",
        b"kind",
        b"price",
    ),
    *(
        b"size,size",
        b"'''",
        b'"""',
        b"#",
        b"\\u0000",
        b"\\",
        b"../table.csv",
        b"problem.toml",
        b"/dev/zero",
        b"[outputs.x]",
    ),
    *(
        b"n1",
        b"training",
        b"generation",
        b"classification",
        b"a.b.c",
        b"1979-05-27",
        b"0x7fffffffffffffffffff",
    ),
]
LONGEST = 20.0
# Ten thousand under the profile `deep`.
CASES = 10 * settings.default.max_examples if settings.default else 250


def mutated(content: bytes, seed: int) -> bytes:
    """A file with a few bytes, words, lines or stretches changed, by a seed."""
    draw = random.Random(seed)
    data = bytearray(content)
    for _ in range(draw.choice([1, 1, 2, 3, 5, 20])):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + draw.choice([0, 1, 1, 4, 30]))
        change = draw.randrange(6)
        if change == 0:
            data[start:end] = draw.randbytes(draw.randrange(4))
        elif change == 1:
            data[start:end] = draw.choice(WORDS)
        elif change == 2:
            data[start:start] = data[start:end] * draw.choice([1, 2, 50])
        elif change == 3:
            del data[start:end]
        elif change == 4:
            lines = data.splitlines(keepends=True)
            draw.shuffle(lines)
            data = bytearray(b"".join(lines))
        else:
            data = (
                data[:start]
                if draw.random() < 0.2
                else data.replace(draw.choice([b",", b"\n", b'"', b"a", b"1"]), draw.choice(WORDS))
            )
    return bytes(data[:200_000])


def answered(make: Callable[[], Problem]) -> bool:
    """Whether it makes a problem; the only error is a refusal, and neither takes long."""
    began = time.monotonic()
    problem, refusal = None, ""
    try:
        problem = make()
    except InputError as error:
        refusal = str(error)
    assert time.monotonic() - began < LONGEST
    if problem is None:
        assert 10 < len(refusal) < 5_000
        return False
    assert all(rows.isfinite().all() for rows in problem.train.inputs.values())
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doors")


def door(folder: Path, csv: bytes, toml: bytes) -> Callable[[], Problem]:
    (folder / "table.csv").write_bytes(csv)
    (folder / "problem.toml").write_bytes(toml)
    return lambda: problem_of(read_description(folder / "problem.toml"))


def test_the_files_that_are_mutated_make_a_problem(folder: Path) -> None:
    assert answered(door(folder, CSV, TOML))


@pytest.mark.filterwarnings("error")
@settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_a_mutated_csv_is_a_problem_or_refused(folder: Path, seed: int) -> None:
    answered(door(folder, mutated(CSV, seed), TOML))


@pytest.mark.filterwarnings("error")
@settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_a_mutated_problem_file_is_a_problem_or_refused(folder: Path, seed: int) -> None:
    answered(door(folder, CSV, mutated(TOML, seed)))


@pytest.mark.filterwarnings("error")
@settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(folder: Path, content: bytes) -> None:
    path = folder / "any.csv"
    path.write_bytes(content)
    try:
        frame = read_table(path)
    except InputError:
        return
    assert all(len(values) == frame.rows > 0 for values in frame.columns.values())
