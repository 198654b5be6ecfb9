"""SMPP 3.4 §7.1.1: `YYMMDDhhmmsstnnp`, sixteen digits and signs for a moment or a span.

261122215518032+    tenths, then quarters of an hour that the local time is ahead (+) or behind (-) of UTC
000001000000000R    relative: years, months, days, hours, minutes, seconds from now
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_SIZE: Final = 16
_QUARTER: Final = timedelta(minutes=15)
_QUARTERS_MAX: Final = 48
_SPAN_DAYS: Final = (365, 30, 1)
"""Of a relative time's years, months and days: the specification does not say how long they are."""


def absolute_time(moment: datetime) -> str:
    """Return an aware moment in UTC, to the tenth of a second."""
    moment = moment.astimezone(UTC)
    return f"{moment:%y%m%d%H%M%S}{moment.microsecond // 100_000}00+"


def relative_time(span: timedelta) -> str:
    """Return a span of 0 to 99 days, to the second."""
    minutes, seconds = divmod(min(max(int(span.total_seconds()), 0), 99 * 86400), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{days:02}{hours:02}{minutes:02}{seconds:02}000R"


def moment_of(text: str, now: datetime) -> datetime | None:
    """Return the aware moment of either form, None for an empty one; ValueError for what is neither."""
    if not text:
        return None
    digits, sign = text[:-1], text[-1]
    if len(text) != _SIZE or not (digits.isascii() and digits.isdigit()) or sign not in "+-R":
        raise ValueError("not a time of SMPP 3.4 §7.1.1")
    parts = [int(digits[at : at + 2]) for at in range(0, 12, 2)]
    tenths, quarters = int(digits[12]), int(digits[13:15])
    if sign == "R":
        days = sum(count * length for count, length in zip(parts, _SPAN_DAYS, strict=False))
        return now + timedelta(days=days, hours=parts[3], minutes=parts[4], seconds=parts[5])
    if quarters > _QUARTERS_MAX:
        raise ValueError("a time more than twelve hours from UTC")
    ahead = quarters * _QUARTER
    zone = timezone(ahead if sign == "+" else -ahead)
    year, month, day, hour, minute, second = parts
    return datetime(2000 + year, month, day, hour, minute, second, tenths * 100_000, tzinfo=zone)
