"""Replies cut into parts."""

import pytest

from hongyan.simulator.reading import Coding, decode
from hongyan.simulator.reply import TextTooLong, coding_for, cut


@pytest.mark.parametrize(
    "text, coding, sizes",
    [
        ("退订", Coding.UCS2, [4]),
        ("鸿" * 70, Coding.UCS2, [140]),
        ("鸿" * 71, Coding.UCS2, [134, 8]),
        ("x" * 160, Coding.ASCII, [160]),
        ("x" * 161, Coding.ASCII, [153, 8]),
        ("鸿" * 70, Coding.GBK, [140]),
        ("鸿" * 71, Coding.GBK, [134, 8]),
        ("x" + "鸿" * 70, Coding.GBK, [133, 8]),
        ("€" * 81, Coding.GSM7, [152, 10]),
    ],
)
def test_parts_hold_what_fits_beside_their_header(text: str, coding: Coding, sizes: list[int]) -> None:
    parts = cut(text, coding, reference=7)

    assert [len(content) for _, _, content in parts] == sizes
    assert decode(b"".join(content for _, _, content in parts), coding) == text


def test_parts_count_themselves() -> None:
    (first, header, _), (second, other_header, _) = cut("鸿" * 100, Coding.UCS2, reference=0x1FF)

    assert (header, other_header) == (bytes.fromhex("050003ff0201"), bytes.fromhex("050003ff0202"))
    assert first is not None
    assert second is not None
    assert [(part.reference, part.total, part.number) for part in (first, second)] == [(255, 2, 1), (255, 2, 2)]


def test_a_pair_of_surrogates_stays_together() -> None:
    parts = cut("鸿" * 66 + "📚" + "鸿" * 10, Coding.UCS2, reference=1)

    assert [len(content) for _, _, content in parts] == [132, 24]


def test_where_a_message_holds_less_so_do_its_parts() -> None:
    parts = cut("x" * 141, Coding.ASCII, reference=1, septets_max=140)

    assert [len(content) for _, _, content in parts] == [134, 7]


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="ASCII cannot"):
        cut("鸿", Coding.ASCII, reference=1)
    with pytest.raises(TextTooLong, match="256 parts"):
        cut("鸿" * (67 * 255 + 1), Coding.UCS2, reference=1)


def test_the_plainest_coding_is_taken() -> None:
    assert (coding_for("TD"), coding_for("退订")) == (Coding.ASCII, Coding.UCS2)
