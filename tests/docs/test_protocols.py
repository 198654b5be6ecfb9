"""The page of the carrier protocols leaves no PDU and no quirk out."""

import pytest

from .protocols import (
    CHAPTERS,
    CONFORMANCE_BEGIN,
    CONFORMANCE_END,
    Chapter,
    docs_of_members,
    protocols_page,
    requests_of,
)

EVERY = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.family)


@EVERY
def test_every_request_has_its_row_and_no_other(chapter: Chapter) -> None:
    assert set(chapter.parts) == set(requests_of(chapter.dialect))


@EVERY
def test_every_quirk_says_what_the_peer_does(chapter: Chapter) -> None:
    docs = docs_of_members(chapter.quirks)

    assert set(docs) == {quirk.name for quirk in chapter.quirks}
    assert all(doc.endswith(".") for doc in docs.values())


@EVERY
def test_every_row_names_its_section(chapter: Chapter) -> None:
    page = protocols_page()

    for name in chapter.parts:
        assert any(f"`{name}`" in line and line.startswith("| §") for line in page.splitlines())


def test_there_is_one_place_for_the_conformance_table() -> None:
    page = protocols_page()

    assert page.count(CONFORMANCE_BEGIN) == page.count(CONFORMANCE_END) == 1
    assert page.index(CONFORMANCE_BEGIN) < page.index(CONFORMANCE_END)
