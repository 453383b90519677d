"""Graphs as files, and files at work."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from graftwork.errors import InputError, MissingExtraError
from graftwork.export._graphs import Graph
from graftwork.export._ports import TYPES

Array = npt.NDArray[Any]
Format = Literal["onnx", "torch"]
Answer = Callable[[Mapping[str, Array]], list[Array]]
ENDINGS: Mapping[str, str] = {"onnx": ".onnx", "torch": ".pt2"}
# A batch of one would be taken for a constant.
_TRACED_ROWS = 4
_PROGRAMS: Any = torch.export


def named_format(name: str) -> Format:
    """A format that can be written here.

    Raises:
        InputError: No such format.
        MissingExtraError: What writes it, or what it is checked by, is not installed.
    """
    if name == "torch":
        return "torch"
    if name == "onnx":
        try:
            import onnx  # noqa: F401
            import onnxruntime  # noqa: F401
            import onnxscript  # noqa: F401
        except ImportError:
            raise MissingExtraError("onnx", "exporting to ONNX") from None
        return "onnx"
    raise InputError(f"format: expected one of {', '.join(ENDINGS)}, came {name!r}")


def write(graph: Graph, path: Path) -> None:
    """Write a graph that takes any number of rows, as its ending says."""
    feeds = tuple(torch.zeros((_TRACED_ROWS, *port.shape), dtype=TYPES[port.dtype]) for port in graph.inputs)
    rows = _PROGRAMS.Dim("rows")
    shapes = {"feeds": tuple({0: rows} for _ in feeds)}
    with _quietly(), torch.no_grad():
        program = _PROGRAMS.export(graph.module.eval(), feeds, dynamic_shapes=shapes)
        if path.suffix == ENDINGS["torch"]:
            # They would be written by pickle, and nobody needs them.
            program.example_inputs = None
            _PROGRAMS.save(program, path)
            return
        names = [[port.name for port in ports] for ports in (graph.inputs, graph.outputs)]
        written = torch.onnx.export(
            program,
            input_names=names[0],
            output_names=names[1],
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        assert written is not None
        written.save(path)


def opened(path: Path, outputs: Sequence[str]) -> Answer:
    """What a file answers, by what others run it with.

    Args:
        path: A file that `write` has just written: torch's own format can run code when it is read.
        outputs: Names of what it gives, in their order.
    """
    return _onnx(path, outputs) if path.suffix == ENDINGS["onnx"] else _program(path)


def _onnx(path: Path, outputs: Sequence[str]) -> Answer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda feeds: [np.asarray(found) for found in session.run([*outputs], dict(feeds))]


def _program(path: Path) -> Answer:
    with _quietly():
        module = _PROGRAMS.load(path).module()

    def answer(feeds: Mapping[str, Array]) -> list[Array]:
        with torch.no_grad():
            return [found.numpy() for found in module(*map(torch.from_numpy, feeds.values()))]

    return answer


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what exporters say of packages that are not needed, and of their own code."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
