"""Texts of customers: octets to characters without guessing, and replies back to octets."""

from typing import Final

from hongyan.text.alphabets import Alphabet, decode
from hongyan.text.headers import Concatenation, split_header
from hongyan.text.segments import Capacity, Limits, SegmentPlan, encode_parts, plan

from .protocol import Coding, Refusal, SubmitRefused

_UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"
_CODECS: Final = {Coding.ASCII: "ascii", Coding.LATIN1: "latin-1", Coding.UCS2: "utf-16-be", Coding.GBK: "gb18030"}
_UCS2: Final = Capacity(Alphabet.UCS2, 70, 67)
_GBK: Final = Capacity(Alphabet.GBK, 140, 134)


def decode_text(content: bytes, coding: Coding) -> str:
    """Return the characters; SubmitRefused when the octets are not of this coding."""
    if coding is Coding.GSM7:
        text = decode(content, Alphabet.GSM7)
        if _UNREADABLE in text:
            raise SubmitRefused(Refusal.CODING_UNSUPPORTED, "octets that are no GSM 7-bit text")
        return text
    if coding is Coding.UCS2 and len(content) % 2:
        raise SubmitRefused(Refusal.LENGTH_WRONG, "an odd number of UCS-2 octets")
    try:
        return content.decode(_CODECS[coding])
    except UnicodeDecodeError:
        raise SubmitRefused(Refusal.CODING_UNSUPPORTED, f"octets that are no {coding} text") from None


def take_header(content: bytes) -> tuple[Concatenation | None, bytes]:
    """Split content that begins with a user data header; SubmitRefused when the header is cut short or contradicts itself.

    Elements other than those of a long text are stepped over.
    """
    if not content or content[0] + 1 > len(content):
        raise SubmitRefused(Refusal.HEADER_WRONG, "a user data header longer than its content")
    header = content[1 : content[0] + 1]
    while header:
        if len(header) < 2 or len(header) < 2 + header[1]:
            raise SubmitRefused(Refusal.HEADER_WRONG, "an element of the user data header is cut short")
        header = header[2 + header[1] :]
    concatenation, payload = split_header(content)
    return concatenation, payload


def whole_or_part(concatenation: Concatenation | None) -> Concatenation | None:
    """Return None for the only part of a text."""
    return None if concatenation is None or concatenation.total == 1 else concatenation


def reply_limits(narrow: Capacity, reply_coding: str) -> Limits:
    """Return how replies are cut: what the narrow alphabet holds goes in it, the rest as the login wants."""
    return Limits((narrow, _GBK, _UCS2) if reply_coding == "gbk" else (narrow, _UCS2))


def reply_parts(content: str, limits: Limits, reference: int) -> tuple[SegmentPlan, list[bytes]]:
    """Return a reply's segments and their octets, with headers when there are several."""
    segmentation = plan(content, limits)
    return segmentation, encode_parts(segmentation, reference & 0xFF)
