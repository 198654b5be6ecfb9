"""When things happen in a simulated carrier: one timer of the event loop for all that is due."""

import asyncio
from collections.abc import Callable

from hongyan.kit.clock import Clock

from .agenda import Action, Agenda


class Schedule:
    """An agenda that is worked off by itself. Made and used inside a running event loop."""

    def __init__(self, clock: Clock, *, after_each: Callable[[], None]) -> None:
        """Call `after_each` when everything that was due at one time is done."""
        self._clock = clock
        self._after_each = after_each
        self._agenda = Agenda()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    def __len__(self) -> int:
        return len(self._agenda)

    def later(self, delay_seconds: float, action: Action, subject: object) -> None:
        """Call `action(subject)` after a delay, to the tick."""
        self._agenda.add(self._clock.monotonic() + delay_seconds, action, subject)
        due = self._agenda.next_at()
        if due is not None and (self._timer is None or due < self._timer_at):
            self._arm(due)

    def at_end_of_turn(self, action: Callable[[], None]) -> None:
        """Call the action when this turn of the event loop is over and what it wrote has left."""
        self._loop.call_soon(action)

    def close(self) -> None:
        """Let nothing happen any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._loop.call_later(max(0.0, due - self._clock.monotonic()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        for action, subject in self._agenda.take_due(self._clock.monotonic()):
            action(subject)
        self._after_each()
        due = self._agenda.next_at()
        if due is not None and self._timer is None:
            self._arm(due)
