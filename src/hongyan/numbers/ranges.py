"""Reads the table of number ranges, `segments.txt`, into what the rules look up: four digits to their issuer."""

from importlib import resources

import msgspec

from .model import Carrier

PREFIX_DIGITS = 4

_CARRIERS = {carrier.name.lower(): carrier for carrier in Carrier}


class Ranges(msgspec.Struct, frozen=True):
    """Every allocated range, by the first four digits of a number."""

    issuers: dict[str, tuple[Carrier, bool]]
    """The carrier, and whether a reseller holds the range."""
    satellite: frozenset[str]


def load_ranges() -> Ranges:
    """Read the table that comes with the package."""
    return parse_ranges(resources.files(__package__).joinpath("segments.txt").read_text(encoding="utf-8"))


def parse_ranges(table: str) -> Ranges:
    """Read a table of ranges; ValueError names the line that is wrong."""
    issuers: dict[str, tuple[Carrier, bool]] = {}
    satellite: set[str] = set()
    for line_number, line in enumerate(table.splitlines(), 1):
        columns = line.partition("#")[0].split()
        if not columns:
            continue
        try:
            prefixes = _prefixes(columns[0])
            issuer = None if columns[1] == "satellite" else (_CARRIERS[columns[1]], columns[2:3] == ["reseller"])
        except (ValueError, LookupError):
            raise ValueError(f"line {line_number}: expected a range and who holds it, found {line!r}") from None
        for prefix in prefixes:
            if prefix in issuers or prefix in satellite:
                raise ValueError(f"line {line_number}: {prefix} stands in a line above too")
            if issuer:
                issuers[prefix] = issuer
            else:
                satellite.add(prefix)
    return Ranges(issuers, frozenset(satellite))


def _prefixes(written: str) -> list[str]:
    """Return the four-digit prefixes of `135-139`, `1703` and the like; ValueError for anything else."""
    first, _, last = written.partition("-")
    last = last or first
    if len(first) != len(last) or len(first) not in (PREFIX_DIGITS - 1, PREFIX_DIGITS) or int(first) > int(last):
        raise ValueError(written)
    width = 10 ** (PREFIX_DIGITS - len(first))
    return [str(prefix) for prefix in range(int(first) * width, (int(last) + 1) * width)]
