"""Our side as SP: every kind of text, as a carrier reads it."""

from typing import Any

import pytest

from .behaviours import Role
from .peers.carrier import hand_made_carrier
from .peers.ours import our_side
from .proofs import proves
from .speech import ANNA, SOURCE, SPEECHES, Speech, Text

CODECS = {"ascii": "ascii", "ucs2": "utf-16-be", "gbk": "gb18030"}
LONG = "【鸿雁】您好，" + "一二三四五六七八九十" * 20
"""207 characters, all within the BMP."""
EMOJI = "😀" * 50
"""100 code units; parts of 67 would cut the 34th in two."""


async def arrived(speech: Speech, content: str, parts: int, **settings: Any) -> list[Text]:
    """Send a text and return what the carrier got; every part was taken."""
    async with hand_made_carrier(speech) as carrier, our_side(speech, carrier.port, **settings) as ours:
        ours.send(content)
        await ours.has("verdict", parts)

        assert {verdict.disposition.value for verdict in ours.verdicts} == {"taken"}
        assert len(carrier.texts) == parts
        assert {(text.number, text.source) for text in carrier.texts} == {(ANNA, SOURCE)}
        return carrier.texts


def assert_numbered(texts: list[Text]) -> None:
    """Look at the headers: one reference of eight bits, counted from 1."""
    references = {text.header[3] for text in texts}
    assert len(references) == 1
    expected = [bytes((5, 0, 3, *references, len(texts), number)) for number in range(1, len(texts) + 1)]
    assert [text.header for text in texts] == expected


@proves("submit-short", role=Role.CLIENT)
async def test_a_short_text_goes_in_one_submit(speech: Speech) -> None:
    (text,) = await arrived(speech, "Your code is 482913", 1)

    assert text.content == b"Your code is 482913"
    assert text.header == b""
    assert text.coding in {"ascii", "gsm7"}


@proves("submit-long", role=Role.CLIENT)
async def test_a_long_text_goes_in_numbered_parts_that_make_it_up(speech: Speech) -> None:
    texts = await arrived(speech, LONG, 4)

    assert_numbered(texts)
    assert b"".join(text.content for text in texts).decode("utf-16-be") == LONG
    assert max(len(text.header + text.content) for text in texts) == 140


@proves("submit-long", role=Role.CLIENT)
async def test_a_long_narrow_text_goes_in_numbered_parts_that_make_it_up(speech: Speech) -> None:
    content = "0123456789" * 17
    texts = await arrived(speech, content, 2)

    assert_numbered(texts)
    assert b"".join(text.content for text in texts).decode() == content


@proves("submit-gbk", role=Role.CLIENT)
async def test_gbk_is_not_cut_within_a_character(speech: Speech) -> None:
    content = "a" + "鸿雁传书" * 25
    texts = await arrived(speech, content, 2, text_coding="gbk")

    assert {text.coding for text in texts} == {"gbk"}
    assert "".join(text.content.decode("gbk") for text in texts) == content
    (short,) = await arrived(speech, "鸿雁" * 35, 1, text_coding="gbk")
    assert short.content == ("鸿雁" * 35).encode("gbk")


@proves("submit-ucs2", role=Role.CLIENT)
async def test_seventy_characters_fit_in_one_submit_of_ucs2(speech: Speech) -> None:
    (text,) = await arrived(speech, "雁" * 70, 1)
    assert (text.coding, text.content) == ("ucs2", b"\x96\xc1" * 70)

    parts = await arrived(speech, "雁" * 71, 2)
    assert [len(part.content) // 2 for part in parts] == [67, 4]


@proves("submit-gsm7", role=Role.CLIENT)
async def test_the_air_interfaces_own_alphabet_goes_a_septet_in_each_octet(speech: Speech) -> None:
    (text,) = await arrived(speech, "@£€[A]", 1)

    assert (text.coding, text.content) == ("gsm7", bytes.fromhex("00 01 1b65 1b3c 41 1b3e"))


@proves("submit-emoji", role=Role.CLIENT)
async def test_a_surrogate_pair_is_never_cut_in_two(speech: Speech) -> None:
    texts = await arrived(speech, EMOJI, 2)

    assert {text.coding for text in texts} == {"ucs2"}
    assert "".join(text.content.decode("utf-16-be") for text in texts) == EMOJI
    assert [len(text.content) for text in texts] == [132, 68]


@proves("submit-long", role=Role.CLIENT)
async def test_a_reference_of_sixteen_bits_goes_in_a_header_of_its_own(speech: Speech) -> None:
    texts = await arrived(speech, LONG, 4, long_text="udh16")

    (reference,) = {text.header[3:5] for text in texts}
    assert [text.header for text in texts] == [bytes((6, 8, 4, *reference, 4, number)) for number in (1, 2, 3, 4)]
    assert b"".join(text.content for text in texts).decode("utf-16-be") == LONG


@pytest.mark.parametrize("method, parts", [("sar", 4), ("payload", 1)])
async def test_smpp_has_two_more_ways_for_a_long_text(method: str, parts: int) -> None:
    texts = await arrived(SPEECHES["smpp34"], LONG, parts, long_text=method)

    assert {text.header for text in texts} == {b""}
    assert b"".join(text.content for text in texts).decode("utf-16-be") == LONG
