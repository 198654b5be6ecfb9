"""What carriers' fields say: numbers in all the ways they are written, and texts."""

from typing import Final

from hongyan.text.alphabets import Alphabet, decode
from hongyan.text.headers import Concatenation, split_header

_CHINA: Final = 8_600_000_000_000
_NATIONAL_DIGITS: Final = 11
_NATIONAL_MAX: Final = 10**_NATIONAL_DIGITS
_E164_DIGITS_MAX: Final = 15

FORMATS: Final = {0: Alphabet.ASCII, 8: Alphabet.UCS2, 15: Alphabet.GBK, 25: Alphabet.GBK}
"""What Msg_Fmt, MessageCoding and MsgFormat say, where it is a text; 25 is no standard and met in the field."""


def text_of(content: bytes, alphabet: Alphabet | None) -> str:
    """Return the characters of a text; octets that cannot be read become U+FFFD, and what is no text is shown in hex."""
    if alphabet is None:
        return content.hex()
    if alphabet is Alphabet.ASCII and not content.isascii():
        return decode(content, Alphabet.GBK)  # gateways in China say ASCII and mean this
    return decode(content, alphabet)


def split_content(content: bytes, *, has_header: bool) -> tuple[Concatenation | None, bytes]:
    """Return which part of a long text user data is, None for a whole one, and its octets without header."""
    if not has_header:
        return None, content
    concatenation, payload = split_header(content)
    return (None if concatenation is None or concatenation.total == 1 else concatenation), payload


def national(recipient: int) -> str:
    """Return a mainland number without its country code, any other with it."""
    digits = recipient - _CHINA
    return str(digits) if 0 < digits < _NATIONAL_MAX else str(recipient)


def international(written: str) -> int | None:
    """Return E.164 digits; None for what is no number, such as the many digits that a field has room for."""
    digits = written.strip().removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _E164_DIGITS_MAX):
        return None
    short = digits.removeprefix("86")
    return _CHINA + int(short) if len(short) == _NATIONAL_DIGITS else int(digits)


def source_number(src_id: str, extension: str, *, width: int, extension_digits_max: int | None) -> str:
    """Return the number that phones show: the channel's own with as much of an extension as there is room for."""
    if extension_digits_max is not None:
        extension = extension[:extension_digits_max]
    return (src_id + extension)[:width]
