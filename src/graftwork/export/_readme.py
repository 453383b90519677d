"""What a folder of exported files says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from graftwork.documents import short
from graftwork.export._files import ENDINGS, Format
from graftwork.export._graphs import MODEL, Graph
from graftwork.export._ports import Port
from graftwork.problem import Interface

_MOST_LISTED = 12


def readme(interface: Interface, graphs: Sequence[Graph], format: Format) -> str:
    """The text of README.md."""
    parts = [f"# A model of '{interface.name}', exported by Graftwork"]
    parts += [_graph(graph, format) for graph in graphs]
    if interface.table is not None:
        parts.append(_OF_A_TABLE)
    parts.append(_FILES + (_TORCH if format == "torch" else ""))
    return "\n\n".join(parts)


def _graph(graph: Graph, format: Format) -> str:
    name = graph.name + ENDINGS[format]
    about = (
        "Answers rows."
        if graph.name == MODEL
        else "Makes rows up: other draws, other rows. It takes no data but what it is given below."
    )
    return "\n\n".join(
        [
            f"## {name}",
            f"{about} The first dimension of every tensor is the rows, any number. What was fitted to "
            "training rows (means, deviations, medians, transforms) is inside.",
            _listed("in", graph.inputs),
            _listed("out", graph.outputs),
            _use(graph, name, format),
        ]
    )


def _listed(way: str, ports: Sequence[Port]) -> str:
    rows = [f"| {way} | type | shape | is |", "|---|---|---|---|"]
    for port in ports:
        shape = ", ".join(["rows", *map(str, port.shape)])
        told = [port.meaning]
        if port.columns:
            told.append(f"In order: {_some(port.columns)}.")
        if port.codes:
            told += [f"{_some(codes)}." for codes in port.codes[:_MOST_LISTED]]
        rows.append(f"| `{port.name}` | {port.dtype} | ({shape}) | {' '.join(told).replace('|', '/')} |")
    return "\n".join(rows)


def _some(values: Sequence[object]) -> str:
    more = [f"and {len(values) - _MOST_LISTED} more"] if len(values) > _MOST_LISTED else []
    return ", ".join([short(value) for value in values[:_MOST_LISTED]] + more)


def _use(graph: Graph, name: str, format: Format) -> str:
    feeds = [f"{port.name}" for port in graph.inputs]
    if format == "torch":
        told = ", ".join(feeds)
        lines = [
            f'program = torch.export.load("{name}").module()',
            f"answers = program({told})  # in this order",
        ]
    else:
        told = ", ".join(f'"{each}": {each}' for each in feeds)
        lines = [
            f'session = onnxruntime.InferenceSession("{name}")',
            f"answers = session.run(None, {{{told}}})",
        ]
    return "\n".join(["```python", *lines, "```"])


_OF_A_TABLE = """## From a table

Columns of numbers and dates go in as they are. A category goes in as its code: its place in the list of its
column in `signature.json`, an empty text standing for a gap; the table of inputs above says what becomes of
others. What is generated is read back so: numbers are held within `low` and `high` of `interface.json` (in
`table`, `rows`) and rounded where `whole` says so; of the numbers of a column of categories the greatest
counts."""

_FILES = """## Files

`signature.json` is the tables above for machines, whole; `interface.json` is all that was fitted, as a run of
Graftwork keeps it. The files were run on random rows after they were written, and agreed with the model."""

_TORCH = """
`architecture.json` and `weights.safetensors` are the model without its preprocessing, of which
`graftwork.with_weights` builds it again. PyTorch says of its programs (`.pt2`) that reading one can run
code: do not read one from somebody whom you do not trust."""
