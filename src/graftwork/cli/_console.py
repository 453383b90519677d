"""What commands print: tables and progress for people, JSON for machines on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from graftwork.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console


def plain(text: str) -> str:
    """Text without the control characters by which a terminal can be steered, which are spelled out instead.

    Example:
        >>> plain("a\\x1b[2Jb")
        'a\\\\x1b[2Jb'
    """
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _spelled(sign) for sign in text)


def _spelled(sign: str) -> str:
    return sign if sign.isspace() and ord(sign) > 0xA0 else sign.encode("unicode_escape").decode()


class Advance(Protocol):
    """Tells a progress bar how far the work is, and what to say beside it."""

    def __call__(self, done: float, total: float | None = None, note: str = "") -> None:
        """`done` of `total`."""
        ...


@dataclass(frozen=True)
class Voice:
    """How a command speaks.

    Attributes:
        as_json: One JSON value on standard output, nothing else there.
        quiet: Nothing but errors.
    """

    as_json: bool = False
    quiet: bool = False

    @property
    def console(self) -> Console:
        """Standard output for people; silent where a machine listens or quiet was asked for."""
        from rich.console import Console

        return Console(quiet=self.quiet or self.as_json, highlight=False)

    def say(self, text: str) -> None:
        """One line or more for people."""
        self.console.print(plain(text), soft_wrap=True, markup=False)

    def note(self, text: str) -> None:
        """A line for people on standard error, where standard output is for what was asked for."""
        if not self.quiet:
            print(plain(text), file=sys.stderr)

    def text(self, text: str) -> None:
        """What was asked for, as text that may be piped; silent where a machine listens."""
        if not self.as_json:
            sys.stdout.write(plain(text) if sys.stdout.isatty() else text)

    def value(self, value: Any) -> None:
        """The JSON for machines."""
        if self.as_json:
            print(json.dumps(value, indent=2, allow_nan=False))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table; columns after the first are numbers and stand to the right."""
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(plain(title)), title_justify="left", header_style="bold")
        for index, column in enumerate(columns):
            table.add_column(Text(plain(column)), justify="left" if index == 0 else "right", overflow="fold")
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        self.console.print(table)

    @contextmanager
    def progress(self, label: str) -> Iterator[Advance]:
        """A progress bar on standard error, so that what is piped stays clean."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, quiet=self.quiet)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=console, disable=self.quiet) as bar:
            task = bar.add_task(label, total=None, note="")

            def advance(done: float, total: float | None = None, note: str = "") -> None:
                bar.update(task, completed=done, total=total, note=note)

            try:
                yield advance
            except InputError:
                # What was refused never began: the message stands alone.
                bar.update(task, visible=False)
                raise
