"""How many segments texts take, and what goes into each."""

import pytest

from hongyan.text.alphabets import Alphabet
from hongyan.text.segments import CMPP, SGIP, SMGP, SMPP, Capacity, Limits, SegmentPlan, count, encode_parts, plan

COUNTED = [
    (CMPP, "", 1),
    (CMPP, "a" * 159, 1),
    (CMPP, "a" * 160, 2),
    (CMPP, "a" * 306, 2),
    (CMPP, "a" * 307, 3),
    (CMPP, "码" * 70, 1),
    (CMPP, "码" * 71, 2),
    (CMPP, "码" * 134, 2),
    (CMPP, "码" * 135, 3),
    (CMPP, "a" * 69 + "码", 1),
    (CMPP, "a" * 70 + "码", 2),
    (CMPP, "é" * 71, 2),
    (CMPP, "😀" * 35, 1),
    (CMPP, "😀" * 35 + "a", 2),
    (CMPP, "a" + "😀" * 66, 2),
    (CMPP, "😀" * 67, 3),
    (SGIP, "a" * 160, 1),
    (SMGP, "a" * 140, 1),
    (SMGP, "a" * 141, 2),
    (SMPP, "a" * 160, 1),
    (SMPP, "é" * 160, 1),
    (SMPP, "a" * 161, 2),
    (SMPP, "€" * 80, 1),
    (SMPP, "€" * 81, 2),
    (SMPP, "€" * 152, 2),
    (SMPP, "€" * 153, 3),
    (SMPP, "`" * 71, 2),
]


@pytest.mark.parametrize("limits, text, segments", COUNTED)
def test_a_text_takes_as_many_segments_as_its_alphabet_needs(limits: Limits, text: str, segments: int) -> None:
    assert count(text, limits) == segments
    assert len(plan(text, limits).parts) == segments


def test_the_signature_counts() -> None:
    assert count("【企讯通】" + "码" * 65, CMPP) == 1
    assert count("【企讯通】" + "码" * 66, CMPP) == 2


def test_a_short_text_goes_alone_and_without_a_header() -> None:
    assert plan("验证码", CMPP) == SegmentPlan(Alphabet.UCS2, ("验证码",), 3)
    assert encode_parts(plan("ok", CMPP), 7) == [b"ok"]


def test_a_long_text_is_cut_where_the_limit_is() -> None:
    long = plan("码" * 67 + "短" * 4, CMPP)

    assert long == SegmentPlan(Alphabet.UCS2, ("码" * 67, "短" * 4), 71)
    assert encode_parts(long, 0x105) == [
        b"\x05\x00\x03\x05\x02\x01" + b"\x78\x01" * 67,
        b"\x05\x00\x03\x05\x02\x02" + b"\x77\xed" * 4,
    ]


def test_no_cut_goes_through_a_surrogate_pair() -> None:
    assert plan("a" * 66 + "😀" * 3, CMPP).parts == ("a" * 66, "😀" * 3)


def test_no_cut_goes_through_an_escaped_character() -> None:
    assert plan("a" * 152 + "€" * 5, SMPP).parts == ("a" * 152, "€" * 5)


def test_gbk_is_cut_between_characters() -> None:
    gbk = Limits((Capacity(Alphabet.GBK, 140, 134), Capacity(Alphabet.UCS2, 70, 67)))

    assert plan("a" + "码" * 70, gbk).parts == ("a" + "码" * 66, "码" * 4)
    assert plan("😀", gbk).alphabet is Alphabet.UCS2


def test_more_parts_than_a_header_can_number_are_refused() -> None:
    with pytest.raises(ValueError, match="256 segments"):
        encode_parts(plan("码" * (255 * 67 + 1), CMPP), 0)


def test_limits_whose_last_alphabet_cannot_carry_the_text_are_a_mistake() -> None:
    ascii_only = Limits((Capacity(Alphabet.ASCII, 160, 153),))

    with pytest.raises(ValueError, match="last alphabet"):
        count("码", ascii_only)
    with pytest.raises(ValueError, match="last alphabet"):
        plan("码", ascii_only)
