"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProblemName = Annotated[
    str,
    typer.Argument(
        metavar="PROBLEM",
        help=(
            "A bundled problem (digits, fashion-mnist; penguins, cars, mnist5k with graftwork\\[data]; "
            "diamonds "
            "with graftwork\\[diamonds]), a TOML problem file, or a data file with --class, --value or "
            "--generate."
        ),
    ),
]
Classes = Annotated[
    list[str] | None,
    typer.Option(
        "--class", metavar="COLUMN", help="A column of the data file to classify; repeat it for several."
    ),
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--value",
        metavar="COLUMN",
        help=(
            "A column of numbers to predict; repeat it for several outputs, or give several columns "
            "with commas "
            "between for one output of several numbers."
        ),
    ),
]
Generate = Annotated[bool, typer.Option("--generate", help="Generate rows of the data file, too.")]
LeaveOut = Annotated[
    list[str] | None,
    typer.Option("--leave-out", metavar="COLUMN", help="A column that is not read; repeat it for several."),
]
Group = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="Rows that are equal in this column stay in one split; it is no input."
    ),
]
RowWeights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="COLUMN",
        help="How much each row counts, in training and in scores: numbers from 0 on; it is no input.",
    ),
]
Balance = Annotated[
    list[str] | None,
    typer.Option(
        "--balance",
        metavar="COLUMN",
        help="A column of --class whose rare classes count as much as frequent ones; repeat it for several.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Root of every random draw; the same seed, the same result.")]
Workers = Annotated[
    int, typer.Option(min=1, help="Processes that work side by side; results do not depend on it.")
]
CandidateSeconds = Annotated[
    float | None,
    typer.Option(
        help="Most seconds of one candidate; a worker that takes longer is ended, the candidate has failed."
    ),
]
CandidateMemory = Annotated[
    str | None,
    typer.Option(
        metavar="AMOUNT",
        help="Most memory that one candidate adds to its worker (800MB, 2GB); beyond it, it has failed.",
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="GRAFTWORK_DATABASE",
        help=(
            "PostgreSQL database that the run's rows are kept in, postgresql://USER@HOST/DATABASE "
            "(graftwork\\[postgresql]); a SQLite file in the folder unless given. Leave the password to "
            "PGPASSWORD or a password file."
        ),
    ),
]
ExecutorName = Annotated[
    str | None,
    typer.Option(
        "--executor",
        metavar="NAME",
        help=(
            "Where candidates are worked on. inline: in this process, one at a time. processes: on this "
            "machine. ray: in a cluster (graftwork\\[ray]); ray-gpu: there, on a GPU each. Unless given, "
            "processes for several workers or limits, and inline otherwise."
        ),
    ),
]
InFlight = Annotated[
    int,
    typer.Option(
        min=1,
        help=(
            "Candidates proposed before the oldest of them is known: the most that work side by side. "
            "Results depend on it."
        ),
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors alone.")]
Space = Annotated[str, typer.Option(help="Search space: modern or paper.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished search.")]
RowsOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help=(
            "File to write, which must not exist yet: .csv, .parquet (graftwork\\[parquet]) or .npz; "
            "standard output, as CSV, unless told."
        ),
    ),
]
GuidelinesFile = Annotated[
    Path | None,
    typer.Option(
        "--guidelines",
        help="Guidelines (JSON), as 'graftwork guidelines' writes them; Graftwork's own unless given.",
    ),
]
BalancerName = Annotated[
    str,
    typer.Option(
        "--balancer",
        metavar="NAME",
        help=(
            "How the losses of outputs become one. static: their sum. scaled: each divided by its running "
            "mean. dynamic: more weight for outputs that have not converged. sequential: one output after "
            "the other, at last all. uncertainty: each divided by a variance that is learnt. The rest "
            "aggregate gradients, need graftwork\\[balancing] and a backward pass an output. upgrad: a step "
            "that hurts no output. mgda: the shortest combination. pcgrad: what conflicts is projected away. "
            "aligned: principal components made equal. imtl: equal progress along every gradient."
        ),
    ),
]
Device = Annotated[
    str, typer.Option(help="Where models are trained, as PyTorch names it: cpu, cuda, cuda:1, mps.")
]
Operators = Annotated[
    list[str] | None,
    typer.Option(
        "--operator",
        metavar="NAME",
        help="An operator to draw from; repeat it for several. The built-in structural ones unless given.",
    ),
]
