"""Which numbers of the world take texts."""

import pytest

from hongyan.numbers.foreign import takes_texts


@pytest.mark.parametrize("digits", ["447911123456", "85251234567", "33612345678", "12025550123", "819012345678"])
def test_mobile_numbers_take_texts(digits: str) -> None:
    assert takes_texts(digits)


@pytest.mark.parametrize("digits", ["33112345678", "442071838750", "18001234567", "4479", "999123456789", "0"])
def test_landlines_toll_free_and_impossible_numbers_do_not(digits: str) -> None:
    assert not takes_texts(digits)
