"""The alphabets a short message can travel in: what each can carry, at what cost, and its bytes.

A *unit* is what an alphabet's limits count: a septet in GSM 7-bit (an escaped character costs two),
a byte in ASCII and GBK, a 16-bit code unit in UCS-2 (a character beyond the BMP costs two).
The default and extension tables are those of 3GPP TS 23.038 §6.2.1.
"""

import re
from enum import Enum

_GSM7_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ESCAPE = 0x1B

_GSM7_BYTES: dict[str, bytes] = {
    **{character: bytes([code]) for code, character in enumerate(_GSM7_DEFAULT) if code != _ESCAPE},
    **{character: bytes([_ESCAPE, code]) for character, code in _GSM7_EXTENSION.items()},
}
_GSM7_EXTENDED_BY_CODE = {code: character for character, code in _GSM7_EXTENSION.items()}

_not_in_gsm7 = re.compile("[^" + re.escape("".join(_GSM7_BYTES)) + "]").search
_extended_in_gsm7 = re.compile("[" + re.escape("".join(_GSM7_EXTENSION)) + "]").findall


class Alphabet(Enum):
    """How the characters of a text become bytes."""

    ASCII = "ascii"
    """One byte each; CMPP, SGIP and SMGP format 0."""
    GSM7 = "gsm7"
    """The default alphabet of the air interface, here one septet in each byte as SMPP carries it."""
    UCS2 = "ucs2"
    """UTF-16, big-endian; format 8 everywhere. Carries every text."""
    GBK = "gbk"
    """Format 15: one byte for ASCII, two for the rest."""


# Intake counts every text: plain names and `is` cost a fifth of a look-up on the enum.
_ASCII, _GSM7, _UCS2 = Alphabet.ASCII, Alphabet.GSM7, Alphabet.UCS2


def units(content: str, alphabet: Alphabet) -> int | None:
    """Return how many units the text takes, or None when the alphabet cannot carry it."""
    if alphabet is _UCS2:
        return len(content.encode("utf-16-be", "surrogatepass")) >> 1
    if alphabet is _ASCII:
        return len(content) if content.isascii() else None
    if alphabet is _GSM7:
        return None if _not_in_gsm7(content) else len(content) + len(_extended_in_gsm7(content))
    try:
        return len(content.encode("gbk"))
    except UnicodeEncodeError:
        return None


def encode(content: str, alphabet: Alphabet) -> bytes:
    """Return the bytes of a text that the alphabet can carry; UnicodeEncodeError or KeyError if it cannot."""
    match alphabet:
        case Alphabet.UCS2:
            return content.encode("utf-16-be", "surrogatepass")
        case Alphabet.GSM7:
            return b"".join([_GSM7_BYTES[character] for character in content])
        case Alphabet.ASCII | Alphabet.GBK:
            return content.encode(alphabet.value)


def decode(data: bytes, alphabet: Alphabet) -> str:
    """Return the text of bytes from a peer; what cannot be read becomes U+FFFD, nothing is refused."""
    match alphabet:
        case Alphabet.UCS2:
            return data.decode("utf-16-be", "replace")
        case Alphabet.ASCII:
            return data.decode("ascii", "replace")
        case Alphabet.GBK:
            return data.decode("gb18030", "replace")
        case Alphabet.GSM7:
            return _decode_gsm7(data)


def _decode_gsm7(data: bytes) -> str:
    characters: list[str] = []
    escaped = False
    for code in data:
        if escaped:
            # 23.038 §6.2.1.1: an unknown extension is shown as the character of the default table.
            characters.append(_GSM7_EXTENDED_BY_CODE.get(code) or _gsm7_character(code))
            escaped = False
        elif code == _ESCAPE:
            escaped = True
        else:
            characters.append(_gsm7_character(code))
    return "".join(characters)


def _gsm7_character(code: int) -> str:
    if code == _ESCAPE:
        return " "  # 23.038 §6.2.1.1 note 1: two escapes are a space until another table is defined
    return _GSM7_DEFAULT[code] if code < len(_GSM7_DEFAULT) else "\N{REPLACEMENT CHARACTER}"
