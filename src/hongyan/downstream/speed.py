"""How fast a login submits: a bucket that fills by its speed and holds one second of it."""

from hongyan.kit.clock import Clock


class SpeedLimit:
    """Short messages that a login may submit now, over all its links of this process."""

    def __init__(self, per_second: int, clock: Clock) -> None:
        self.per_second = per_second
        self._clock = clock
        self._left = float(per_second)
        self._filled_at = clock.monotonic()

    def take(self, count: int) -> bool:
        """Take so many and say yes, or take none and say no; one submit may always take a full bucket."""
        now = self._clock.monotonic()
        full = float(self.per_second)
        self._left = min(full, self._left + (now - self._filled_at) * full)
        self._filled_at = now
        if self._left < min(count, full):
            return False
        self._left -= count
        return True
