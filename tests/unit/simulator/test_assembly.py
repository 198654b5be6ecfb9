"""Long texts put together from parts in any order."""

from hongyan.simulator.assembly import Assembler

from .builders import a_part, a_segment


def test_a_short_text_is_whole_at_once() -> None:
    segment = a_segment("hi")

    assert Assembler().add(segment, now=0.0) == [segment]


def test_parts_come_together_in_any_order() -> None:
    assembler = Assembler()
    first, second, third = (a_part(number, 3, str(number)) for number in (1, 2, 3))

    assert assembler.add(third, now=0.0) is None
    assert assembler.add(first, now=0.1) is None
    assert assembler.add(second, now=0.2) == [first, second, third]


def test_a_part_that_comes_twice_is_left_out_and_counted() -> None:
    assembler = Assembler()
    first, again, second = a_part(1, 2, "a"), a_part(1, 2, "A"), a_part(2, 2, "b")

    assembler.add(first, now=0.0)

    assert assembler.add(again, now=0.1) is None
    assert assembler.add(second, now=0.2) == [first, second]
    assert assembler.doubled == 1


def test_texts_of_different_phones_senders_and_references_do_not_mix() -> None:
    assembler = Assembler()
    assembler.add(a_part(1, 2, "a"), now=0.0)

    assert assembler.add(a_part(2, 2, "b", number=8613800138001), now=0.0) is None
    assert assembler.add(a_part(2, 2, "b", sender="10655"), now=0.0) is None
    assert assembler.add(a_part(2, 2, "b", reference=8), now=0.0) is None
    assert assembler.add(a_part(2, 2, "b", login="910009"), now=0.0) is None


def test_a_reference_can_be_used_again_once_its_text_is_whole() -> None:
    assembler = Assembler()
    for number in (1, 2):
        assembler.add(a_part(number, 2, "x"), now=0.0)
    first, second = a_part(1, 2, "y"), a_part(2, 2, "z")

    assert assembler.add(first, now=1.0) is None
    assert assembler.add(second, now=1.0) == [first, second]


def test_a_text_whose_parts_do_not_come_is_given_up_as_it_is() -> None:
    assembler = Assembler(wait_seconds=300.0)
    third, first = a_part(3, 3, "c"), a_part(1, 3, "a")
    assembler.add(third, now=100.0)
    assembler.add(first, now=350.0)

    assert assembler.give_up(now=399.0) == []
    assert assembler.give_up(now=400.0) == [[first, third]]
    assert assembler.give_up(now=1000.0) == []


def test_no_more_unfinished_texts_are_kept_than_allowed() -> None:
    assembler = Assembler(partial_texts_max=2)
    parts = [a_part(1, 2, "a", reference=reference) for reference in range(3)]
    for part in parts:
        assembler.add(part, now=0.0)

    assert assembler.is_full
    assert assembler.give_up(now=0.0) == [[parts[0]]]
    assert not assembler.is_full
