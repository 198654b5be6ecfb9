"""What each alphabet can carry, at what cost, and its bytes."""

import pytest

from hongyan.text.alphabets import Alphabet, decode, encode, units

ENCODED = [
    (Alphabet.ASCII, "code 1234", b"code 1234"),
    (Alphabet.GSM7, "@£$ Aaà", b"\x00\x01\x02 Aa\x7f"),
    (Alphabet.GSM7, "[1]€", b"\x1b\x3c1\x1b\x3e\x1b\x65"),
    (Alphabet.UCS2, "鸿雁", b"\x9e\x3f\x96\xc1"),
    (Alphabet.UCS2, "😀", b"\xd8\x3d\xde\x00"),
    (Alphabet.GBK, "鸿雁a", b"\xba\xe8\xd1\xe3a"),
]

CARRIED = [
    (Alphabet.ASCII, "", 0),
    (Alphabet.ASCII, "plain", 5),
    (Alphabet.ASCII, "é", None),
    (Alphabet.GSM7, "é", 1),
    (Alphabet.GSM7, "a€b", 4),
    (Alphabet.GSM7, "`", None),
    (Alphabet.GSM7, "\x1b", None),
    (Alphabet.GSM7, "码", None),
    (Alphabet.UCS2, "验证码", 3),
    (Alphabet.UCS2, "a😀", 3),
    (Alphabet.GBK, "验证码1", 7),
    (Alphabet.GBK, "😀", None),
]


@pytest.mark.parametrize("alphabet, text, data", ENCODED)
def test_an_alphabet_encodes_and_decodes_its_own_characters(alphabet: Alphabet, text: str, data: bytes) -> None:
    assert encode(text, alphabet) == data
    assert decode(data, alphabet) == text


@pytest.mark.parametrize("alphabet, text, expected", CARRIED)
def test_a_text_takes_units_or_cannot_be_carried(alphabet: Alphabet, text: str, expected: int | None) -> None:
    assert units(text, alphabet) == expected


def test_every_character_of_gsm_7_bit_comes_back() -> None:
    characters = [chr(code) for code in range(0x2000 + 0x100) if units(chr(code), Alphabet.GSM7)]

    assert len(characters) == 127 + 10
    assert all(decode(encode(character, Alphabet.GSM7), Alphabet.GSM7) == character for character in characters)


@pytest.mark.parametrize(
    "data, text",
    [
        (b"a\x1b\x41", "aA"),
        (b"\x1b\x1b\x65", " e"),
        (b"a\x1b", "a"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_strange_septets_are_shown_as_well_as_they_can_be(data: bytes, text: str) -> None:
    assert decode(data, Alphabet.GSM7) == text


@pytest.mark.parametrize("alphabet", list(Alphabet))
def test_decoding_never_refuses_bytes(alphabet: Alphabet) -> None:
    assert isinstance(decode(bytes(range(256)), alphabet), str)


def test_a_lone_surrogate_does_not_crash_the_count() -> None:
    assert units("\ud83d", Alphabet.UCS2) == 1
