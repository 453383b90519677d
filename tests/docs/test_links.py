"""Pages lead to what exists: relative links, headings, and paths in code style."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for path in [
        *ROOT.glob("*.md"),
        *(p for folder in ("docs", "benchmarks") for p in (ROOT / folder).rglob("*.md")),
    ]
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:src|tests|docs|examples|benchmarks)/[\w/.-]+)`")
_BLOCK = re.compile(r"```.*?```", re.DOTALL)


def text_of(page: Path) -> str:
    return _BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))


def headings(page: Path) -> set[str]:
    """Anchors as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(page: Path) -> list[str]:
    found = []
    for target in _LINK.findall(text_of(page)):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        if not path.exists() or (anchor and anchor not in headings(path.resolve().relative_to(ROOT))):
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_relative_links_resolve(page: Path) -> None:
    assert broken(page) == []


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.parts[0] == "docs" and "decisions" not in p.parts], ids=str
)
def test_paths_that_are_named_exist(page: Path) -> None:
    assert [path for path in _PATH.findall(text_of(page)) if not (ROOT / path).exists()] == []


def test_every_page_and_example_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        if page.suffix == ".md":
            targets = (target.partition("#")[0] for target in _LINK.findall(page.read_text(encoding="utf-8")))
            linked = [(page.parent / target).resolve() for target in targets if target and ":" not in target]
            waiting += [path for path in linked if path.is_file()]
    pages = set((ROOT / "docs").glob("*.md")) | set((ROOT / "examples").glob("*.py"))
    assert pages - seen == set()
    assert len(pages) >= 8
