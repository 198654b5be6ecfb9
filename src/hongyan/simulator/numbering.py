"""Phone numbers as a simulated carrier reads them: any usual spelling becomes E.164 digits.

Nothing here knows which ranges exist: a carrier under test must ring every number it is given.
"""

_CHINA = 86
_CHINA_BASE = _CHINA * 10**11
_NATIONAL_LENGTH = 11
_DIGITS_MIN = 5
_DIGITS_MAX = 15


def e164_of(text: str) -> int | None:
    """Return E.164 digits as one integer, such as 8613800138000; None where that is no number.

    An 11-digit number that begins with 13 to 19 is a Chinese mobile number unless it has a "+".
    """
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if not text.startswith("+"):
        if len(text) == _NATIONAL_LENGTH and "13" <= text[:2] <= "19":
            return _CHINA_BASE + int(text)
        digits = text.removeprefix("00")
    if digits.startswith("0") or not _DIGITS_MIN <= len(digits) <= _DIGITS_MAX:
        return None
    return int(digits)


def spoken(number: int) -> str:
    """Return the number as people dial it: Chinese ones without 86, all others with "+"."""
    national = number - _CHINA_BASE
    if 10**10 <= national < 2 * 10**10:
        return str(national)
    return f"+{number}"
