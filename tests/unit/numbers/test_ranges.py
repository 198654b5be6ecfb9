"""The table of number ranges."""

import pytest

from hongyan.numbers.model import Carrier
from hongyan.numbers.ranges import load_ranges, parse_ranges


def test_the_table_holds_what_the_ministry_allocated() -> None:
    ranges = load_ranges()

    def prefixes(carrier: Carrier, *, reseller: bool) -> int:
        return sum(issuer == (carrier, reseller) for issuer in ranges.issuers.values())

    assert prefixes(Carrier.MOBILE, reseller=False) == 9 + 23 * 10
    assert prefixes(Carrier.UNICOM, reseller=False) == 13 * 10
    assert prefixes(Carrier.TELECOM, reseller=False) == 12 * 10
    assert prefixes(Carrier.BROADNET, reseller=False) == 10
    assert prefixes(Carrier.MOBILE, reseller=True) == 13
    assert prefixes(Carrier.UNICOM, reseller=True) == 24
    assert prefixes(Carrier.TELECOM, reseller=True) == 13
    assert ranges.satellite == {"1349", "1619", "1740", "1741", "1749"}


def test_a_range_is_every_prefix_from_its_first_to_its_last() -> None:
    ranges = parse_ranges("1700-1702 telecom reseller  # a note\n\n133 telecom\n1349 satellite # H1")

    assert ranges.issuers["1701"] == (Carrier.TELECOM, True)
    assert ranges.issuers["1339"] == (Carrier.TELECOM, False)
    assert len(ranges.issuers) == 13
    assert ranges.satellite == {"1349"}


@pytest.mark.parametrize(
    "line", ["133", "133 nobody", "13 telecom", "13333 telecom", "139-135 mobile", "1340-135 mobile", "x mobile"]
)
def test_a_line_that_makes_no_sense_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2: "):
        parse_ranges(f"192 broadnet\n{line}")


@pytest.mark.parametrize("line", ["1349 satellite", "1348 mobile", "130-139 unicom"])
def test_a_range_that_overlaps_one_above_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 3: .* stands in a line above too"):
        parse_ranges(f"1349 satellite\n1348 mobile\n{line}")
