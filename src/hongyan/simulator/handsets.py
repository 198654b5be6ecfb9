"""The sandbox phones as things: on, off, full, or nobody's number."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from .segment import Segment

WAITING_MAX: Final = 10_000
"""Texts that wait for phones that are off; more expire at once."""
UNUSUAL_MAX: Final = 10_000
"""Phones that are not simply on."""


class PhoneState(StrEnum):
    """What a phone is up to."""

    ON = "on"
    OFF = "off"
    """Texts wait until it is on again, or their time is over."""
    FULL = "full"
    """It has no room for a text more."""
    EMPTY = "empty"
    """空号: nobody has the number."""


class TooManyPhones(Exception):
    """More phones are to be kept in a state of their own than can be."""


class Handsets:
    """The states of all phones; those that were never told anything are on."""

    def __init__(self) -> None:
        self._states: dict[int, PhoneState] = {}
        self._waiting: dict[int, dict[int, tuple[Segment, Callable[[Segment], None]]]] = {}
        self._waiting_count = 0

    @property
    def all_on(self) -> bool:
        """Whether every phone is on."""
        return not self._states

    def state(self, number: int) -> PhoneState:
        """Return what a phone is up to."""
        return self._states.get(number, PhoneState.ON)

    def waiting(self, number: int) -> int:
        """Return how many segments wait for a phone."""
        return len(self._waiting.get(number, ()))

    def turn(self, number: int, state: PhoneState) -> None:
        """Change a phone; what waited for it is delivered anew unless it is off. TooManyPhones when it can't be kept."""
        if state is PhoneState.ON:
            self._states.pop(number, None)
        elif number in self._states or len(self._states) < UNUSUAL_MAX:
            self._states[number] = state
        else:
            raise TooManyPhones
        if state is PhoneState.OFF:
            return
        waiting = self._waiting.pop(number, {})
        self._waiting_count -= len(waiting)
        for segment, deliver in waiting.values():
            deliver(segment)

    def wait(self, segment: Segment, deliver: Callable[[Segment], None]) -> bool:
        """Keep a segment until its phone is on, then `deliver(segment)`; False when no more can be kept."""
        if self._waiting_count >= WAITING_MAX:
            return False
        self._waiting.setdefault(segment.number, {})[id(segment)] = (segment, deliver)
        self._waiting_count += 1
        return True

    def give_up(self, segment: Segment) -> bool:
        """Forget a segment that waited; False when it waits no more."""
        waiting = self._waiting.get(segment.number, {})
        if waiting.pop(id(segment), None) is None:
            return False
        self._waiting_count -= 1
        if not waiting:
            del self._waiting[segment.number]
        return True
