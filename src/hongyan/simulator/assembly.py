"""Putting long texts together again, as a phone does: parts in any order, doubled, or missing."""

import msgspec

from .segment import Segment

PARTIAL_TEXTS_MAX = 10_000
WAIT_SECONDS = 300.0

_Key = tuple[int, str, str, int, int, int]


class _Partial(msgspec.Struct):
    since: float
    parts: dict[int, Segment]


class Assembler:
    """Texts of which some parts are still on the way."""

    def __init__(self, *, partial_texts_max: int = PARTIAL_TEXTS_MAX, wait_seconds: float = WAIT_SECONDS) -> None:
        self._partials: dict[_Key, _Partial] = {}  # oldest first
        self._partial_texts_max = partial_texts_max
        self._wait_seconds = wait_seconds
        self.doubled = 0
        """Parts that came a second time and were left out."""

    @property
    def is_full(self) -> bool:
        """Whether more texts are unfinished than are kept; `give_up` then lets the oldest go."""
        return len(self._partials) > self._partial_texts_max

    def add(self, segment: Segment, now: float) -> list[Segment] | None:
        """Take one part; return all parts in order once the text is whole."""
        part = segment.concatenation
        if part is None or part.total == 1:
            return [segment]
        key = (segment.number, segment.sender, segment.login, part.reference_bits, part.reference, part.total)
        partial = self._partials.get(key)
        if partial is None:
            partial = self._partials[key] = _Partial(now, {})
        if part.number in partial.parts:
            self.doubled += 1
            return None
        partial.parts[part.number] = segment
        if len(partial.parts) < part.total:
            return None
        del self._partials[key]
        return _in_order(partial)

    def give_up(self, now: float) -> list[list[Segment]]:
        """Remove and return the parts of texts that waited too long, or are too many to keep."""
        given_up = []
        for key, partial in list(self._partials.items()):
            if now - partial.since < self._wait_seconds and not self.is_full:
                break
            del self._partials[key]
            given_up.append(_in_order(partial))
        return given_up


def _in_order(partial: _Partial) -> list[Segment]:
    return [partial.parts[number] for number in sorted(partial.parts)]
