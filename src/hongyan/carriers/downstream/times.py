"""Times as they stand in Chinese protocols and in SMPP: YYMMDDhhmmsstnnp, and the ten digits of a report."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8), "CST")
_LENGTH: Final = 16
_BLANK: Final = frozenset(("", "0" * 16, "0" * 17))


def read_time(written: str) -> datetime | timedelta | None:
    """Return the moment or the span that YYMMDDhhmmsstnnp stands for; None when it is blank, ValueError when it is none.

    `t` is tenths of a second, `nn` quarters of an hour from UTC, `p` their sign, or R for a span (SMPP 3.4 §7.1.1).
    Twelve digits alone are Chinese time, as some customers write them.
    """
    written = written.strip()
    if written in _BLANK:
        return None
    if len(written) == 12 and _is_digits(written):
        written += "032+"
    digits, sign = written[:-1], written[-1]
    if len(written) != _LENGTH or not _is_digits(digits) or sign not in "+-R":
        raise ValueError("a time is YYMMDDhhmmsstnnp")
    pairs = [int(digits[at : at + 2]) for at in range(0, 12, 2)]
    year, month, day, hour, minute, second = pairs
    if sign == "R":
        return timedelta(days=year * 365 + month * 30 + day, hours=hour, minutes=minute, seconds=second)
    offset = timedelta(minutes=15 * int(digits[13:15]))
    zone = timezone(offset if sign == "+" else -offset)
    return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)


def report_digits(moment: datetime) -> str:
    """Return YYMMDDhhmm in Chinese time."""
    return moment.astimezone(CHINA).strftime("%y%m%d%H%M")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
