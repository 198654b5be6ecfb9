"""What commands print: aligned for people, whole for programs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import IntEnum, StrEnum

import msgspec
import pytest

from hongyan.cli.console import as_text, say, show, show_table
from hongyan.cli.context import CommonOptions, common_options


class Fruit(msgspec.Struct):
    """Something to show."""

    name: str
    weight: int | None


class Colour(StrEnum):
    """A word."""

    RED = "red"


class Number(IntEnum):
    """A number of the tables."""

    ONE = 1


FRUITS = [Fruit("苹果", 150), Fruit("fig", None)]


@pytest.fixture
def as_json() -> Iterator[None]:
    """As if --json was given."""
    token = common_options.set(CommonOptions(as_json=True))
    yield
    common_options.reset(token)


def test_a_table_is_aligned_by_what_a_terminal_shows(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(FRUITS, {"name": lambda fruit: fruit.name, "weight": lambda fruit: fruit.weight})
    assert capsys.readouterr().out == "NAME  WEIGHT\n苹果  150\nfig   -\n"


def test_an_empty_table_says_so_aside(capsys: pytest.CaptureFixture[str]) -> None:
    show_table([], {"name": lambda _: ""}, empty="no fruit")
    assert capsys.readouterr() == ("", "no fruit\n")


def test_an_item_is_a_field_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show(FRUITS[0], {"name": lambda fruit: fruit.name, "weight in g": lambda fruit: fruit.weight})
    assert capsys.readouterr().out == "name         苹果\nweight in g  150\n"


@pytest.mark.usefixtures("as_json")
def test_programs_get_everything_and_no_notes(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(FRUITS, {"name": lambda fruit: fruit.name})
    say("a note")
    printed = capsys.readouterr()
    assert json.loads(printed.out) == [{"name": "苹果", "weight": 150}, {"name": "fig", "weight": None}]
    assert printed.err == ""


@pytest.mark.parametrize(
    "value, text",
    [
        (None, "-"),
        ("", "-"),
        ((), "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (Colour.RED, "red"),
        (Number.ONE, "one"),
        ([1, 2], "1, 2"),
    ],
)
def test_values_are_told_as_people_do(value: object, text: str) -> None:
    assert as_text(value) == text


def test_a_time_is_told_in_this_machines_zone() -> None:
    moment = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)
    assert as_text(moment) == f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
