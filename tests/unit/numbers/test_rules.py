"""From what clients write to numbers and carriers."""

import pytest

from hongyan.numbers.model import Carrier, Number
from hongyan.numbers.rules import NumberProblem, parse

CARRIERS = [
    ("13400000000", Carrier.MOBILE, False),
    ("13489999999", Carrier.MOBILE, False),
    ("13800138000", Carrier.MOBILE, False),
    ("14700000000", Carrier.MOBILE, False),
    ("14800000000", Carrier.MOBILE, False),
    ("15000000000", Carrier.MOBILE, False),
    ("17200000000", Carrier.MOBILE, False),
    ("19500000000", Carrier.MOBILE, False),
    ("16500000000", Carrier.MOBILE, True),
    ("17030000000", Carrier.MOBILE, True),
    ("17050000000", Carrier.MOBILE, True),
    ("17060000000", Carrier.MOBILE, True),
    ("13000000000", Carrier.UNICOM, False),
    ("14600000000", Carrier.UNICOM, False),
    ("16600000000", Carrier.UNICOM, False),
    ("19600000000", Carrier.UNICOM, False),
    ("16700000000", Carrier.UNICOM, True),
    ("17040000000", Carrier.UNICOM, True),
    ("17090000000", Carrier.UNICOM, True),
    ("17100000000", Carrier.UNICOM, True),
    ("13300000000", Carrier.TELECOM, False),
    ("14900000000", Carrier.TELECOM, False),
    ("19900000000", Carrier.TELECOM, False),
    ("16200000000", Carrier.TELECOM, True),
    ("17000000000", Carrier.TELECOM, True),
    ("17020000000", Carrier.TELECOM, True),
    ("19200000000", Carrier.BROADNET, False),
]

REFUSED = [
    ("1440012345678", NumberProblem.IOT_NUMBER),
    ("1064812345678", NumberProblem.IOT_NUMBER),
    ("+861410012345678", NumberProblem.IOT_NUMBER),
    ("861490012345678", NumberProblem.IOT_NUMBER),
    ("13491234567", NumberProblem.SATELLITE_NUMBER),
    ("16191234567", NumberProblem.SATELLITE_NUMBER),
    ("17400000000", NumberProblem.SATELLITE_NUMBER),
    ("17410000000", NumberProblem.SATELLITE_NUMBER),
    ("+8617491234567", NumberProblem.SATELLITE_NUMBER),
    ("12345678901", NumberProblem.UNALLOCATED),
    ("14412345678", NumberProblem.UNALLOCATED),
    ("15412345678", NumberProblem.UNALLOCATED),
    ("16112345678", NumberProblem.UNALLOCATED),
    ("17421234567", NumberProblem.UNALLOCATED),
    ("17912345678", NumberProblem.UNALLOCATED),
    ("19412345678", NumberProblem.UNALLOCATED),
    ("14155550100", NumberProblem.UNALLOCATED),
    ("+442071838750", NumberProblem.FOREIGN),  # London's landlines
    ("00442071838750", NumberProblem.FOREIGN),
    ("+4479111234567", NumberProblem.FOREIGN),  # one digit too many
    ("+18001234567", NumberProblem.FOREIGN),  # toll-free
    ("+9991234567890", NumberProblem.FOREIGN),  # no country
    ("442071838750", NumberProblem.NOT_A_NUMBER),
    ("85251234567", NumberProblem.NOT_A_NUMBER),  # eleven digits: may be Zunyi's (0)852
    ("59177771234", NumberProblem.NOT_A_NUMBER),  # or Fuzhou's (0)591
    ("6591234567", NumberProblem.NOT_A_NUMBER),
    ("138001380012", NumberProblem.NOT_A_NUMBER),
    ("+44 7911 123456", NumberProblem.NOT_A_NUMBER),
    ("+44791112345６", NumberProblem.NOT_A_NUMBER),
    ("+00447911123456", NumberProblem.NOT_A_NUMBER),
    ("", NumberProblem.NOT_A_NUMBER),
    ("+", NumberProblem.NOT_A_NUMBER),
    ("00", NumberProblem.NOT_A_NUMBER),
    ("86", NumberProblem.NOT_A_NUMBER),
    ("10086", NumberProblem.NOT_A_NUMBER),
    ("1380013800", NumberProblem.NOT_A_NUMBER),
    ("138001380001", NumberProblem.NOT_A_NUMBER),
    ("1380013800012", NumberProblem.NOT_A_NUMBER),
    ("013800138000", NumberProblem.NOT_A_NUMBER),
    ("+8613800138", NumberProblem.NOT_A_NUMBER),
    ("008613800138000000", NumberProblem.NOT_A_NUMBER),
    ("+0113800138000", NumberProblem.NOT_A_NUMBER),
    ("+123456", NumberProblem.NOT_A_NUMBER),
    ("+1234567890123456", NumberProblem.NOT_A_NUMBER),
    ("02088886666", NumberProblem.NOT_A_NUMBER),
    ("+862088886666", NumberProblem.NOT_A_NUMBER),
    ("138-0013-8000", NumberProblem.NOT_A_NUMBER),
    ("138 0013 8000", NumberProblem.NOT_A_NUMBER),
    ("+86 13800138000", NumberProblem.NOT_A_NUMBER),
    ("++8613800138000", NumberProblem.NOT_A_NUMBER),
    ("1380013800a", NumberProblem.NOT_A_NUMBER),
    ("1380013800²", NumberProblem.NOT_A_NUMBER),
    ("1380013800\x00", NumberProblem.NOT_A_NUMBER),
    ("138001380.0", NumberProblem.NOT_A_NUMBER),
    ("-3800138000", NumberProblem.NOT_A_NUMBER),
    ("手机号", NumberProblem.NOT_A_NUMBER),
]


