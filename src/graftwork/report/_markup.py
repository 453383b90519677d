"""The few pieces of HTML that sections are made of; all text is escaped here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Place = Literal["plot", "panels", "drawing", "samples"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table whose background shows a value.

    Attributes:
        text: What is written.
        note: What is written smaller after it.
        heat: How dark it is, from 0 to 1.
        negative: Whether the value is below zero, which has another colour.
    """

    text: str
    note: str = ""
    heat: float = 0.0
    negative: bool = False


def paragraph(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>\n"


def bullets(items: Iterable[str]) -> str:
    """A list of sentences; nothing where there are none."""
    entries = "".join(f"<li>{escape(item)}</li>\n" for item in items)
    return f"<ul>\n{entries}</ul>\n" if entries else ""


def facts(pairs: Mapping[str, str]) -> str:
    """Names and what they are, as a row of figures."""
    entries = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>\n" for name, value in pairs.items()
    )
    return f'<dl class="facts">\n{entries}</dl>\n'


def figure(content: str, caption: str, *, place: Place = "plot") -> str:
    """Pictures with what they show; those too wide for the page can be moved sideways."""
    return (
        f'<figure class="{place}">\n<div class="scroll">{content}</div>\n'
        f"<figcaption>{escape(caption)}</figcaption>\n</figure>\n"
    )


def panels(pictures: Iterable[str]) -> str:
    """Pictures side by side where there is room, below each other where there is not."""
    return "".join(f'<div class="panel">{picture}</div>\n' for picture in pictures)


def heading(text: str) -> str:
    """A heading inside a section."""
    return f"<h3>{escape(text)}</h3>\n"


def key(entries: Iterable[tuple[str, str, str]]) -> str:
    """What the marks of a plot mean: each a sign, the name of its colour, and its meaning."""
    items = "".join(
        f'<li><span class="{colour}" aria-hidden="true">{escape(sign)}</span> {escape(text)}</li>\n'
        for sign, colour, text in entries
    )
    return f'<ul class="key">\n{items}</ul>\n'


def details(summary: str, content: str) -> str:
    """Content that is shown when asked for."""
    return f"<details>\n<summary>{escape(summary)}</summary>\n{content}</details>\n"


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Cell]],
    *,
    words: Collection[str] = (),
) -> str:
    """A table whose first column names the rows.

    Args:
        caption: What it holds.
        columns: Names of all columns.
        rows: A cell for each column.
        words: Columns, other than the first, that hold words; the others hold figures.
    """
    kinds = [' class="words"' if i == 0 or name in words else "" for i, name in enumerate(columns)]
    head = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(columns, kinds, strict=True)
    )
    body = "".join(f"<tr>{_row(row, kinds)}</tr>\n" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>\n'
        f"<caption>{escape(caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _row(row: Sequence[str | Cell], kinds: Sequence[str]) -> str:
    first, *others = zip(row, kinds, strict=True)
    return f'<th scope="row">{escape(str(first[0]))}</th>' + "".join(_cell(*other) for other in others)


def _cell(cell: str | Cell, kind: str) -> str:
    if isinstance(cell, str):
        return f"<td{kind}>{escape(cell)}</td>"
    sign = " negative" if cell.negative else ""
    note = f" <small>{escape(cell.note)}</small>" if cell.note else ""
    return f'<td class="heat{sign}" style="--heat: {cell.heat:.2f}">{escape(cell.text)}{note}</td>'
