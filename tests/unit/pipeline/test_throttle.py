"""A channel's speed while its carrier asks for less."""

import pytest

from hongyan.kit.clock import ManualClock
from hongyan.link.pacing import Pacer
from hongyan.pipeline.throttle import HOLD_SECONDS, Throttle, offer_again_after


def slowed(throttle: Throttle, at: float, *, times: int = 1) -> float:
    """Refuse something each time the hold is over, and return when the last refusal came."""
    for _ in range(times):
        assert throttle.slow_down(at, sent_at=at)
        at += HOLD_SECONDS
    return at - HOLD_SECONDS


def test_a_channel_that_nobody_complains_of_has_its_whole_speed() -> None:
    throttle = Throttle(100)

    assert throttle.rate(0) == throttle.rate(1e9) == 100
    assert not throttle.is_reduced(0)


def test_a_complaint_takes_three_tenths_off_at_once() -> None:
    throttle = Throttle(100)

    assert throttle.slow_down(10, sent_at=9.9)
    assert throttle.rate(10) == pytest.approx(70)
    assert throttle.is_reduced(10)


def test_what_was_on_the_wire_already_is_one_complaint() -> None:
    throttle = Throttle(100)
    throttle.slow_down(10, sent_at=9.9)

    assert not throttle.slow_down(10.2, sent_at=9.95)
    assert not throttle.slow_down(12, sent_at=9.99)
    assert throttle.rate(11) == pytest.approx(70)


def test_a_complaint_within_the_hold_changes_nothing_and_one_after_it_does() -> None:
    throttle = Throttle(100)
    throttle.slow_down(10, sent_at=10)

    assert not throttle.slow_down(10.99, sent_at=10.5)
    assert throttle.slow_down(11, sent_at=10.5)
    assert throttle.rate(11) == pytest.approx(49)


def test_speed_comes_back_by_two_hundredths_a_second_after_the_hold() -> None:
    throttle = Throttle(100)
    throttle.slow_down(10, sent_at=10)

    assert [throttle.rate(at) for at in (11, 12, 13, 25.5)] == pytest.approx([70, 72, 74, 99])


def test_speed_never_grows_beyond_what_was_agreed() -> None:
    throttle = Throttle(100)
    throttle.slow_down(10, sent_at=10)

    assert throttle.rate(26) == throttle.rate(10_000) == 100
    assert not throttle.is_reduced(26)


@pytest.mark.parametrize("speed, floor", [(10_000, 100), (100, 1), (3, 1), (1, 1), (0.5, 0.5)])
def test_speed_never_falls_below_the_floor(speed: float, floor: float) -> None:
    throttle = Throttle(speed)
    at = slowed(throttle, 10, times=30)

    assert throttle.rate(at) == pytest.approx(floor)


def test_from_the_floor_to_the_top_takes_fifty_seconds() -> None:
    throttle = Throttle(1000)
    at = slowed(throttle, 10, times=30)

    assert throttle.is_reduced(at + HOLD_SECONDS + 49)
    assert not throttle.is_reduced(at + HOLD_SECONDS + 50)


def test_a_lower_speed_holds_at_once_and_a_higher_one_is_climbed_to() -> None:
    throttle = Throttle(100)
    throttle.slow_down(10, sent_at=10)
    throttle.speed_per_second = 50
    assert throttle.rate(10) == 50

    throttle.speed_per_second = 200
    assert throttle.rate(11) == 50
    assert throttle.rate(12) == 54


def test_a_changed_speed_is_whole_when_nothing_is_held_back() -> None:
    throttle = Throttle(100)
    throttle.speed_per_second = 200
    assert throttle.rate(0) == 200

    throttle.speed_per_second = 20
    assert throttle.rate(0) == 20


def test_a_carrier_that_takes_sixty_a_second_gets_most_of_them_and_little_more() -> None:
    clock = ManualClock()
    throttle, pacer = Throttle(100), Pacer(100, clock)
    quota, taken_by_second = 60, [0] * 120
    refused = 0
    start = clock.monotonic()
    for _ in range(120 * 100):
        now = clock.monotonic()
        pacer.rate_per_second = throttle.rate(now)
        for _ in range(pacer.available(now)):
            pacer.take(1)
            second = int(now - start)
            if taken_by_second[second] < quota:
                taken_by_second[second] += 1
            else:
                refused += 1
                throttle.slow_down(now, sent_at=now)
        clock.advance(0.01)

    taken = sum(taken_by_second)
    assert taken > 0.8 * quota * 120
    assert refused < 0.05 * taken


def test_a_segment_is_offered_again_after_pauses_that_double() -> None:
    assert [offer_again_after(tries) for tries in (1, 2, 3, 4, 5, 1000)] == [1, 2, 4, 8, 8, 8]
