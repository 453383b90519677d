"""Sections as one HTML file that needs nothing else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from graftwork.errors import InputError
from graftwork.report.section import Section


def render_html(*, title: str, lead: str, sections: Sequence[Section]) -> str:
    """A whole document, without references to anything outside itself.

    Args:
        title: Its heading, as plain text.
        lead: A sentence or two below it, as plain text.
        sections: Its parts, in order.

    Example:
        >>> from graftwork.report import Section, render_html
        >>> page = render_html(title="A < B", lead="Why.", sections=[Section("First", "<p>It is.</p>")])
        >>> "<h1>A &lt; B</h1>" in page and "<p>It is.</p>" in page
        True
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("graftwork.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.j2").render(title=title, lead=lead, sections=sections)


def write_html(path: Path, *, title: str, lead: str, sections: Sequence[Section]) -> None:
    """Write a report, whole or not at all.

    Args:
        path: The file; what it held is replaced.
        title: Its heading, as plain text.
        lead: A sentence or two below it, as plain text.
        sections: Its parts, in order.

    Raises:
        InputError: It cannot be written there.
    """
    page = render_html(title=title, lead=lead, sections=sections)
    try:
        _replace(path, page.encode())
    except OSError as problem:
        reason = problem.strerror or problem
        raise InputError(
            f"cannot write the report to '{path}': {reason}; name a file in a folder that can be written to"
        ) from problem


def _replace(path: Path, content: bytes) -> None:
    """By a temporary file in the same folder, so that a reader never sees half a report."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # Temporary files are for their owner alone; a report is an ordinary file.
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
