"""Distributions of times."""

from random import Random
from statistics import mean, median, quantiles
from typing import Any

import msgspec
import pytest

from hongyan.simulator.delays import DELAY_SECONDS_MAX, Delay, Fixed, LogNormal, Normal, Percentiles, Uniform


def draws(delay: Delay, count: int = 4000) -> list[float]:
    chance = Random(7)
    return [delay.draw(chance) for _ in range(count)]


def test_a_fixed_time_is_always_the_same() -> None:
    assert set(draws(Fixed(seconds=0.2))) == {0.2}


def test_a_uniform_time_lies_between_its_ends() -> None:
    drawn = draws(Uniform(min_seconds=1, max_seconds=3))

    assert 1 <= min(drawn) < 1.1
    assert 2.9 < max(drawn) <= 3


def test_a_normal_time_is_around_its_mean_and_never_below_zero() -> None:
    drawn = draws(Normal(mean_seconds=1, deviation_seconds=1))

    assert mean(drawn) == pytest.approx(1.08, abs=0.1)
    assert min(drawn) == 0


def test_a_long_tail_has_the_median_and_the_percentile_it_is_told() -> None:
    drawn = draws(LogNormal(median_seconds=0.04, p99_seconds=1.5))

    assert median(drawn) == pytest.approx(0.04, rel=0.1)
    assert quantiles(drawn, n=100)[98] == pytest.approx(1.5, rel=0.3)


def test_what_was_measured_is_drawn_again() -> None:
    drawn = draws(Percentiles(points=((10, 0.5), (50, 1.0), (90, 4.0), (99, 60.0))))

    assert min(drawn) == 0.5
    assert max(drawn) == 60.0
    assert median(drawn) == pytest.approx(1.0, rel=0.1)
    assert quantiles(drawn, n=10)[8] == pytest.approx(4.0, rel=0.2)


def test_nothing_takes_longer_than_a_week() -> None:
    assert max(draws(LogNormal(median_seconds=DELAY_SECONDS_MAX, p99_seconds=DELAY_SECONDS_MAX))) <= DELAY_SECONDS_MAX
    assert max(draws(Normal(mean_seconds=DELAY_SECONDS_MAX, deviation_seconds=1000))) <= DELAY_SECONDS_MAX


@pytest.mark.parametrize(
    "data, named",
    [
        ({"kind": "fixed"}, "seconds"),
        ({"kind": "fixed", "seconds": -1}, "seconds"),
        ({"kind": "fixed", "seconds": 604_801}, "seconds"),
        ({"kind": "gamma"}, "gamma"),
        ({"seconds": 1}, "kind"),
        ({"kind": "uniform", "min_seconds": 2, "max_seconds": 1}, "above max_seconds"),
        ({"kind": "lognormal", "median_seconds": 2, "p99_seconds": 1}, "below median_seconds"),
        ({"kind": "lognormal", "median_seconds": 0, "p99_seconds": 1}, "median_seconds"),
        ({"kind": "percentiles", "points": []}, "points"),
        ({"kind": "percentiles", "points": [[50, 1], [50, 2]]}, "rise"),
        ({"kind": "percentiles", "points": [[50, 2], [90, 1]]}, "rise"),
        ({"kind": "percentiles", "points": [[101, 2]]}, "points"),
        ({"kind": "normal", "mean_seconds": 1, "deviation": 1}, "deviation"),
    ],
)
def test_a_time_that_is_none_is_refused_by_name(data: dict[str, Any], named: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=named):
        msgspec.convert(data, Delay)
