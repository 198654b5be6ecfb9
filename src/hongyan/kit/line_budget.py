"""How many log lines what strangers do may cost: so many in a span of time, and a count of those left out."""

from .clock import Clock


class LineBudget:
    """A budget that is renewed with every span of time."""

    def __init__(self, clock: Clock, *, lines_max: int = 100, span_seconds: float = 10.0) -> None:
        self._clock = clock
        self._lines_max = lines_max
        self._span_seconds = span_seconds
        self._since = clock.monotonic()
        self._lines = 0
        self._left_out = 0

    def allows(self) -> bool:
        """Tell whether one more line may be written, and count it either way."""
        now = self._clock.monotonic()
        if now - self._since >= self._span_seconds:
            self._since, self._lines = now, 0
        if self._lines >= self._lines_max:
            self._left_out += 1
            return False
        self._lines += 1
        return True

    def take_left_out(self) -> int:
        """Return how many lines were left out since this was last asked."""
        left_out, self._left_out = self._left_out, 0
        return left_out
