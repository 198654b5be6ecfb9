"""How fast a channel may send: smoothly, not in bursts.

Two rules at once, both exact. Over any time the messages stay within `rate x time` plus 10 ms worth
of them, which lets a late timer catch up. And in any 100 ms at most 1.1 times their share goes out
(or one message more than the whole share, where that is less than one).
"""

import math
from collections import deque

from hongyan.kit.clock import Clock

_SPAN_SECONDS = 0.1
_BURST_FACTOR = 1.1
_LATE_SECONDS = 0.01
_EPSILON = 1e-9
"""Keeps sums of floats from being a hair short of a whole message."""


class Pacer:
    """Says how many messages may go out now."""

    def __init__(self, rate_per_second: float, clock: Clock) -> None:
        self._clock = clock
        self._due = clock.monotonic()  # when the next message would go out at an even pace
        self._taken: deque[tuple[float, int]] = deque()
        self._taken_total = 0
        self.rate_per_second = rate_per_second

    @property
    def rate_per_second(self) -> float:
        """The speed; may be changed at any time. ValueError unless above 0."""
        return self._rate

    @rate_per_second.setter
    def rate_per_second(self, rate: float) -> None:
        if not rate > 0:
            raise ValueError(f"a speed is above 0, not {rate}")
        self._rate = rate
        self._interval = 1.0 / rate
        share = rate * _SPAN_SECONDS
        self._span_max = max(math.floor(share * _BURST_FACTOR + _EPSILON), math.ceil(share - _EPSILON))

    def available(self, now: float) -> int:
        """Return how many messages may go out now."""
        self._forget(now)
        even = math.floor((now + _LATE_SECONDS - self._due) * self._rate + _EPSILON) + 1
        even_max = math.floor(_LATE_SECONDS * self._rate + _EPSILON) + 1
        return max(0, min(even, even_max, self._span_max - self._taken_total))

    def take(self, count: int) -> None:
        """Count messages as sent now."""
        if count <= 0:
            return
        now = self._clock.monotonic()
        self._due = max(self._due, now) + count * self._interval
        self._taken.append((now, count))
        self._taken_total += count

    def next_at(self) -> float:
        """Return the monotonic time from which at least one message may go out."""
        at = self._due - _LATE_SECONDS
        if self._taken_total >= self._span_max:
            excess = self._taken_total - self._span_max + 1
            for taken_at, count in self._taken:
                excess -= count
                if excess <= 0:
                    return max(at, taken_at + _SPAN_SECONDS)
        return at

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0][0] + _SPAN_SECONDS <= now + _EPSILON:
            self._taken_total -= self._taken.popleft()[1]
