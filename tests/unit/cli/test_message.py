"""`hongyan message`: how people write numbers, states and times."""

from datetime import UTC, datetime, timedelta

import pytest
import typer

from hongyan.cli.message import moment_of, recipient_of, shortened, state_of
from hongyan.messages.model import State

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize("written", ["13800138000", "+8613800138000", "008613800138000"])
def test_a_number_is_written_in_any_of_its_forms(written: str) -> None:
    assert recipient_of(written) == 8613800138000


def test_what_is_no_number_is_wrong_usage() -> None:
    with pytest.raises(typer.BadParameter, match="1234 is not a number"):
        recipient_of("1234")


@pytest.mark.parametrize("written", ["in_doubt", "IN_DOUBT", "in-doubt", " in_doubt "])
def test_a_state_is_written_as_people_do(written: str) -> None:
    assert state_of(written) is State.IN_DOUBT


def test_an_unknown_state_is_answered_with_those_there_are() -> None:
    with pytest.raises(typer.BadParameter, match="accepted, sending, submitted, in_doubt, delivered"):
        state_of("sent")


@pytest.mark.parametrize(
    "written, ago",
    [("30min", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("7d", timedelta(days=7))],
)
def test_a_time_is_so_long_ago(written: str, ago: timedelta) -> None:
    assert moment_of(written, NOW, option="--since") == NOW - ago


@pytest.mark.parametrize(
    "written, moment",
    [
        ("2026-11-22T14:00:00+08:00", datetime(2026, 11, 22, 6, 0, tzinfo=UTC)),
        ("2026-11-22T14:00Z", datetime(2026, 11, 22, 14, 0, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22).astimezone(UTC)),
    ],
)
def test_a_time_is_a_date_with_or_without_an_hour(written: str, moment: datetime) -> None:
    assert moment_of(written, NOW, option="--since") == moment


@pytest.mark.parametrize("written", ["yesterday", "", "30", "2026-13-01", "99999999999d", "0001-01-01T00:00"])
def test_what_is_no_time_is_wrong_usage(written: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a time"):
        moment_of(written, NOW, option="--since")


def test_a_text_is_shortened_to_one_line() -> None:
    assert shortened("a\n b") == "a b"
    assert shortened("x" * 41) == "x" * 39 + "…"
