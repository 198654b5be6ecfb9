"""When what is due: a timer for very many things at once, with a coarse tick.

One timer of the event loop serves everything a carrier waits for. Actions are gathered by tick and
handed out in ticks; nothing is ever early, and nothing is later than one tick by this alone.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

TICK_SECONDS = 0.005

Action = Callable[[Any], None]
Due = tuple[Action, Any]


class Agenda:
    """Actions with their subjects, ordered by the tick they are due in."""

    def __init__(self, tick_seconds: float = TICK_SECONDS) -> None:
        self._tick_seconds = tick_seconds
        self._ticks_per_second = 1 / tick_seconds
        self._by_tick: dict[int, list[Due]] = {}
        self._ticks: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, at_seconds: float, action: Action, subject: object) -> None:
        """Remember to call `action(subject)` once the clock has reached that monotonic time."""
        tick = int(at_seconds * self._ticks_per_second) + 1
        due = self._by_tick.get(tick)
        if due is None:
            due = self._by_tick[tick] = []
            heappush(self._ticks, tick)
        due.append((action, subject))
        self._count += 1

    def next_at(self) -> float | None:
        """Return the monotonic time of the earliest tick that has something; None when empty."""
        return self._ticks[0] * self._tick_seconds if self._ticks else None

    def take_due(self, now: float) -> list[Due]:
        """Remove and return what is due, earliest tick first."""
        # The small allowance is for the loop's timer, which may wake us a rounding error early.
        tick = int((now + 1e-6) * self._ticks_per_second)
        taken: list[Due] = []
        while self._ticks and self._ticks[0] <= tick:
            taken += self._by_tick.pop(heappop(self._ticks))
        self._count -= len(taken)
        return taken
