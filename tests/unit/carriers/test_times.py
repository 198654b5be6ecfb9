"""Times as carriers in China want them."""

from datetime import UTC, datetime, timedelta, timezone

from hongyan.carriers.times import ValidTime

MOMENT = datetime(2026, 11, 22, 17, 55, 18, 999_999, tzinfo=UTC)


def test_a_moment_is_written_in_chinese_time_with_its_distance_from_utc() -> None:
    assert ValidTime()(MOMENT) == "261123015518032+"


def test_the_same_moment_of_another_zone_is_written_the_same() -> None:
    assert ValidTime()(MOMENT.astimezone(timezone(-timedelta(hours=5)))) == "261123015518032+"


def test_moments_of_one_second_share_what_was_written() -> None:
    write = ValidTime()

    assert write(MOMENT) is write(MOMENT.replace(microsecond=0))
    assert write(MOMENT + timedelta(seconds=1)) == "261123015519032+"
    assert write(MOMENT) == "261123015518032+"
