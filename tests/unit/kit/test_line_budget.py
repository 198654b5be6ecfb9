"""How many lines a flood may write."""

from hongyan.kit.clock import ManualClock
from hongyan.kit.line_budget import LineBudget


def test_a_span_has_so_many_lines_and_the_next_as_many_again() -> None:
    clock = ManualClock()
    budget = LineBudget(clock, lines_max=2, span_seconds=10.0)

    assert [budget.allows() for _ in range(4)] == [True, True, False, False]
    clock.advance(9.9)
    assert not budget.allows()
    clock.advance(0.1)
    assert budget.allows()


def test_what_was_left_out_is_told_once() -> None:
    budget = LineBudget(ManualClock(), lines_max=0)
    budget.allows()
    budget.allows()

    assert (budget.take_left_out(), budget.take_left_out()) == (2, 0)
