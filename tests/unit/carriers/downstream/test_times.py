"""Times of the wire."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.carriers.downstream.times import read_time, report_digits


@pytest.mark.parametrize(
    "written, moment",
    [
        ("261122120005032+", datetime(2026, 11, 22, 4, 0, 5, tzinfo=UTC)),
        ("261122120005000+", datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)),
        ("261122120005020-", datetime(2026, 11, 22, 17, 0, 5, tzinfo=UTC)),
        ("261122120005", datetime(2026, 11, 22, 4, 0, 5, tzinfo=UTC)),
        ("000001020304000R", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("", None),
        ("   ", None),
        ("0000000000000000", None),
    ],
)
def test_a_time_is_read(written: str, moment: datetime | timedelta | None) -> None:
    assert read_time(written) == moment


@pytest.mark.parametrize(
    "written", ["tomorrow", "261322120005032+", "261122120005032*", "26112212000503+", "２６１１２２１２０００５"]
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part is wrong
        read_time(written)


@given(st.text(max_size=18))
def test_nothing_that_is_written_raises_anything_else(written: str) -> None:
    with contextlib.suppress(ValueError):
        read_time(written)


def test_a_report_tells_chinese_time() -> None:
    assert report_digits(datetime(2026, 11, 22, 16, 30, tzinfo=UTC)) == "2611230030"
