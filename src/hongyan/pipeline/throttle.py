"""A channel's speed while its carrier asks for less: down at once, back up little by little.

The rule is TCP's, additive increase and multiplicative decrease. An answer that says "too fast" takes a share of
the speed away, and then the speed grows again by a fixed amount a second until it is what was agreed.

    speed ──╮          ╭──────────
            │     ╭────╯            a share off, a hold, then a steady climb
            ╰─────╯
      floor ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄

Carriers refuse by the burst: what was on the wire when the first answer came is refused too, and says nothing about
the new speed. So answers to what was sent before the last step down, or during the hold after it, change nothing.

What was refused is offered again after a pause that doubles each time, `PutOff` keeps it until then.
"""

import heapq
from itertools import count
from typing import Final, Generic, TypeVar

T = TypeVar("T")

DECREASE: Final = 0.7
"""What is left of the speed after a step down."""
HOLD_SECONDS: Final = 1.0
"""How long a step down stands alone: carriers count by the second, and refuse all of a second that began too fast."""
RECOVERY_PER_SECOND: Final = 0.02
"""The share of the agreed speed that comes back each second: from the floor to the top in 50 s."""
FLOOR_SHARE: Final = 0.01
FLOOR_PER_SECOND: Final = 1.0
"""The floor is a hundredth of the agreed speed, but one a second at least: somebody has to try."""
OFFER_AGAIN_SECONDS: Final = 1.0
OFFER_AGAIN_SECONDS_MAX: Final = 8.0


class Throttle:
    """How fast a channel may send, in segments a second; times are monotonic."""

    def __init__(self, speed_per_second: float) -> None:
        self._speed = speed_per_second
        self._reduced = speed_per_second
        self._since = float("-inf")

    @property
    def speed_per_second(self) -> float:
        """The agreed speed, which is never exceeded."""
        return self._speed

    @speed_per_second.setter
    def speed_per_second(self, speed: float) -> None:
        self._speed = speed
        self._reduced = min(self._reduced, speed)

    def slow_down(self, now: float, *, sent_at: float) -> bool:
        """The carrier refused what was sent then because it came too fast. Tells whether that lowered the speed."""
        if sent_at < self._since or now < self._since + HOLD_SECONDS:
            return False
        floor = min(self._speed, max(FLOOR_PER_SECOND, self._speed * FLOOR_SHARE))
        self._reduced = max(floor, self.rate(now) * DECREASE)
        self._since = now
        return True

    def rate(self, now: float) -> float:
        """Return the speed that is allowed now."""
        recovering = now - self._since - HOLD_SECONDS
        if recovering <= 0:
            return self._reduced
        return min(self._speed, self._reduced + recovering * self._speed * RECOVERY_PER_SECOND)

    def is_reduced(self, now: float) -> bool:
        """Tell whether the carrier still holds the channel below its speed."""
        return self.rate(now) < self._speed


def offer_again_after(tries: int) -> float:
    """Return the seconds until a segment that was put off so many times is offered again."""
    return min(OFFER_AGAIN_SECONDS_MAX, OFFER_AGAIN_SECONDS * 2.0 ** min(tries - 1, 8))


class PutOff(Generic[T]):
    """What waits for another try, by when that is due."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, T]] = []
        self._order = count()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def add(self, item: T, *, due: float) -> None:
        """Keep an item until that monotonic time."""
        heapq.heappush(self._waiting, (due, next(self._order), item))

    @property
    def due_at(self) -> float | None:
        """When the next one is due; None when nothing waits."""
        return self._waiting[0][0] if self._waiting else None

    def take_due(self, now: float) -> list[T]:
        """Take out everything that is due, the longest due first."""
        due: list[T] = []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(heapq.heappop(self._waiting)[2])
        return due

    def take_all(self) -> list[T]:
        """Take out everything, in the order in which it is due."""
        return self.take_due(float("inf"))
