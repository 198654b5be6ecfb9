"""The clocks."""

from hongyan.kit.clock import ManualClock, SystemClock


def test_time_passes_on_both_hands_of_a_manual_clock() -> None:
    clock = ManualClock(now=100.0, monotonic=5.0)

    clock.advance(2.5)

    assert (clock.now(), clock.monotonic()) == (102.5, 7.5)


def test_a_jump_moves_the_wall_clock_alone() -> None:
    clock = ManualClock(now=100.0, monotonic=5.0)

    clock.jump(-3600)

    assert (clock.now(), clock.monotonic()) == (-3500.0, 5.0)


def test_the_system_clock_is_of_this_century_and_never_goes_back() -> None:
    clock = SystemClock()

    assert clock.now() > 1_700_000_000
    assert clock.monotonic() <= clock.monotonic()
