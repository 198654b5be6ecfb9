"""Reading a text as a person does: its characters, who signed it, and the code in it."""

import re
from typing import Final

_UCS2: Final = 8
_GB: Final = (15, 25)
_BINARY: Final = (3, 4)

_SIGNATURE = re.compile(r"\A【([^【】]{1,40})】|【([^【】]{1,40})】\s*\Z")
_SIGN = re.compile(
    r"验证码|校验码|注册码|动态码|确认码|激活码|提取码|取件码|登录码|安全码|动态密码|口令|密码|code\b|passcode|password|\bOTP\b|\bPIN\b",
    re.IGNORECASE,
)
# 4 to 8 Latin letters and digits that stand alone and hold a digit; years and sums of money are none.
_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z*])(?=[0-9A-Za-z]{4,8}(?![0-9A-Za-z*]))(?=[A-Za-z]*[0-9])[0-9A-Za-z]{4,8}(?!\s*[年元]|[.:/][0-9]|分钟)"
)


def decode(content: bytes, message_format: int) -> tuple[str, str]:
    """Return the text and the name of its encoding; bytes that stand for no text come as hex digits."""
    if message_format == 0:
        return content.decode("ascii", "replace"), "ASCII"
    if message_format == _UCS2:
        return content.decode("utf-16-be", "replace"), "UCS-2"
    if message_format in _GB:
        return content.decode("gb18030", "replace"), "GBK"
    return content.hex(" "), "binary" if message_format in _BINARY else f"format {message_format}"


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
