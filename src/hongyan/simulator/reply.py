"""What a phone answers (上行): a text on its way to a customer, cut into the parts it travels in."""

from typing import Final

import msgspec

from .reading import Coding, encode
from .user_data import CONCATENATION_8_BIT, Concatenation

PART_OCTETS_MAX: Final = 140
SEPTETS_MAX: Final = 160
_HEADER_OCTETS: Final = 6
_HEADER_SEPTETS: Final = 7
PARTS_MAX: Final = 255


class ReplyPart(msgspec.Struct, kw_only=True):
    """One part of a reply; a short reply is one part."""

    carrier: str
    login: str
    number: int
    """The phone, as E.164 digits."""
    source: str
    """The phone as it is written on the wire."""
    destination: str
    """The customer's number that it is sent to, extension and all."""
    coding: Coding
    header: bytes
    """The user data header in front of the content; empty when the reply has one part."""
    content: bytes
    concatenation: Concatenation | None
    tries: int = 0
    sent_at: float | None = None
    acknowledged_at: float | None = None


class TextTooLong(Exception):
    """A reply has more parts than a header can count."""


def cut(
    text: str, coding: Coding, *, reference: int, septets_max: int = SEPTETS_MAX
) -> list[tuple[Concatenation | None, bytes, bytes]]:
    """Return concatenation, header and content of each part; ValueError where the coding can't carry the text.

    `septets_max` is what one message holds in the alphabets of seven bits; others hold 140 octets. A character
    is never cut: neither a surrogate pair nor what takes two octets. TextTooLong above 255 parts.
    """
    whole = encode(text, coding)
    if whole is None:
        raise ValueError(f"{coding.value} cannot carry this text")
    size_max = septets_max if coding in (Coding.ASCII, Coding.GSM7) else PART_OCTETS_MAX
    if len(whole) <= size_max:
        return [(None, b"", whole)]
    # Where the network packs seven bits, the header takes the place of seven characters.
    room = size_max - (_HEADER_OCTETS if size_max <= PART_OCTETS_MAX else _HEADER_SEPTETS)
    contents: list[bytes] = [b""]
    for character in text:
        octets = encode(character, coding) or b""
        if len(contents[-1]) + len(octets) > room:
            contents.append(b"")
        contents[-1] += octets
    total = len(contents)
    if total > PARTS_MAX:
        raise TextTooLong(f"the text has {total} parts; a header counts up to {PARTS_MAX}")
    parts: list[tuple[Concatenation | None, bytes, bytes]] = []
    for number, content in enumerate(contents, start=1):
        header = bytes((_HEADER_OCTETS - 1, CONCATENATION_8_BIT, 3, reference & 0xFF, total, number))
        parts.append((Concatenation(8, reference & 0xFF, total, number), header, content))
    return parts


def coding_for(text: str) -> Coding:
    """Return the plainest coding that carries a text everywhere."""
    return Coding.ASCII if text.isascii() else Coding.UCS2
