"""The pauses between restarts."""

from hongyan.kit.clock import ManualClock
from hongyan.runtime.backoff import Backoff


def test_pauses_double_up_to_five_seconds() -> None:
    backoff = Backoff(ManualClock())
    pauses = [backoff.next_pause() for _ in range(8)]
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_what_lived_for_five_seconds_begins_anew() -> None:
    clock = ManualClock()
    backoff = Backoff(clock)
    for _ in range(5):
        backoff.next_pause()
    backoff.started()
    clock.advance(5)
    assert backoff.next_pause() == 0.1


def test_what_died_sooner_does_not() -> None:
    clock = ManualClock()
    backoff = Backoff(clock)
    backoff.next_pause()
    backoff.started()
    clock.advance(4.9)
    assert backoff.next_pause() == 0.2
