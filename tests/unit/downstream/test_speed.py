"""The bucket of a login's speed."""

from hypothesis import given
from hypothesis import strategies as st

from hongyan.downstream.speed import SpeedLimit
from hongyan.kit.clock import ManualClock


def test_a_second_holds_what_the_speed_says() -> None:
    clock = ManualClock()
    speed = SpeedLimit(3, clock)
    assert [speed.take(1) for _ in range(5)] == [True, True, True, False, False]
    clock.advance(1 / 3)
    assert [speed.take(1) for _ in range(2)] == [True, False]


def test_one_submit_to_more_numbers_than_a_second_holds_goes_when_the_bucket_is_full() -> None:
    clock = ManualClock()
    speed = SpeedLimit(10, clock)
    assert speed.take(50)
    assert not speed.take(1)
    clock.advance(4.0)
    assert not speed.take(1)
    clock.advance(1.0)
    assert speed.take(1)


@given(st.lists(st.tuples(st.floats(0, 0.5), st.integers(1, 5)), max_size=100), st.integers(5, 50))
def test_no_stretch_of_time_lets_through_more_than_its_share_and_one_bucket(
    steps: list[tuple[float, int]], per_second: int
) -> None:
    clock = ManualClock()
    speed = SpeedLimit(per_second, clock)
    started, taken = clock.monotonic(), 0
    for pause, count in steps:
        clock.advance(pause)
        taken += count if speed.take(count) else 0
        assert taken <= per_second * (clock.monotonic() - started) + per_second + 1e-6
