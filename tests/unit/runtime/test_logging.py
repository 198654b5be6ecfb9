"""What logs may hold: no number, text or key leaves whole."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hongyan.runtime.logging import configure_logging, masked, masked_number
from hongyan.runtime.settings import LogSettings


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Logging into a text, and back to what it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logging(LogSettings(format="json", level="debug"), role="api", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    "name, value, shown",
    [
        ("recipient", 8613800138000, "86138****8000"),
        ("mobile", "13800138000", "138****8000"),
        ("mobile", "123", "123"),
        ("mobiles", ["13800138000", "+8613912345678"], ["138****8000", "+86139****5678"]),
        ("content", "【鸿雁】您的验证码是385216", "<16 characters>"),
        ("code", "385216", "<6 characters>"),
        ("code", 385216, "***"),
        ("secret_key", "abc", "***"),
        ("authorization", "hmac id=…", "***"),
        ("detail", {"recipient": "13800138000", "links": 2}, {"recipient": "138****8000", "links": 2}),
        ("reason", "bad number 13800138000!", "bad number 138****8000!"),
        ("mid", "68810586A3C00000", "68810586A3C00000"),
        ("mid", "13800138000ABCDE", "13800138000ABCDE"),
        ("milliseconds", 1795364883413, 1795364883413),
        ("frame", b"\x00\x01", "<2 bytes>"),
    ],
)
def test_a_field_is_shown_as_its_name_and_form_allow(name: str, value: object, shown: object) -> None:
    assert masked(name, value) == shown


@pytest.mark.parametrize(
    "number, shown", [("13800138000", "138****8000"), ("8613800138000", "86138****8000"), ("138", "****")]
)
def test_of_a_number_the_end_stays_recognisable(number: str, shown: str) -> None:
    assert masked_number(number) == shown


def test_a_line_begins_with_what_people_look_for(log: io.StringIO) -> None:
    structlog.get_logger().info("link.bound", channel="mobile", recipient="13800138000")
    (line,) = lines(log)
    assert list(line) == ["timestamp", "level", "role", "event", "channel", "recipient"]
    assert (line["role"], line["event"], line["recipient"]) == ("api", "link.bound", "138****8000")


def test_what_libraries_say_is_masked_too(log: io.StringIO) -> None:
    logging.getLogger("some.library").warning("cannot parse %s", "13800138000")
    (line,) = lines(log)
    assert line["event"] == "cannot parse 138****8000"


def test_a_traceback_is_masked(log: io.StringIO) -> None:
    try:
        int("number 13800138000")
    except ValueError:
        structlog.get_logger().exception("intake.failed")
    assert "13800138000" not in log.getvalue()
    assert "138****8000" in str(lines(log)[0]["exception"])


def test_below_its_level_nothing_is_logged() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging(LogSettings(format="json", level="warning"), role="api", stream=stream)
    structlog.get_logger().info("link.bound")
    logging.getLogger("some.library").info("hello")
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    assert stream.getvalue() == ""
