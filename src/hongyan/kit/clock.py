"""The one clock: everything that needs the time is handed one of these.

Wall time judges signatures, deadlines and what people read; monotonic time drives timers and
pacing, so that a jump of the wall clock can neither fire nor block one.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> float:
        """Return Unix time in seconds (UTC)."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, from an arbitrary start."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return Unix time in seconds (UTC)."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start."""
        return time.monotonic()


class ManualClock:
    """A clock moved by hand, for tests and simulations."""

    def __init__(self, now: float = 1_795_000_000.0, monotonic: float = 1000.0) -> None:
        self._now = now
        self._monotonic = monotonic

    def now(self) -> float:
        """Return the wall time last set."""
        return self._now

    def monotonic(self) -> float:
        """Return the monotonic time last set."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._now += seconds
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Move the wall clock only, as an administrator or NTP does."""
        self._now += seconds
