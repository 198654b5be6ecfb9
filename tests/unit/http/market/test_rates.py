"""Counting requests."""

from hongyan.http.market.rates import RateLimits, RateMeter


def test_what_is_left_goes_down_for_all_and_for_each_key() -> None:
    meter = RateMeter(RateLimits(service_per_second=3, key_per_second=2))

    assert [meter.take(1, 70), meter.take(1, 70), meter.take(1, 71), meter.take(1, 71)] == [
        (2, 1),
        (1, 0),
        (0, 1),
        (-1, 0),
    ]
    assert meter.take(1, 70) == (-1, -1)
    assert meter.left(1) == 0


def test_a_new_second_starts_afresh() -> None:
    meter = RateMeter(RateLimits(service_per_second=1, key_per_second=1))

    assert meter.take(1, 70) == (0, 0)
    assert meter.take(2, 70) == (0, 0)
    assert meter.left(3) == 1
