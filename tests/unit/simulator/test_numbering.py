"""Phone numbers in every spelling a submit or a reader may use."""

import pytest

from hongyan.simulator.numbering import e164_of, spoken


@pytest.mark.parametrize(
    "text, number",
    [
        ("13800138000", 8613800138000),
        ("8613800138000", 8613800138000),
        ("+8613800138000", 8613800138000),
        ("008613800138000", 8613800138000),
        ("19900001111", 8619900001111),
        ("+13055551234", 13055551234),
        ("13055551234", 8613055551234),
        ("447700900123", 447700900123),
        ("10655", 10655),
    ],
)
def test_every_usual_spelling_becomes_the_same_number(text: str, number: int) -> None:
    assert e164_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "abc",
        "138001380o0",
        "1234",
        "1" * 16,
        "0138",
        "０１３８００１３８０００",
        "1380013800①",
        "++8613800138000",
        "-1",
    ],
)
def test_what_is_no_number_is_told(text: str) -> None:
    assert e164_of(text) is None


def test_chinese_numbers_are_spoken_without_their_country() -> None:
    assert spoken(8613800138000) == "13800138000"
    assert spoken(447700900123) == "+447700900123"
    assert spoken(13055551234) == "+13055551234"
