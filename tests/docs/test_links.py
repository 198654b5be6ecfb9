"""What a page links to is there."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from .markdown import ROOT, anchors, links, pages

PICTURE_OCTETS_MAX = 120_000


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_leads_to_a_file_and_a_heading_of_it(page: Path) -> None:
    broken = [link for link in links(page) if not link.startswith(("http:", "https:")) and not leads(page, link)]
    assert broken == []


def test_every_page_can_be_reached_from_the_first() -> None:
    reached: set[Path] = set()
    waiting = [Path("README.md")]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [target(page, link) for link in links(page) if not link.startswith(("http:", "https:", "#"))]
    assert [page for page in pages() if page not in reached and page.parts[0] != "changes"] == []


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs").rglob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > PICTURE_OCTETS_MAX] == []


def leads(page: Path, link: str) -> bool:
    """Tell whether a link leads somewhere."""
    there = target(page, link)
    _, _, anchor = link.partition("#")
    return (ROOT / there).exists() and (not anchor or unquote(anchor) in anchors(there))


def target(page: Path, link: str) -> Path:
    """Return the file that a link names, from the root."""
    path = link.partition("#")[0]
    return (ROOT / page.parent / path).resolve().relative_to(ROOT) if path else page
