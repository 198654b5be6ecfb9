"""Run the suite, print the table with what was seen, and write it into the documentation if all is proven."""

import sys
from pathlib import Path
from typing import Final

import pytest

from tests.docs.markdown import ROOT
from tests.docs.protocols import CONFORMANCE_BEGIN, CONFORMANCE_END, PAGE

from .behaviours import Cell
from .proofs import PROVEN
from .table import load, markdown, unproven

_OPTIONS: Final = ("-q", "-p", "no:cacheprovider", "-k", "not test_the_printed_table_is_up_to_date")
"""That one looks at the page that is to be written."""


class Book:
    """Notes which tests failed."""

    def __init__(self) -> None:
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure by the test's name and parameters."""
        if report.failed:
            self.failed.add(report.nodeid)

    def cells(self) -> set[Cell]:
        """Return the cells whose proof failed."""
        return {
            cell
            for cell, tests in PROVEN.items()
            for nodeid in self.failed
            if any(f"::{test.rpartition('.')[2]}[" in nodeid for test in tests)
            and cell[1] in nodeid
            and (f"-{cell[2].value}]" in nodeid or not nodeid.endswith(("-server]", "-simulator]")))
        }


def main() -> int:
    """Return the exit code: 0 when every cell is proven or declared."""
    book = Book()
    status = pytest.main([*_OPTIONS, str(Path(__file__).parent)], plugins=[book])
    load()
    sys.stdout.write(markdown(book.cells()))
    for behaviour, protocol, role in unproven():
        sys.stderr.write(f"not proven and not declared: {behaviour} {protocol} {role.value}\n")
    if status or unproven():
        return 1
    write()
    return 0


def write() -> None:
    """Put the table into the page of the protocols, between its markers."""
    page = ROOT / PAGE
    before, begin, rest = page.read_text(encoding="utf-8").partition(CONFORMANCE_BEGIN)
    _, end, after = rest.partition(CONFORMANCE_END)
    assert begin, f"{PAGE} has no place for the table"
    assert end, f"{PAGE} does not say where the table ends"
    page.write_text(f"{before}{begin}\n{markdown()}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
