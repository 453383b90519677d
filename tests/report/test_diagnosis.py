"""The page of a diagnosis: what was measured is shown, and said plainly where nothing was."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report._page import Page
from tests.report.samples import HOSTILE, fork, full_diagnosis

from graftwork.diagnosis import Diagnosis
from graftwork.report import (
    Section,
    conflicts_section,
    findings_section,
    need_section,
    parts_section,
    redundancy_section,
    write_diagnosis,
)

MINUS = "\N{MINUS SIGN}"
NOTHING = Diagnosis(())


def shown(section: Section) -> str:
    return Page(section.html).text


def test_every_output_has_a_drawing_shaded_by_need() -> None:
    section = need_section(fork(), full_diagnosis())
    assert section.html.count("<svg") == 2
    digit, size = section.html.split("<svg")[1:]
    assert "value 0.81" in digit
    assert "value 0.34" in digit or "value 0.35" in digit
    assert "value 0.65" in size
    assert "value 0.81" not in size


def test_the_heat_map_stands_in_the_order_of_the_architecture() -> None:
    backwards = Diagnosis(tuple(reversed(full_diagnosis().findings)))
    told = shown(need_section(fork(), backwards))
    assert told.index("n0") < told.index("n1") < told.index("n2")
    assert told.index("digit") < told.index("size")
    for figure in ("0.812", "± 0.002", "0.345", "no path"):
        assert figure in told


def test_further_metrics_of_need_are_shown_when_asked_for() -> None:
    html = need_section(fork(), full_diagnosis()).html
    folded = html[html.index("<details>") :]
    assert "0.406" in folded
    assert "0.406" not in html[: html.index("<details>")]


def test_redundant_pairs_are_told_with_what_either_costs() -> None:
    section = redundancy_section(full_diagnosis())
    assert "Of 3 pairs, 1 has" in section.lead
    before = Page(section.html[: section.html.index("<details>")]).text
    for figure in ("n1 and n2", "0.97 ± 0.01", "0.174", "0.002"):
        assert figure in before
    assert "0.420" in shown(section)


def test_conflicts_are_told_with_their_errors() -> None:
    section = conflicts_section(full_diagnosis())
    assert "In 1 of 1 places" in section.lead
    assert f"{MINUS}0.610" in shown(section)
    assert 'class="heat negative"' in section.html


def test_parts_are_told_by_themselves_with_how_figures_are_read() -> None:
    told = shown(parts_section(full_diagnosis()))
    for figure in ("0.625", "1.100 ± 0.100", "0.234 ± 0.020", "share of its units that never vary"):
        assert figure in told
    assert "(model)" not in told


def test_sentences_are_a_list() -> None:
    section = findings_section(full_diagnosis())
    assert section.html.count("<li>") >= 6
    assert "n2 holds what n1 holds, CKA 0.97" in shown(section)


@pytest.mark.parametrize(
    "section",
    [
        findings_section(NOTHING),
        need_section(fork(), NOTHING),
        redundancy_section(NOTHING),
        conflicts_section(NOTHING),
        parts_section(NOTHING),
    ],
)
def test_where_nothing_was_measured_that_is_said(section: Section) -> None:
    assert shown(section).strip()


def test_names_are_escaped() -> None:
    hostile = full_diagnosis(HOSTILE, HOSTILE + "2", HOSTILE + "3")
    sections = (
        findings_section(hostile),
        need_section(fork(), hostile),
        redundancy_section(hostile),
        conflicts_section(hostile),
        parts_section(hostile),
    )
    for section in sections:
        page = Page(section.html)
        assert "script" not in page.tags
        assert page.mismatched == []
        assert page.open == []


def test_the_page_holds_all_of_it_and_loads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "diagnosis.html"
    write_diagnosis(path, fork(), full_diagnosis(), {"problem": "digits"})
    page = Page(path.read_text(encoding="utf-8"))
    assert page.mismatched == []
    assert page.open == []
    assert all(link.startswith(("#", "data:")) for link in page.links)
    for title in ("What was found", "Which part each output needs", "Which networks hold the same"):
        assert title in page.text
