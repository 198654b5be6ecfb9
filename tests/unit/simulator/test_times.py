"""Times as people, programs and carriers write them."""

from hongyan.simulator.times import report_stamp, time_text


def test_people_get_utc_to_the_millisecond() -> None:
    assert time_text(1_795_000_000.0015) == "2026-11-18T11:06:40.001Z"


def test_carriers_write_chinas_time_to_the_minute() -> None:
    assert report_stamp(1_795_000_000.0) == "2611181906"
    assert report_stamp(1_795_000_000.0 + 8 * 3600) == "2611190306"
