"""How fast a channel may send."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hongyan.kit.clock import ManualClock
from hongyan.link.pacing import Pacer


def send_for(pacer: Pacer, clock: ManualClock, seconds: float, *, late: Callable[[int], float]) -> list[float]:
    """Send all that is allowed, waking `late(n)` seconds after the n-th time asked for; returns when each went."""
    end = clock.monotonic() + seconds
    sent: list[float] = []
    wakes = 0
    while clock.monotonic() < end:
        now = clock.monotonic()
        count = pacer.available(now)
        pacer.take(count)
        sent += [now] * count
        wakes += 1
        clock.advance(max(0.0, pacer.next_at() - now) + late(wakes))
    return sent


def most_within(sent: list[float], seconds: float) -> int:
    """Return the largest number of messages in any span of that length."""
    most = start = 0
    for stop, at in enumerate(sent):
        while at - sent[start] >= seconds - 1e-9:
            start += 1
        most = max(most, stop - start + 1)
    return most


@pytest.mark.parametrize("rate,share_max", [(10, 1), (50, 5), (95, 10), (100, 11), (1000, 110), (5000, 550)])
def test_no_100_milliseconds_carry_more_than_a_tenth_above_their_share(rate: int, share_max: int) -> None:
    clock = ManualClock()
    pacer = Pacer(rate, clock)

    sent = send_for(pacer, clock, 10.0, late=lambda _: 0.0)

    assert most_within(sent, 0.1) <= share_max
    assert len(sent) == pytest.approx(rate * 10, rel=0.01, abs=2)


@pytest.mark.parametrize("rate", [10, 100, 1000, 5000])
def test_timers_that_fire_late_cost_no_speed(rate: int) -> None:
    clock = ManualClock()
    pacer = Pacer(rate, clock)

    sent = send_for(pacer, clock, 10.0, late=lambda wake: 0.002 * (wake % 3))

    assert len(sent) == pytest.approx(rate * 10, rel=0.01, abs=2)


def test_an_idle_time_is_not_made_up_for() -> None:
    clock = ManualClock()
    pacer = Pacer(100, clock)
    clock.advance(3600)

    assert pacer.available(clock.monotonic()) == 2

    pacer.take(2)
    assert pacer.available(clock.monotonic()) == 0
    assert pacer.next_at() == pytest.approx(clock.monotonic() + 0.01)


def test_slower_than_ten_a_second_is_one_at_a_time() -> None:
    clock = ManualClock()
    pacer = Pacer(0.5, clock)
    pacer.take(pacer.available(clock.monotonic()))

    assert pacer.available(clock.monotonic() + 1.9) == 0
    assert pacer.available(clock.monotonic() + 2.0) == 1


def test_a_new_speed_holds_at_once() -> None:
    clock = ManualClock()
    pacer = Pacer(1, clock)
    assert send_for(pacer, clock, 2.0, late=lambda _: 0.0) != []

    pacer.rate_per_second = 1000
    assert pacer.rate_per_second == 1000

    assert len(send_for(pacer, clock, 1.0, late=lambda _: 0.0)) == pytest.approx(1000, abs=20)


def test_what_is_asked_for_at_next_at_is_there() -> None:
    clock = ManualClock()
    pacer = Pacer(37, clock)
    for _ in range(500):
        pacer.take(pacer.available(clock.monotonic()))
        clock.advance(max(0.0, pacer.next_at() - clock.monotonic()))
        assert pacer.available(clock.monotonic()) >= 1


@given(rate=st.floats(1, 20_000), lates=st.lists(st.floats(0, 0.2), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_whatever_the_timers_do_neither_rule_is_broken(rate: float, lates: list[float]) -> None:
    clock = ManualClock()
    pacer = Pacer(rate, clock)

    sent = send_for(pacer, clock, 1.0, late=lambda wake: lates[wake % len(lates)])

    assert most_within(sent, 0.1) <= max(rate * 0.11, rate * 0.1 + 1) + 0.01
    assert len(sent) <= rate * (sent[-1] - sent[0] + 0.01) + 1.01


@pytest.mark.parametrize("rate", [15, 50, 95, 370])
def test_who_asks_all_the_time_gets_no_more(rate: int) -> None:
    clock = ManualClock()
    pacer = Pacer(rate, clock)
    sent: list[float] = []
    for _ in range(3000):
        count = pacer.available(clock.monotonic())
        pacer.take(count)
        sent += [clock.monotonic()] * count
        clock.advance(0.001)

    assert most_within(sent, 0.1) <= max(rate * 0.11, rate * 0.1 + 1)
    assert most_within(sent, 0.1) * 10 <= max(rate * 1.1, 20)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_speed_is_above_0(rate: float) -> None:
    with pytest.raises(ValueError, match="a speed is above 0"):
        Pacer(rate, ManualClock())


def test_taking_nothing_changes_nothing() -> None:
    clock = ManualClock()
    pacer = Pacer(10, clock)

    pacer.take(0)

    assert pacer.available(clock.monotonic()) == 1
