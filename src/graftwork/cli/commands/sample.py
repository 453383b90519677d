"""`graftwork sample`: rows or images that the best model of a run makes up."""

from __future__ import annotations

from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet, RowsOut, RunFolder, Seed
from graftwork.errors import InputError

NAME = "sample"
_MOST_ROWS = 1_000_000


def run(
    run: RunFolder,
    rows: Annotated[
        int, typer.Option("--rows", "-n", min=1, max=_MOST_ROWS, help="How many are made up.")
    ] = 100,
    output: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which output, where the problem has several that generate."),
    ] = None,
    out: RowsOut = None,
    seed: Seed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make up new rows of the table, or new images.

    Prints CSV unless told where to write. Images need a file that ends in .npz.

    Example: graftwork sample run -n 100 --out rows.csv
    """
    from graftwork.cli._rows import as_table, check_out, content_of, csv_of, records_of
    from graftwork.cli._work import run_and_interface, write_bytes
    from graftwork.search import samples

    voice = Voice(as_json, quiet)
    check_out(out)
    result, asked = run_and_interface(run)
    made = samples(result.best.model, asked, rows, seed=seed)
    name = _chosen(list(made), output)
    told = {"problem": asked.name, "output": name, "seed": seed, "rows": rows}
    if out is None:
        table = as_table(name, made[name])
        voice.text(csv_of(table))
        voice.value(told | {"samples": records_of(table) if as_json else []})
        return
    write_bytes(out, content_of(name, made[name], out.suffix.lower()))
    voice.say(f"{rows} rows of '{name}' written to '{out}'")
    voice.value(told | {"out": str(out)})


def _chosen(names: list[str], asked: str | None) -> str:
    """The output that is meant."""
    if asked in names:
        return asked
    if asked is None and len(names) == 1:
        return names[0]
    came = "none of them was named" if asked is None else f"came '{asked}'"
    raise InputError(f"--output: expected one of {', '.join(names)}, which the problem generates; {came}")
