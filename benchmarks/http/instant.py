"""An intake that accepts at once, so that only HTTP is measured."""

import msgspec

from hongyan.http.app import HttpServices, build_app
from hongyan.http.asgi import App
from hongyan.pipeline.submission import Entry, Outcome, Receipt, Submission


class BenchKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the endpoint wants it."""

    secret_id: str
    secret: bytes
    account_id: int = 1
    api_key_id: int = 1
    is_active: bool = True


KEY = BenchKey(secret_id="AKID" + "x1" * 16, secret=b"k" * 40)


class InstantKeys:
    """Knows one key."""

    def key(self, secret_id: str) -> BenchKey | None:
        """Return the key."""
        return KEY if secret_id == KEY.secret_id else None


class InstantIntake:
    """Accepts everything."""

    def __init__(self) -> None:
        self._mid = 0x4C2CA88382720003

    async def submit(self, submission: Submission) -> Receipt:
        """Accept."""
        entries = []
        for mobile in submission.mobiles:
            self._mid += 1
            entries.append(Entry(mobile, Outcome.ACCEPTED, self._mid))
        return Receipt(-153278040, entries)


def build_instant_app() -> App:
    """Return the whole HTTP application in front of the instant intake."""
    return build_app(HttpServices(keys=InstantKeys(), intake=InstantIntake()))
