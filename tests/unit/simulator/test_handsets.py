"""Phones that are off, full, or nobody's."""

import pytest

from hongyan.simulator import handsets as handsets_module
from hongyan.simulator.handsets import Handsets, PhoneState, TooManyPhones
from hongyan.simulator.segment import Segment

from .builders import a_segment

ANNA = 8613800138000


def test_what_waited_is_delivered_when_the_phone_is_on_again() -> None:
    handsets = Handsets()
    delivered: list[Segment] = []
    first, second = a_segment("first"), a_segment("second")
    handsets.turn(ANNA, PhoneState.OFF)
    assert handsets.wait(first, delivered.append)
    assert handsets.wait(second, delivered.append)
    assert handsets.waiting(ANNA) == 2

    handsets.turn(ANNA, PhoneState.OFF)
    assert delivered == []
    handsets.turn(ANNA, PhoneState.ON)

    assert delivered == [first, second]
    assert (handsets.waiting(ANNA), handsets.all_on) == (0, True)


def test_what_was_given_up_waits_no_more() -> None:
    handsets = Handsets()
    segment = a_segment()
    handsets.wait(segment, lambda _: pytest.fail("it was given up"))

    assert handsets.give_up(segment)
    assert not handsets.give_up(segment)
    handsets.turn(ANNA, PhoneState.ON)


def test_no_more_wait_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handsets_module, "WAITING_MAX", 1)
    handsets = Handsets()

    assert handsets.wait(a_segment(), lambda _: None)
    assert not handsets.wait(a_segment(), lambda _: None)


def test_no_more_phones_are_kept_in_a_state_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handsets_module, "UNUSUAL_MAX", 1)
    handsets = Handsets()
    handsets.turn(ANNA, PhoneState.FULL)
    handsets.turn(ANNA, PhoneState.EMPTY)

    with pytest.raises(TooManyPhones):
        handsets.turn(ANNA + 1, PhoneState.OFF)
    handsets.turn(ANNA + 1, PhoneState.ON)
    assert (handsets.state(ANNA), handsets.state(ANNA + 1)) == (PhoneState.EMPTY, PhoneState.ON)
