"""How many requests a second are taken, and what is left of that."""

import msgspec


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests a second that one process takes: a ceiling far above what a machine can do, until set lower."""

    service_per_second: int = 20_000
    """Over all keys."""
    key_per_second: int = 20_000
    """For each key."""


class RateMeter:
    """Counts the requests of the running second, in all and for each key."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._second = 0
        self._all = 0
        self._by_key: dict[int, int] = {}

    def take(self, second: int, api_key_id: int) -> tuple[int, int]:
        """Count a request of a key; return what is left for all and for the key, -1 where nothing was."""
        if second != self._second:
            self._second = second
            self._all = 0
            self._by_key.clear()
        self._all += 1
        self._by_key[api_key_id] = mine = self._by_key.get(api_key_id, 0) + 1
        return max(self.limits.service_per_second - self._all, -1), max(self.limits.key_per_second - mine, -1)

    def left(self, second: int) -> int:
        """Return what is left for all, without counting."""
        if second != self._second:
            return self.limits.service_per_second
        return max(self.limits.service_per_second - self._all, 0)
