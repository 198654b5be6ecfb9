"""Messages on the command line: masked unless asked otherwise, times to the millisecond."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from hongyan.cli.message_views import entry_line, entry_view_of, head_lines, took_text, view_of
from hongyan.messages.model import State
from hongyan.messages.timeline import timeline_of
from tests.unit.messages.examples import a_delivered_message, a_message, a_record, a_segment, after


@pytest.fixture
def china(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CST-8")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_numbers_and_codes_are_masked() -> None:
    view = view_of(a_message(), reveal=False)

    assert view.recipient == "138****8000"
    assert view.content == "【鸿雁】您的验证码为****，5分钟内有效"


def test_whoever_asks_sees_them_whole() -> None:
    view = view_of(a_message(), reveal=True)

    assert view.recipient == "13800138000"
    assert view.content == "【鸿雁】您的验证码为482913，5分钟内有效"


@pytest.mark.usefixtures("china")
def test_the_head_tells_what_the_message_is() -> None:
    message = a_message(state=State.IN_DOUBT, attempts=2)

    assert head_lines(view_of(message, reveal=False)) == [
        "message  6880E39FDF400000",
        "state    in_doubt 结果待定",
        "to       138****8000, mobile",
        "account  demo, key AKIDexample",
        "kind     verification, 1 segment, ¥0.045",
        "channel  cmcc-1, 2 attempts",
        "text     【鸿雁】您的验证码为****，5分钟内有效",
        "valid to 2026-11-22 22:05:00.125",
    ]


def test_a_final_head_has_its_stat_and_no_validity() -> None:
    lines = head_lines(view_of(a_delivered_message(content="a\nb", segments=2), reveal=False))

    assert lines[1] == "state    delivered 已送达 DELIVRD"
    assert lines[4] == "kind     verification, 2 segments, ¥0.045"
    assert lines[6:] == ["text     a\n         b"]


@pytest.mark.usefixtures("china")
def test_a_line_tells_when_how_long_after_and_what() -> None:
    message = a_delivered_message()
    submitted = timeline_of(a_record(message, segments=[a_segment(carrier_message_id=None)]))[3]

    assert entry_line(entry_view_of(submitted, message)) == (
        "2026-11-22 22:00:00.136      +0.011  submitted        link 2, sequence 77: result 0 accepted 正确, after 6 ms"
    )


@pytest.mark.usefixtures("china")
def test_times_and_offsets_are_rounded_alike() -> None:
    sending_at = after(12) + timedelta(microseconds=862)
    message = a_delivered_message(sending_at=sending_at)
    sending = timeline_of(a_record(message))[2]

    line = entry_line(entry_view_of(sending, message))

    assert line.startswith("2026-11-22 22:00:00.138      +0.013  sending")


def test_how_long_a_message_took_is_known_at_its_end() -> None:
    assert took_text(a_delivered_message(final_at=after(1260))) == "1.260 s"
    assert took_text(a_message()) == "-"
