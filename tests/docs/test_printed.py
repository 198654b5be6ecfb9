"""The pages that are printed from the program say what the program says now."""

from collections import Counter

import pytest

from .markdown import read
from .printed import PAGES, errors


@pytest.mark.parametrize("page", PAGES)
def test_a_printed_page_is_up_to_date(page: str) -> None:
    assert read(page) == PAGES[page](), "print it anew: python -m tests.docs"


def test_every_error_has_a_code_of_its_own_and_a_text() -> None:
    codes = Counter(error.code for error in errors())
    assert len(codes) > 50
    assert [code for code, times in codes.items() if times > 1 or code.count(".") != 1] == []
    assert [error.code for error in errors() if not (error.__doc__ or "").strip()] == []
