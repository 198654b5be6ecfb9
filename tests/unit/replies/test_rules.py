"""Which arrival is a repetition, and whose a number is."""

import pytest

from hongyan.replies.rules import (
    SAME_ID_WITHIN,
    SAME_TEXT_WITHIN,
    Claim,
    fingerprint_of,
    owner_of,
    repeated_within,
)
from hongyan.text.headers import Concatenation

from .parts import a_part

CLAIMS = (Claim("1069000012", 1), Claim("106900001234", 2), Claim("1069000099", 3), Claim("1069000099", 4))


def test_what_is_sent_again_has_the_same_fingerprint_whenever_it_comes() -> None:
    assert fingerprint_of(a_part()) == fingerprint_of(a_part(seconds=3600))


@pytest.mark.parametrize(
    "other",
    [
        a_part("不好"),
        a_part(from_number=8613800138001),
        a_part(to_number="1069000013"),
        a_part(carrier_message_id="77"),
        a_part(concatenation=Concatenation(1, 2, 1)),
    ],
)
def test_another_message_has_another_fingerprint(other: object) -> None:
    assert fingerprint_of(other) != fingerprint_of(a_part())  # type: ignore[arg-type]


def test_an_id_is_trusted_for_days_and_a_text_alone_for_minutes() -> None:
    assert repeated_within(a_part(carrier_message_id="77")) == SAME_ID_WITHIN
    for none in (None, "", "0", "0" * 20):
        assert repeated_within(a_part(carrier_message_id=none)) == SAME_TEXT_WITHIN


@pytest.mark.parametrize(
    "dialled, account_id",
    [
        ("1069000012", 1),
        ("10690000121", 1),
        ("106900001234", 2),
        ("1069000012345", 2),
        ("1069000099", None),
        ("10690000", None),
        ("", None),
    ],
)
def test_the_longest_beginning_of_a_number_says_whose_it_is(dialled: str, account_id: int | None) -> None:
    assert owner_of(dialled, CLAIMS) == account_id


def test_a_claim_to_everything_is_none() -> None:
    assert owner_of("10690000", [Claim("", 1)]) is None
