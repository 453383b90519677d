"""An interface as a versioned document of JSON, read with suspicion."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, assert_never

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graftwork.documents import faults, parse
from graftwork.errors import InputError
from graftwork.problem._names import check_problem_name
from graftwork.problem._standardiser import Float64, Standardiser
from graftwork.problem.categorical import Categorical
from graftwork.problem.input import Input
from graftwork.problem.interface import ImageFolder
from graftwork.problem.outputs import Classification, Generation, Output, Regression
from graftwork.problem.signed_log import SignedLog

if TYPE_CHECKING:
    from graftwork.problem.interface import Interface

SCHEMA: Literal["graftwork/interface"] = "graftwork/interface"
VERSION: Literal[1] = 1
_WHAT = "the interface"
# A number takes about twenty bytes; images of 3 x 128 x 128 in and out are 400,000 of them.
_MOST_VALUES, _MOST_BYTES = 1_000_000, 25_000_000
# Of all that is no real number: a validator keeps a record of each of its faults.
_MOST_OTHERS = 100_000
_MOST_WIDTH, _MOST_NODES, _MOST_AXES = 10_000_000, 1_000, 10

Size = Annotated[int, Field(ge=1, le=_MOST_WIDTH)]
Numbers = float | Annotated[list[float], Field(fail_fast=True)]
Labels = (
    Annotated[list[bool], Field(fail_fast=True)]
    | Annotated[list[int], Field(fail_fast=True)]
    | Annotated[list[str], Field(fail_fast=True)]
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StandardiserDocument(_Strict):
    """A standardiser; one number stands for as many equal ones as a row has.

    Attributes:
        shape: Shape of a row.
        centre: Subtracted from each number of a row.
        scale: What the rest is divided by.
        deviation: Standard deviation of each number over training rows once it is encoded.
    """

    shape: Annotated[list[Size], Field(max_length=_MOST_AXES, fail_fast=True)]
    centre: Numbers
    scale: Numbers
    deviation: Numbers

    @classmethod
    def of(cls, standardiser: Standardiser | None) -> Self:
        """What was fitted."""
        if standardiser is None:
            raise InputError(f"{_WHAT}: a part of it is not fitted; take it from a problem")
        told = {key: _told(getattr(standardiser, key)) for key in ("centre", "scale", "deviation")}
        return cls(shape=list(standardiser.shape), **told)

    def made(self) -> Standardiser:
        """The same again."""
        width = math.prod(self.shape)
        if width > _MOST_WIDTH:
            raise InputError(f"{_WHAT}: a row of {width} numbers, expected at most {_MOST_WIDTH}")
        centre, scale, deviation = (_array(each, width) for each in (self.centre, self.scale, self.deviation))
        if not (scale > 0).all() or (deviation < 0).any():
            raise InputError(f"{_WHAT}: a scale that is not above 0, or a deviation below")
        return Standardiser(tuple(self.shape), centre, scale, deviation)


class InputDocument(_Strict):
    """An input of numbers."""

    name: str
    kind: Literal["numbers"] = "numbers"
    standardiser: StandardiserDocument

    def made(self) -> Input:
        """The input."""
        return Input(tuple(self.standardiser.shape), self.standardiser.made())


class CategoricalDocument(_Strict):
    """An input of categories."""

    name: str
    kind: Literal["categories"] = "categories"
    categories: Labels

    def made(self) -> Categorical:
        """The input."""
        return Categorical(_sorted(self.categories))


class ClassificationDocument(_Strict):
    """A classification: its classes, in the order of its codes, and their shares in training rows."""

    name: str
    kind: Literal["classification"] = "classification"
    labels: Labels
    frequencies: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(fail_fast=True)]
    balance: Literal["none", "balanced"] = "none"

    def made(self) -> Classification:
        """The output."""
        labels = _sorted(self.labels)
        if len(self.frequencies) != len(labels):
            raise InputError(f"{_WHAT}: output {self.name!r}: expected a frequency a class")
        return Classification(len(labels), labels, tuple(self.frequencies), balance=self.balance)


class RegressionDocument(_Strict):
    """A regression; `curve` has the scales of its signed log, None for a column that is taken as it is.

    `limits` are those of the signed log; documents of before they were there have none.
    """

    name: str
    kind: Literal["regression"] = "regression"
    scale: Literal["column", "shared"]
    transform: Literal["none", "signed_log", "auto"]
    curve: Annotated[list[Annotated[float, Field(gt=0)] | None], Field(fail_fast=True)] | None
    limits: Annotated[list[Annotated[float, Field(gt=0, le=700)]], Field(fail_fast=True)] = []
    standardiser: StandardiserDocument

    def made(self) -> Regression:
        """The output."""
        standardiser = self.standardiser.made()
        width = len(standardiser.centre)
        if len(standardiser.shape) != 1 or (self.curve is not None and len(self.curve) != width):
            raise InputError(f"{_WHAT}: output {self.name!r}: expected rows of numbers, and a curve of each")
        if len(self.limits) not in (0, 0 if self.curve is None else width):
            raise InputError(f"{_WHAT}: output {self.name!r}: expected a limit of each curve, or none")
        curve = None if self.curve is None else SignedLog(tuple(self.curve), tuple(self.limits))
        return Regression(width, standardiser, scale=self.scale, transform=self.transform, curve=curve)


class GenerationDocument(_Strict):
    """A generation."""

    name: str
    kind: Literal["generation"] = "generation"
    beta: Annotated[float, Field(ge=0)]
    standardiser: StandardiserDocument

    def made(self) -> Generation:
        """The output; it can be decoded, and not scored."""
        return Generation(tuple(self.standardiser.shape), self.beta, self.standardiser.made())


InputNode = Annotated[InputDocument | CategoricalDocument, Field(discriminator="kind")]
OutputNode = Annotated[
    ClassificationDocument | RegressionDocument | GenerationDocument, Field(discriminator="kind")
]


class ImagesDocument(_Strict):
    """Where the images are that a table names."""

    column: str
    folder: str

    def made(self) -> ImageFolder:
        """The same again."""
        return ImageFolder(self.column, self.folder)


class InterfaceDocument(_Strict):
    """The whole."""

    format: Literal["graftwork/interface"] = SCHEMA
    version: Literal[1] = VERSION
    name: str
    inputs: Annotated[list[InputNode], Field(max_length=_MOST_NODES, fail_fast=True)]
    outputs: Annotated[list[OutputNode], Field(max_length=_MOST_NODES, fail_fast=True)]
    table: dict[str, Any] | None = None
    images: ImagesDocument | None = None

    @classmethod
    def of(cls, interface: Interface) -> Self:
        """What is to be written of an interface."""
        return cls(
            name=interface.name,
            inputs=[_input(name, node) for name, node in interface.inputs.items()],
            outputs=[_output(name, node) for name, node in interface.outputs.items()],
            table=None if interface.table is None else json.loads(interface.table.to_json()),
            images=None if interface.images is None else ImagesDocument(**asdict(interface.images)),
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """What was written.

        Raises:
            InputError: It is something else.
        """
        value = parse(text, _WHAT, most_values=_MOST_VALUES, most_bytes=_MOST_BYTES)
        if _others(value) > _MOST_OTHERS:
            raise InputError(f"{_WHAT} has more than {_MOST_OTHERS} values that are no real numbers")
        try:
            document = cls.model_validate(value)
        except ValidationError as error:
            raise InputError(f"{_WHAT}: {faults(error)}") from None
        check_problem_name(document.name)
        return document

    def text(self) -> str:
        """As JSON that `read` takes.

        Raises:
            InputError: It would not.
        """
        written = self.model_dump_json()
        self.read(written)
        return written


def _input(name: str, node: Input | Categorical) -> InputDocument | CategoricalDocument:
    if isinstance(node, Categorical):
        return CategoricalDocument(name=name, categories=_listed(node.categories))
    if isinstance(node, Input):
        return InputDocument(name=name, standardiser=StandardiserDocument.of(node.standardiser))
    assert_never(node)


def _output(name: str, node: Output) -> OutputNode:
    if type(node) is Classification:
        labels = _listed(node.labels)
        return ClassificationDocument(
            name=name, labels=labels, frequencies=list(node.frequencies), balance=node.balance
        )
    if type(node) is Regression:
        return RegressionDocument(
            name=name,
            scale=node.scale,
            transform=node.transform,
            curve=None if node.curve is None else list(node.curve.scales),
            limits=[] if node.curve is None else list(node.curve.limits),
            standardiser=StandardiserDocument.of(node.standardiser),
        )
    if type(node) is Generation and node.beta is not None:
        standardiser = StandardiserDocument.of(node.standardiser)
        return GenerationDocument(name=name, beta=node.beta, standardiser=standardiser)
    raise InputError(f"{_WHAT}: output {name!r} is a {type(node).__name__}, which its document does not know")


def _others(value: object) -> int:
    """How many values there are, keys included, but real numbers."""
    left, count = [value], 0
    while left:
        each = left.pop()
        count += not isinstance(each, float)
        if isinstance(each, dict):
            count += len(each)
            left += each.values()
        elif isinstance(each, list):
            left += each
    return count


def _listed(labels: tuple[Any, ...] | None) -> Any:
    return list(labels or ())


def _sorted(labels: Labels) -> tuple[Any, ...]:
    told: list[Any] = [*labels]
    if len(told) < 2 or any(not one < other for one, other in pairwise(told)):
        raise InputError(f"{_WHAT}: expected two labels or more, in their order and each once")
    return tuple(labels)


def _told(values: Float64) -> Numbers:
    listed: list[float] = values.tolist()
    same = len(listed) > 1 and len({*map(float.hex, listed)}) == 1
    return listed[0] if same else listed


def _array(told: Numbers, width: int) -> Float64:
    array = np.full(width, told) if isinstance(told, float) else np.array(told, dtype=np.float64)
    if array.shape != (width,):
        raise InputError(f"{_WHAT}: expected {width} numbers, as the shape says, came {len(array)}")
    return array
