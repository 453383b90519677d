"""`graftwork predict`: what the best model of a run answers for new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graftwork.cli._console import Voice
from graftwork.cli.options import Json, Quiet, RowsOut, RunFolder

NAME = "predict"


def run(
    run: RunFolder,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help=(
                "New rows: a CSV or Parquet file with the columns of the inputs; for a problem of arrays, an "
                "NPZ file with an array for every input."
            ),
        ),
    ],
    members: Annotated[
        int,
        typer.Option(
            min=1,
            help=(
                "Models that answer together: the best, and others of the front by falling skill. Several "
                "answer with their mean, and columns _low and _high hold the range of their answers."
            ),
        ),
    ] = 1,
    out: RowsOut = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict for new rows: probabilities of classes, numbers in their own units.

    Prints CSV, a line a row in their order, unless told where to write.
    The run keeps what was fitted to its data, which need not be there.

    Example: graftwork predict run new.csv --out predictions.csv
    """
    from graftwork.cli._rows import check_out, content_of, csv_of, records_of
    from graftwork.cli._work import run_and_interface, write_bytes
    from graftwork.problem.files import read_rows
    from graftwork.search import members as chosen
    from graftwork.search import predicted

    voice = Voice(as_json, quiet)
    check_out(out)
    result, asked = run_and_interface(run)
    models = chosen(result, members)
    rows = read_rows(data, asked)
    table = predicted(models, asked, asked.encode_inputs(rows.arrays))
    notes = [f"{data}: {note}" for note in rows.notes]
    for note in notes:
        voice.note(note)
    told = {"problem": asked.name, "members": members, "rows": len(table), "notes": notes}
    if out is None:
        voice.text(csv_of(table))
        voice.value(told | {"predictions": records_of(table) if as_json else []})
        return
    write_bytes(out, content_of("predictions", table, out.suffix.lower()))
    voice.say(f"Predictions for {len(table)} rows written to '{out}'")
    voice.value(told | {"out": str(out)})
