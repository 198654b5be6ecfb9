"""The table is whole: each cell is proven by a test or declared with a reason, and never both."""

import pytest

from tests.docs.markdown import read
from tests.docs.protocols import CONFORMANCE_BEGIN, CONFORMANCE_END, PAGE

from .behaviours import BEHAVIOURS, Cell, cells
from .declared import DECLARED
from .proofs import PROVEN
from .table import load, markdown, unproven


def test_every_cell_is_proven_or_declared() -> None:
    load()
    assert unproven() == []


def test_nothing_is_proven_that_is_not_in_the_table_and_nothing_twice_over() -> None:
    load()
    known = set(cells())
    assert set(PROVEN) | set(DECLARED) <= known
    assert set(PROVEN) & set(DECLARED) == set()


def test_rows_are_told_apart() -> None:
    assert len({row.id for row in BEHAVIOURS}) == len({row.chinese for row in BEHAVIOURS}) == len(BEHAVIOURS)


@pytest.mark.parametrize("cell", DECLARED, ids=lambda cell: "-".join((*cell[:2], cell[2].value)))
def test_what_cannot_be_is_said_aloud(cell: Cell) -> None:
    pytest.skip(f"{cell[0]}: {DECLARED[cell]}")


def test_the_printed_table_is_up_to_date() -> None:
    load()
    _, _, rest = read(PAGE).partition(CONFORMANCE_BEGIN)
    printed, _, _ = rest.partition(CONFORMANCE_END)
    assert printed.strip() == markdown().strip(), "print it anew: python -m tests.conformance.carriers"
