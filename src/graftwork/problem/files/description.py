"""What is asked of data in files: the content of a TOML problem file, checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graftwork.documents import faults, parse, short
from graftwork.errors import InputError
from graftwork.problem.outputs import Classification, Generation, Output, Regression
from graftwork.problem.tables import ColumnKind

_MOST_CHARACTERS = 200_000
_MOST_SEED = 2**63 - 1


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, Field(min_length=1, max_length=200)]


class OutputDescription(_Strict):
    """One output.

    Attributes:
        kind: What it asks.
        columns: Its columns, or arrays; the one of the output's name unless told, all for a generated row.
        transform: Of a regression: `signed_log` for numbers with a heavy tail, `auto` to let training rows
            say, `none`.
        scale: Of a regression: as in `Regression`.
        balance: Of a classification: `balanced` lets its classes count alike in training, `none`.
    """

    kind: Literal["classification", "regression", "generation"]
    columns: Annotated[list[Name], Field(min_length=1)] | None = None
    transform: Literal["none", "signed_log", "auto"] | None = None
    scale: Literal["column", "shared"] | None = None
    balance: Literal["none", "balanced"] | None = None

    def declared(self, name: str) -> Output:
        """The output that is meant."""
        own = {"transform": "regression", "scale": "regression", "balance": "classification"}
        for key, kind in own.items():
            if getattr(self, key) is not None and self.kind != kind:
                raise InputError(f"outputs.{name}.{key}: only a {kind} has one, and this is a {self.kind}")
        match self.kind:
            case "regression":
                return Regression(scale=self.scale or "column", transform=self.transform or "auto")
            case "classification":
                return Classification(balance=self.balance or "none")
        return Generation()


class ImagesDescription(_Strict):
    """Images beside a table.

    Attributes:
        column: The column that names the file of each row.
        folder: Where the files are, from the problem file on.
    """

    column: Name
    folder: str = "."


class Description(_Strict):
    """A problem in files.

    Attributes:
        version: Version of this format.
        name: Name of the problem; that of the data file unless told.
        data: The data file, from the problem file on: `.csv`, `.tsv`, `.parquet` or `.npz`.
        sha256: What the data file must hold; a run keeps it.
        inputs: Columns, or arrays, that are inputs; all that are no targets unless told.
        leave_out: Columns that are not read.
        group: A column whose equal values keep rows in one split.
        weights: A column, or an array, that says how much each row counts; no input.
        columns: Kinds of columns, where the guess would be wrong.
        images: Images that a column names.
        seed: Seed of the split.
        fractions: Shares of training, validation and test rows.
        outputs: What is asked, by name.
    """

    version: Literal[1] = 1
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    data: Annotated[str, Field(min_length=1, max_length=4000)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    inputs: list[Name] | None = None
    leave_out: list[Name] = []
    group: Name | None = None
    weights: Name | None = None
    columns: dict[str, ColumnKind] = {}
    images: ImagesDescription | None = None
    seed: Annotated[int, Field(ge=0, le=_MOST_SEED, strict=True)] = 0
    fractions: tuple[float, float, float] = (0.6, 0.2, 0.2)
    outputs: Annotated[dict[Name, OutputDescription], Field(min_length=1)]

    def within(self, folder: Path) -> Description:
        """The same with absolute paths, those that are relative being of a folder."""
        moved: dict[str, Any] = {"data": str((folder / self.data).absolute())}
        if self.images is not None:
            place = str((folder / self.images.folder).absolute())
            moved["images"] = self.images.model_copy(update={"folder": place})
        return self.model_copy(update=moved)


def read_description(path: Path) -> Description:
    """A TOML problem file.

    Raises:
        InputError: It cannot be read, is no TOML, or a key of it is wrong; the message names the key.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_CHARACTERS + 1)
        if len(data) > _MOST_CHARACTERS:
            raise InputError(
                f"'{path}': expected a problem file of at most {_MOST_CHARACTERS} bytes, came more"
            )
        value = tomllib.loads(data.decode())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read '{path}' as a problem file: {str(error)[:200]}") from None
    return described(value, f"'{path}'").within(path.absolute().parent)


def described(value: Mapping[str, Any] | str, what: str) -> Description:
    """A description out of a mapping or JSON.

    Raises:
        InputError: A key of it is missing, unknown or wrong; the message names the key.
    """
    document = parse(value, what) if isinstance(value, str) else value
    try:
        return Description.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{what}: {faults(error)}") from None
    except RecursionError:
        raise InputError(f"{what}: values inside of too many others, {short(str(document)[:60])}") from None
