"""Times as the simulator writes them: ISO 8601 for people and programs, China's local time for carriers."""

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

CHINA_TIME = timezone(timedelta(hours=8))


def time_text(unix_seconds: float) -> str:
    """Return UTC in ISO 8601 to the millisecond."""
    return datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def report_stamp(unix_seconds: float) -> str:
    """Return YYMMDDHHMM in China, as reports have it."""
    return _minute_stamp(int(unix_seconds) // 60)


@lru_cache(maxsize=256)
def _minute_stamp(unix_minutes: int) -> str:
    return datetime.fromtimestamp(unix_minutes * 60, CHINA_TIME).strftime("%y%m%d%H%M")
