"""The project's pages, their blocks of code and their links."""

import re
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


class Block(msgspec.Struct, frozen=True):
    """A fenced block."""

    language: str
    text: str


def pages() -> list[Path]:
    """Return every page of the project, from its root."""
    folders = ("", "docs", "examples", "changes")
    found = {path for folder in folders for path in (ROOT / folder).glob("*.md" if not folder else "**/*.md")}
    return sorted(path.relative_to(ROOT) for path in found)


def read(page: Path | str) -> str:
    """Return the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: Path | str, language: str = "") -> list[Block]:
    """Return the fenced blocks of a page, all or those of a language."""
    found = [Block(*match.groups()) for match in _FENCE.finditer(read(page))]
    return [block for block in found if language in ("", block.language)]


def links(page: Path | str) -> list[str]:
    """Return what a page links to; what stands in blocks is no link."""
    return _LINK.findall(_FENCE.sub("", read(page)))


def anchors(page: Path | str) -> set[str]:
    """Return the names of a page's headings, as hosting pages make them."""
    headings = _HEADING.findall(_FENCE.sub("", read(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def first_cells(page: Path | str, *, under: str) -> list[str]:
    """Return the first cell of each row of the tables that stand under a heading, without their marks of code."""
    _, _, rest = read(page).partition(f"\n## {under}\n")
    section = rest.partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [row.split(" | ")[0].removeprefix("| ").strip().strip("`") for row in rows if not row.startswith("| ---")]
