"""The page as a whole: well-formed, self-contained, escaped, the same for the same data, written whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.report._page import Page
from tests.report.samples import HOSTILE, everything

from graftwork.errors import InputError
from graftwork.report import Section, render_html, write_html


@pytest.fixture(scope="module")
def text() -> str:
    return render_html(title="Report", lead="What came.", sections=everything())


def test_every_tag_is_closed(text: str) -> None:
    page = Page(text)
    assert page.mismatched == []
    assert page.open == []


def test_nothing_is_loaded_from_outside(text: str) -> None:
    page = Page(text)
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert not {"script", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    for style in page.styles:
        assert "@import" not in style
        assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", style))


def test_ids_are_unique_and_what_is_referred_to_is_there(text: str) -> None:
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    referred = {link[1:] for link in page.links if link.startswith("#")}
    referred |= set(re.findall(r"url\(#([^)]+)\)", text))
    assert referred <= set(page.ids)


def test_every_picture_says_what_it_shows(text: str) -> None:
    assert all("aria-label=" in tag for tag in re.findall(r"<svg[^>]*>", text))
    assert all('alt="' in tag for tag in re.findall(r"<img[^>]*>", text))


def test_every_table_has_headers(text: str) -> None:
    for table in re.findall(r"<table>.*?</table>", text, re.DOTALL):
        assert '<th scope="col"' in table
        assert '<th scope="row"' in table
        assert "<caption>" in table


def test_equal_data_gives_equal_bytes(text: str) -> None:
    assert render_html(title="Report", lead="What came.", sections=everything()) == text


def test_text_is_escaped() -> None:
    text = render_html(title=HOSTILE, lead=HOSTILE, sections=[Section(HOSTILE, "<p>x</p>", HOSTILE)])
    page = Page(text)
    assert "script" not in page.tags
    # The tab, the heading and its lead, the section and its lead.
    assert page.text.count(HOSTILE) == 5


def test_the_file_replaces_what_was_there_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")
    write_html(path, title="Report", lead="", sections=[])
    assert path.read_text(encoding="utf-8") == render_html(title="Report", lead="", sections=[])
    assert list(tmp_path.iterdir()) == [path]


def test_where_it_cannot_be_written_the_message_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no-such-folder.*No such file"):
        write_html(tmp_path / "no-such-folder" / "report.html", title="", lead="", sections=[])


def test_a_failed_write_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.mkdir()
    with pytest.raises(InputError, match="cannot write the report"):
        write_html(path, title="", lead="", sections=[])
    assert list(tmp_path.iterdir()) == [path]
