"""Times as people, programs and carriers write them."""

import pytest

from hongyan.simulator.times import expiry, report_stamp, time_text


def test_people_get_utc_to_the_millisecond() -> None:
    assert time_text(1_795_000_000.0015) == "2026-11-18T11:06:40.001Z"


def test_carriers_write_chinas_time_to_the_minute() -> None:
    assert report_stamp(1_795_000_000.0) == "2611181906"
    assert report_stamp(1_795_000_000.0 + 8 * 3600) == "2611190306"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("261122081300000+", 1795335180.0),
        ("261122161300032+", 1795335180.0),
        ("261122031300020-", 1795335180.0),
        ("000000000500000R", 1300.0),
        ("000002000000000R", 1000.0 + 2 * 86_400),
        ("", None),
        ("261322081300000+", None),
        ("261122081300000", None),
        ("26112208130000x+", None),
        ("261122081300099+", None),
    ],
)
def test_a_text_says_when_it_is_too_late(text: str, expected: float | None) -> None:
    assert expiry(text, 1000.0) == expected
