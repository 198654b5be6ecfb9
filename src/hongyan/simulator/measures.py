"""What a carrier measures of those who send to it: speed, window, and texts that come twice."""

from typing import Final

SLICES_PER_SECOND: Final = 100
_TENTH: Final = SLICES_PER_SECOND // 10


class SpeedMeter:
    """Counts arrivals in a sliding second and a sliding tenth of one.

    Arrivals are counted in slices of 10 ms, and the sums of the last 100 and the last 10 slices slide over
    them. A carrier sees when texts arrive, not when they left: a stalled reader makes a burst of its own.
    """

    __slots__ = ("_newest", "_open", "_slices", "per_second_max", "per_tenth_max")

    def __init__(self) -> None:
        self._slices = [0] * SLICES_PER_SECOND
        self._newest = 0
        self._open = 0
        self.per_second_max = 0
        self.per_tenth_max = 0

    def count(self, now: float) -> None:
        """Count one arrival at that monotonic time."""
        slice_number = int(now * SLICES_PER_SECOND)
        if slice_number != self._newest:
            self._close(slice_number)
        self._open += 1

    def per_second(self, now: float) -> int:
        """Return the arrivals of the last second."""
        slice_number = int(now * SLICES_PER_SECOND)
        if slice_number != self._newest:
            self._close(slice_number)
        return sum(self._slices) + self._open

    def forget_maxima(self) -> None:
        """Start the maxima anew."""
        self.per_second_max = self.per_tenth_max = 0

    def _close(self, slice_number: int) -> None:
        """Book the open slice and go on to a later one, clearing those in between."""
        slices = self._slices
        slices[self._newest % SLICES_PER_SECOND] = self._open
        if self._open:
            self.per_second_max = max(self.per_second_max, sum(slices))
            first = self._newest - _TENTH + 1
            tenth = sum(slices[number % SLICES_PER_SECOND] for number in range(first, self._newest + 1))
            self.per_tenth_max = max(self.per_tenth_max, tenth)
        gap = min(slice_number - self._newest, SLICES_PER_SECOND)
        for number in range(slice_number - gap + 1, slice_number + 1):
            slices[number % SLICES_PER_SECOND] = 0
        self._newest = slice_number
        self._open = 0


class WindowMeter:
    """Counts how many requests of one link are unanswered, as its client must see it.

    An answer counts from the end of the turn of the event loop in which it is given, since it has not left
    before: a client that sends more than its window allows is found out even by a carrier that answers at once.
    """

    __slots__ = ("_answered", "_size", "_unanswered", "exceeded", "used_max")

    def __init__(self, size: int) -> None:
        self._size = size
        self._unanswered = 0
        self._answered = 0
        self.used_max = 0
        self.exceeded = 0
        """Requests that came although the window was full."""

    def arrive(self) -> None:
        """Count a request."""
        used = self._unanswered = self._unanswered + 1
        self.used_max = max(self.used_max, used)
        if used > self._size:
            self.exceeded += 1

    def answer(self) -> bool:
        """Note an answer; True for the first one of this turn: `end_turn` must then be called after it."""
        self._answered += 1
        return self._answered == 1

    def end_turn(self) -> None:
        """Let the answers of this turn count."""
        self._unanswered -= self._answered
        self._answered = 0

    def forget_maximum(self) -> None:
        """Start the maximum anew."""
        self.used_max = self._unanswered


DOUBLES_REMEMBERED: Final = 100_000


class DoubleMeter:
    """Counts texts with the same bytes for the same number, among the last 100,000 to 200,000."""

    __slots__ = ("_new", "_old", "doubled")

    def __init__(self) -> None:
        self._new: set[int] = set()
        self._old: set[int] = set()
        self.doubled = 0

    def count(self, number: int, content: bytes) -> None:
        """Look at one text."""
        fingerprint = hash((number, content))
        if fingerprint in self._new or fingerprint in self._old:
            self.doubled += 1
        elif len(self._new) >= DOUBLES_REMEMBERED:
            self._old = self._new
            self._new = {fingerprint}
        else:
            self._new.add(fingerprint)
