"""Money: whole 厘, thousandths of a yuan, in integers; how people write it and read it."""

import re

from .errors import Error

LI_PER_YUAN = 1000
AMOUNT_MAX = 1_000_000_000 * LI_PER_YUAN
"""A thousand million yuan: far below what 64 bits hold, far above any real payment."""

_yuan = re.compile(r"([+-]?)(\d{1,10})(?:\.(\d{1,3}))?")


class InvalidAmount(Error):
    """An amount is written in yuan with at most three decimals, such as 100 or 0.045."""

    code = "amount.invalid"


def parse_yuan(text: str) -> int:
    """Return the 厘 of an amount written in yuan; InvalidAmount if it is none or above AMOUNT_MAX."""
    match = _yuan.fullmatch(text.strip())
    if match is None or not text.isascii():
        raise InvalidAmount
    sign, whole, decimals = match.groups()
    amount = int(whole) * LI_PER_YUAN + int((decimals or "").ljust(3, "0"))
    if amount > AMOUNT_MAX:
        raise InvalidAmount
    return -amount if sign == "-" else amount


def format_yuan(amount: int) -> str:
    """Return 厘 as yuan with all three decimals, such as -153278.040."""
    whole, rest = divmod(abs(amount), LI_PER_YUAN)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:03}"
