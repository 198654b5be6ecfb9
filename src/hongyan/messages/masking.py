"""What people see of a message who need not see all of it: no whole number, no code."""

import re
from typing import Final

HIDDEN: Final = "****"

_CHINA: Final = 8_600_000_000_000
_NATIONAL_DIGITS: Final = 11
# Codes are digits, sometimes in groups, or a mix of letters and digits; full-width ones as well. Links, years and
# order numbers look the same and are hidden with them.
_CODE: Final = re.compile(r"(?=[A-Za-zＡ-Ｚａ-ｚ]*\d)[A-Za-zＡ-Ｚａ-ｚ\d]{4,}|\d(?:[ -]?\d){3,}")


def number_of(recipient: int) -> str:
    """Return a number as people write it: 13800138000, or +14155550100."""
    national = recipient - _CHINA
    return str(national) if 0 < national < 10**_NATIONAL_DIGITS else f"+{recipient}"


def masked_number(recipient: int) -> str:
    """Return a number that can be recognised but not called: 138****8000."""
    number = number_of(recipient)
    return f"{number[:-8]}{HIDDEN}{number[-4:]}"


def masked_text(content: str) -> str:
    """Return a text without what could be a code in it, whatever its length."""
    return _CODE.sub(HIDDEN, content)
