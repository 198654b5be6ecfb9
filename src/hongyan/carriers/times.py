"""Absolute times as carriers in China want them: YYMMDDhhmmsstnnp (SMPP 3.3 and 3.4 §7.1.1), in Chinese time."""

from datetime import datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8))


class ValidTime:
    """Writes until when a message is worth delivering; those of one moment share it, so the last one is kept."""

    def __init__(self) -> None:
        self._last: tuple[str, datetime | None] = ("", None)

    def __call__(self, expires_at: datetime) -> str:
        """Return year to second, no tenths, 32 quarters of an hour before UTC's."""
        moment = expires_at.replace(microsecond=0)
        text, known = self._last
        if known != moment:
            text = moment.astimezone(CHINA).strftime("%y%m%d%H%M%S032+")
            self._last = (text, moment)
        return text
