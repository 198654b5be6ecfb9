"""Growing pauses between restarts."""

from typing import Final

from hongyan.kit.clock import Clock

PAUSE_SECONDS_MIN: Final = 0.1
PAUSE_SECONDS_MAX: Final = 5.0
HEALTHY_SECONDS: Final = 5.0
"""Longer than a role needs to get ready: what fails at its start is held back, what worked is back at once."""


class Backoff:
    """Doubles the pause after each death; what has lived for some seconds begins anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause_seconds = PAUSE_SECONDS_MIN
        self._started = clock.monotonic()

    def started(self) -> None:
        """It was started now."""
        self._started = self._clock.monotonic()

    def next_pause(self) -> float:
        """Return how many seconds to wait, now that it died."""
        if self._clock.monotonic() - self._started >= HEALTHY_SECONDS:
            self._pause_seconds = PAUSE_SECONDS_MIN
        pause = self._pause_seconds
        self._pause_seconds = min(pause * 2, PAUSE_SECONDS_MAX)
        return pause