@pytest.mark.parametrize("written, carrier, reseller", CARRIERS)
def test_a_number_is_on_the_network_that_issued_its_range(written: str, carrier: Carrier, *, reseller: bool) -> None:
    assert parse(written) == Number(int("86" + written), carrier, reseller)


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "+8613800138000",
        "008613800138000",
        "8613800138000",
        "  13800138000 ",
        "\t+8613800138000\r\n",
        "\u300013800138000",
    ],
)
def test_a_number_may_carry_its_country_and_blanks_around_it(written: str) -> None:
    assert parse(written) == Number(8613800138000, Carrier.MOBILE, reseller=False)


@pytest.mark.parametrize(
    "written, recipient",
    [
        ("+447911123456", 447911123456),
        ("00447911123456", 447911123456),
        ("447911123456", 447911123456),
        (" +447911123456\n", 447911123456),
        ("+85251234567", 85251234567),
        ("0085251234567", 85251234567),
        ("+85362345678", 85362345678),
        ("+886912345678", 886912345678),
        ("+14155550100", 14155550100),  # America does not tell mobile numbers from landlines
        ("+6591234567", 6591234567),
        ("+59177771234", 59177771234),
        ("8801712345678", 8801712345678),
    ],
)
def test_a_mobile_number_abroad_is_for_the_international_carrier(written: str, recipient: int) -> None:
    assert parse(written) == Number(recipient, Carrier.INTERNATIONAL, reseller=False)


@pytest.mark.parametrize("written, problem", REFUSED)
def test_what_no_text_can_be_sent_to_is_refused_by_its_kind(written: str, problem: NumberProblem) -> None:
    assert parse(written) is problem


@pytest.mark.parametrize("written", ["１３８００１３８０００", "١٣٨٠٠١٣٨٠٠٠", "1380013800０"])
def test_digits_of_other_scripts_are_refused_rather_than_repaired(written: str) -> None:
    assert parse(written) is NumberProblem.NOT_A_NUMBER
