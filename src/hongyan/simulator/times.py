"""Times as the simulator writes them: ISO 8601 for people and programs, China's local time for carriers."""

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

CHINA_TIME = timezone(timedelta(hours=8))
_EXPIRY_LENGTH = 16


def time_text(unix_seconds: float) -> str:
    """Return UTC in ISO 8601 to the millisecond."""
    return datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def report_stamp(unix_seconds: float) -> str:
    """Return YYMMDDHHMM in China, as reports have it."""
    return _minute_stamp(int(unix_seconds) // 60)


def expiry(text: str, now: float) -> float | None:
    """Return the Unix time that YYMMDDhhmmsstnnp says (SMPP 3.4 §7.1.1, which CMPP, SGIP and SMGP took over).

    None where it says none, or nothing that is a time. `nn` are quarters of an hour from UTC, p their sign; with p "R"
    the whole is a duration from now.
    """
    if len(text) != _EXPIRY_LENGTH or not (text[:15].isascii() and text[:15].isdigit()):
        return None
    year, month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(0, 12, 2))
    if text[15] == "R":
        days = year * 365 + month * 30 + day
        return now + days * 86_400 + hour * 3600 + minute * 60 + second
    quarters = {"+": 1, "-": -1}.get(text[15], 0) * int(text[13:15])
    try:
        zone = timezone(timedelta(minutes=15 * quarters))
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone).timestamp()
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _minute_stamp(unix_minutes: int) -> str:
    return datetime.fromtimestamp(unix_minutes * 60, CHINA_TIME).strftime("%y%m%d%H%M")
