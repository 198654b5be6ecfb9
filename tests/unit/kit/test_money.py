"""Money as people write it."""

import pytest

from hongyan.kit.money import AMOUNT_MAX, InvalidAmount, format_yuan, parse_yuan


@pytest.mark.parametrize(
    "written, amount",
    [
        ("100", 100_000),
        ("0.045", 45),
        ("0.04", 40),
        ("1.5", 1_500),
        ("-153278.040", -153_278_040),
        ("+2", 2_000),
        ("0", 0),
        (" 7 ", 7_000),
        ("1000000000", AMOUNT_MAX),
    ],
)
def test_yuan_become_li(written: str, amount: int) -> None:
    assert parse_yuan(written) == amount


@pytest.mark.parametrize(
    "written", ["", "-", ".5", "5.", "0.0451", "1,000", "1e3", "1_000", "１", "¥1", "nan", "1000000000.001", "9" * 11]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_yuan(written)


@pytest.mark.parametrize(
    "amount, written",
    [(100_000, "100.000"), (45, "0.045"), (-45, "-0.045"), (0, "0.000"), (-153_278_040, "-153278.040")],
)
def test_li_are_shown_as_yuan(amount: int, written: str) -> None:
    assert format_yuan(amount) == written
