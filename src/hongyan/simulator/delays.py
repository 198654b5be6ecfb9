"""Times drawn anew for each text: how long a carrier takes, as a distribution rather than one number."""

from itertools import pairwise
from math import exp, log
from random import Random
from statistics import NormalDist
from typing import Annotated, Final

import msgspec
from msgspec import Meta

DELAY_SECONDS_MAX: Final = 7 * 86_400.0
"""A week: reports of real gateways come as late as four days."""

Seconds = Annotated[float, Meta(ge=0, le=DELAY_SECONDS_MAX)]
Positive = Annotated[float, Meta(gt=0, le=DELAY_SECONDS_MAX)]

_P99: Final = NormalDist().inv_cdf(0.99)


class _Delay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """A distribution of times; what it draws is cut to 0 and a week."""

    def draw(self, random: Random) -> float:
        """Return one time in seconds."""
        raise NotImplementedError


class Fixed(_Delay, frozen=True, tag="fixed"):
    """Always the same."""

    seconds: Seconds

    def draw(self, random: Random) -> float:
        """Return it."""
        del random
        return self.seconds


class Uniform(_Delay, frozen=True, tag="uniform"):
    """Every time between the two ends equally likely."""

    max_seconds: Seconds
    min_seconds: Seconds = 0.0

    def __post_init__(self) -> None:
        if self.min_seconds > self.max_seconds:
            raise ValueError(f"min_seconds {self.min_seconds} is above max_seconds {self.max_seconds}")

    def draw(self, random: Random) -> float:
        """Return one time in seconds."""
        return random.uniform(self.min_seconds, self.max_seconds)


class Normal(_Delay, frozen=True, tag="normal"):
    """Around a mean; never below 0."""

    mean_seconds: Seconds
    deviation_seconds: Seconds

    def draw(self, random: Random) -> float:
        """Return one time in seconds."""
        return min(max(0.0, random.gauss(self.mean_seconds, self.deviation_seconds)), DELAY_SECONDS_MAX)


class LogNormal(_Delay, frozen=True, tag="lognormal"):
    """A long tail: half are below the median, one in a hundred above the 99th percentile."""

    median_seconds: Positive
    p99_seconds: Positive

    def __post_init__(self) -> None:
        if self.p99_seconds < self.median_seconds:
            raise ValueError(f"p99_seconds {self.p99_seconds} is below median_seconds {self.median_seconds}")

    def draw(self, random: Random) -> float:
        """Return one time in seconds."""
        sigma = log(self.p99_seconds / self.median_seconds) / _P99
        return min(exp(random.gauss(log(self.median_seconds), sigma)), DELAY_SECONDS_MAX)


class Percentiles(_Delay, frozen=True, tag="percentiles"):
    """What was measured somewhere: pairs of percentile and seconds, straight lines between them.

    Below the first percentile its time holds, above the last one the last.
    """

    points: Annotated[
        tuple[tuple[Annotated[float, Meta(ge=0, le=100)], Seconds], ...], Meta(min_length=1, max_length=100)
    ]

    def __post_init__(self) -> None:
        for (one, early), (other, late) in pairwise(self.points):
            if one >= other or early > late:
                raise ValueError("points rise, in percentiles and in seconds")

    def draw(self, random: Random) -> float:
        """Return one time in seconds."""
        at = random.random() * 100
        first, seconds = self.points[0]
        if at <= first:
            return seconds
        for (low, early), (high, late) in pairwise(self.points):
            if at <= high:
                return early + (late - early) * (at - low) / (high - low)
        return self.points[-1][1]


Delay = Fixed | Uniform | Normal | LogNormal | Percentiles
