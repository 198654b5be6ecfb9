"""What the last digits of a number make a carrier do."""

from pathlib import Path
from random import Random

import pytest

from hongyan.simulator.behaviour import BEHAVIOURS, Refusal, Span, behaviour_of, behaviour_table
from hongyan.simulator.outcome import Outcome


@pytest.mark.parametrize(
    "number, name",
    [
        (8613800138000, "delivered"),
        (8613800000001, "delivered"),
        (8613800139000, "delivered"),
        (8613800139001, "undelivered"),
        (8613800139002, "rejected"),
        (8613800139003, "no_report"),
        (8613800139004, "report_first"),
        (8613800139005, "double_report"),
        (8613800139006, "slow"),
        (8613800139007, "busy"),
        (8613800139008, "delivered"),
        (447700909001, "undelivered"),
    ],
)
def test_the_last_four_digits_choose_the_behaviour(number: int, name: str) -> None:
    assert behaviour_of(number).name == name


def test_only_numbers_that_are_delivered_to_ring() -> None:
    silent = [behaviour.name for behaviour in BEHAVIOURS if behaviour.outcome is not Outcome.DELIVERED]

    assert silent == ["undelivered"]
    assert behaviour_of(8613800139002).refusal is Refusal.BAD_NUMBER


def test_endings_and_names_are_unique() -> None:
    assert len({behaviour.ending for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)
    assert len({behaviour.name for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)


def test_delays_lie_within_their_span_and_repeat_with_the_seed() -> None:
    span = Span(min_seconds=0.05, max_seconds=0.4)
    chance, again = Random(7), Random(7)

    delays = [span.draw(chance) for _ in range(1000)]

    assert min(delays) >= 0.05
    assert max(delays) <= 0.4
    assert max(delays) - min(delays) > 0.3
    assert delays == [span.draw(again) for _ in range(1000)]


@pytest.mark.parametrize("low, high", [(-0.1, 0.4), (0.5, 0.4)])
def test_a_span_that_runs_backwards_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="upwards"):
        Span(min_seconds=low, max_seconds=high)


def test_the_table_has_a_row_for_each_behaviour() -> None:
    rows = behaviour_table().splitlines()

    assert rows[2].startswith("| any other | `delivered` |")
    assert rows[4].startswith("| 9002 | `rejected` |")
    assert len(rows) == 2 + len(BEHAVIOURS)


def test_the_documentation_has_the_table_as_it_is() -> None:
    page = Path(__file__).parents[3] / "docs" / "simulator.md"

    assert behaviour_table() in page.read_text(encoding="utf-8")
