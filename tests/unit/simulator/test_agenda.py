"""Many things due at their own times, on one timer."""

from hongyan.simulator.agenda import Agenda


def _nothing(_: object) -> None:
    """Stand for an action; the tests only look at what is due."""


def _subjects(agenda: Agenda, now: float) -> list[object]:
    return [subject for _, subject in agenda.take_due(now)]


def test_nothing_is_early_and_nothing_later_than_a_tick() -> None:
    agenda = Agenda(tick_seconds=0.005)
    agenda.add(10.0021, _nothing, "a")

    assert _subjects(agenda, 10.0021) == []
    assert agenda.next_at() == 10.005
    assert _subjects(agenda, 10.0071) == ["a"]
    assert agenda.next_at() is None


def test_what_is_due_comes_in_the_order_of_ticks() -> None:
    agenda = Agenda(tick_seconds=0.005)
    agenda.add(10.4, _nothing, "third")
    agenda.add(10.1, _nothing, "first")
    agenda.add(10.1, _nothing, "second")
    agenda.add(20.0, _nothing, "much later")

    assert _subjects(agenda, 10.5) == ["first", "second", "third"]
    assert len(agenda) == 1


def test_what_is_already_due_comes_with_the_next_tick() -> None:
    agenda = Agenda(tick_seconds=0.005)
    agenda.add(10.0, _nothing, "now")

    due = agenda.next_at()

    assert due is not None
    assert 10.0 < due <= 10.005
    assert _subjects(agenda, due) == ["now"]
