"""Moments and spans as sixteen characters."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.smpp.times import absolute_time, moment_of, relative_time

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def test_a_moment_is_written_in_utc_whatever_its_zone() -> None:
    china = timezone(timedelta(hours=8))

    assert absolute_time(datetime(2026, 11, 22, 21, 55, 18, 370_000, tzinfo=china)) == "261122135518300+"


def test_a_span_is_written_from_days_to_seconds() -> None:
    assert relative_time(timedelta(hours=1)) == "000000010000000R"
    assert relative_time(timedelta(days=3, hours=23, minutes=59, seconds=58.9)) == "000003235958000R"


def test_a_span_out_of_reach_is_cut_to_what_can_be_written() -> None:
    assert relative_time(timedelta(days=400)) == "000099000000000R"
    assert relative_time(timedelta(seconds=-1)) == "000000000000000R"


@pytest.mark.parametrize(
    "text,moment",
    [
        ("261122135518000+", datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)),
        ("261122215518032+", datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)),
        ("261122085518520-", datetime(2026, 11, 22, 13, 55, 18, 500_000, tzinfo=UTC)),
        ("000000010000000R", datetime(2026, 11, 22, 11, 0, tzinfo=UTC)),
        ("000102030405000R", datetime(2026, 12, 24, 13, 4, 5, tzinfo=UTC)),
    ],
)
def test_either_form_is_read_as_a_moment(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


def test_no_time_is_none() -> None:
    assert moment_of("", NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "261122135518000",
        "261122135518000Z",
        "26112213551800²+",
        "261322135518000+",
        "261122135518049+",
        "2026-11-22 13:55",
        "0",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_of(text, NOW)


@given(st.integers(0, 10**11).map(lambda hundredths: EPOCH + timedelta(milliseconds=10 * hundredths)))
def test_every_moment_comes_back_to_the_tenth_of_a_second(moment: datetime) -> None:
    read = moment_of(absolute_time(moment), NOW)

    assert read is not None
    assert timedelta(0) <= moment - read < timedelta(milliseconds=100)
