"""Input checked field by field."""

import pytest

from hongyan.kit.fields import FieldChecks, FieldProblem, InvalidFields, is_plain_text


def checked(name: str, port: int, host: str) -> FieldChecks:
    checks = FieldChecks()
    checks.expect(name != "", "name", "Give a name.")
    checks.expect(port > 0, "port", "Give 1 to 65535.")
    checks.expect(host != "", "host", "Give a host.")
    return checks


def test_everything_that_is_wrong_is_raised_at_once() -> None:
    with pytest.raises(InvalidFields) as caught:
        checked("demo", 0, "").raise_as(InvalidFields)

    assert caught.value.problems == (FieldProblem("port", "Give 1 to 65535."), FieldProblem("host", "Give a host."))
    assert caught.value.message == "port: Give 1 to 65535. host: Give a host."


def test_nothing_is_raised_when_nothing_is_wrong() -> None:
    checked("demo", 1, "here").raise_as(InvalidFields)


@pytest.mark.parametrize("text", ["", "鸿雁", "two\nlines", "全角　空格", "😀", "é\u00a0"])
def test_characters_and_line_breaks_are_plain_text(text: str) -> None:
    assert is_plain_text(text)


@pytest.mark.parametrize("text", ["a\x00", "\t", "\r", "\x1b[31m", "\x7f", "\x85", "\ud83d"])
def test_control_characters_and_half_characters_are_not(text: str) -> None:
    assert not is_plain_text(text)
