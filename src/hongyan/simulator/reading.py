"""Reading a text as a person does: its characters, who signed it, and the code in it."""

import re
from enum import Enum
from typing import Final


class Coding(Enum):
    """How the bytes of a text are to be read; the value is what people are shown."""

    ASCII = "ASCII"
    GSM7 = "GSM 7-bit"
    """One septet an octet, as SMPP carries it."""
    LATIN1 = "Latin-1"
    UCS2 = "UCS-2"
    GBK = "GBK"
    BINARY = "binary"
    UNKNOWN = "unknown"


_ESCAPE: Final = 0x1B
_GSM7: Final = dict(
    enumerate(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\ufffdÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
    )
)
_GSM7_EXTENDED: Final = dict(zip(b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", "\f^{}\\[~]|€", strict=True))
_SEPTETS: Final = {character: bytes((code,)) for code, character in _GSM7.items() if code != _ESCAPE} | {
    character: bytes((_ESCAPE, code)) for code, character in _GSM7_EXTENDED.items()
}

_SIGNATURE = re.compile(r"\A【([^【】]{1,40})】|【([^【】]{1,40})】\s*\Z")
_SIGN = re.compile(
    r"验证码|校验码|注册码|动态码|确认码|激活码|提取码|取件码|登录码|安全码|动态密码|口令|密码|code\b|passcode|password|\bOTP\b|\bPIN\b",
    re.IGNORECASE,
)
# 4 to 8 Latin letters and digits that stand alone and hold a digit; years and sums of money are none.
_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z*])(?=[0-9A-Za-z]{4,8}(?![0-9A-Za-z*]))(?=[A-Za-z]*[0-9])[0-9A-Za-z]{4,8}(?!\s*[年元]|[.:/][0-9]|分钟)"
)


def decode(content: bytes, coding: Coding) -> str:
    """Return the text of all parts of a message; bytes that stand for no text come as hex digits."""
    match coding:
        case Coding.ASCII:
            return content.decode("ascii", "replace")
        case Coding.UCS2:
            return content.decode("utf-16-be", "replace")
        case Coding.GBK:
            return content.decode("gb18030", "replace")
        case Coding.LATIN1:
            return content.decode("latin-1")
        case Coding.GSM7:
            return _from_septets(content)
        case _:
            return content.hex(" ")


def encode(text: str, coding: Coding) -> bytes | None:
    """Return the bytes of a text, None where the coding cannot carry it."""
    try:
        match coding:
            case Coding.ASCII:
                return text.encode("ascii")
            case Coding.GBK:
                return text.encode("gbk")
            case Coding.LATIN1:
                return text.encode("latin-1")
            case Coding.GSM7:
                return b"".join(_SEPTETS[character] for character in text)
            case Coding.UCS2:
                return text.encode("utf-16-be")
            case _:
                return None
    except (UnicodeEncodeError, KeyError):
        return None


def _from_septets(content: bytes) -> str:
    """Return a text in the GSM default alphabet, one septet an octet (3GPP TS 23.038 §6.2.1)."""
    characters = []
    table = _GSM7
    for octet in content:
        if octet == _ESCAPE:
            table = _GSM7_EXTENDED
            continue
        # An escape before what has no extension is a blank by the specification, and the octet stands for itself.
        characters.append(table.get(octet) or _GSM7.get(octet, "\ufffd"))
        table = _GSM7
    return "".join(characters)


def signature_in(text: str) -> str | None:
    """Return the sender name in 【】 at the start or the end of a text, without its brackets."""
    found = _SIGNATURE.search(text)
    return (found[1] or found[2]) if found else None


def code_in(text: str) -> str | None:
    """Return the verification code: what looks like one and stands nearest to a word that announces it."""
    signs = [found.span() for found in _SIGN.finditer(text)]
    if not signs:
        return None
    nearest: tuple[int, str] | None = None
    for candidate in _CANDIDATE.finditer(text):
        distance = min(_distance(candidate.span(), sign) for sign in signs)
        if nearest is None or distance < nearest[0]:
            nearest = distance, candidate[0]
    return nearest[1] if nearest else None


def _distance(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Characters between two places; a code in front of its word counts a little farther."""
    if one[0] >= other[1]:
        return one[0] - other[1]
    return other[0] - one[1] + 1
