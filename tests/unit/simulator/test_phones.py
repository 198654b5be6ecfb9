"""Inboxes: what rings, what is kept, who is told."""

import asyncio

import pytest

from hongyan.kit.clock import ManualClock
from hongyan.simulator import phones as phones_module
from hongyan.simulator.assembly import Assembler
from hongyan.simulator.phones import Arrived, Changed, Cleared, Message, Missed, Phones, TooManyWatches

from .builders import NOW, a_part, a_segment

ANNA = 8613800138000
BERT = 8613800138001


def _texts(messages: list[Message]) -> list[str]:
    return [b"".join(part.content for part in message.segments).decode("utf-16-be") for message in messages]


def test_messages_stand_in_the_inbox_of_their_number_oldest_first() -> None:
    phones = Phones(ManualClock())
    phones.ring(a_segment("one"))
    phones.ring(a_segment("two", number=BERT))
    phones.ring(a_segment("three"))

    assert _texts(phones.messages(ANNA)) == ["one", "three"]
    assert _texts(phones.messages(BERT)) == ["two"]
    assert phones.messages(8613800138002) == []


def test_the_number_that_rang_last_comes_first() -> None:
    phones = Phones(ManualClock())
    for number in (ANNA, BERT, ANNA):
        phones.ring(a_segment(number=number))

    assert list(phones.numbers()) == [ANNA, BERT]
    assert phones.number_count() == 2
    assert len(phones) == 3


def test_ids_grow_over_all_numbers_and_from_run_to_run() -> None:
    phones = Phones(ManualClock(now=NOW))
    later = Phones(ManualClock(now=NOW + 1))
    for number in (ANNA, BERT):
        phones.ring(a_segment(number=number))
    later.ring(a_segment())

    (first,), (second,), (third,) = phones.messages(ANNA), phones.messages(BERT), later.messages(ANNA)
    assert first.message_id < second.message_id < third.message_id
    assert third.message_id < 2**53


def test_a_long_text_stands_there_once_all_its_parts_are() -> None:
    phones = Phones(ManualClock())
    phones.ring(a_part(2, 2, "world"))
    assert phones.messages(ANNA) == []

    phones.ring(a_part(1, 2, "hello "))

    (message,) = phones.messages(ANNA)
    assert message.complete
    assert _texts([message]) == ["hello world"]


def test_a_long_text_that_stays_unfinished_is_shown_as_it_is() -> None:
    clock = ManualClock()
    phones = Phones(clock, assembler=Assembler(wait_seconds=300))
    phones.ring(a_part(2, 2, "world"))
    clock.advance(301)
    phones.give_up_waiting()

    (message,) = phones.messages(ANNA)
    assert not message.complete
    assert _texts([message]) == ["world"]


def test_too_many_unfinished_texts_push_the_oldest_into_the_inbox() -> None:
    phones = Phones(ManualClock(), assembler=Assembler(partial_texts_max=1))
    phones.ring(a_part(1, 2, "first", reference=1))
    phones.ring(a_part(1, 2, "second", reference=2))

    assert _texts(phones.messages(ANNA)) == ["first"]


def test_the_oldest_messages_of_all_numbers_go_first() -> None:
    phones = Phones(ManualClock(), messages_max=3)
    phones.ring(a_segment("one"))
    phones.ring(a_segment("two", number=BERT))
    for text in ("three", "four", "five"):
        phones.ring(a_segment(text))

    assert _texts(phones.messages(ANNA)) == ["three", "four", "five"]
    assert phones.messages(BERT) == []
    assert list(phones.numbers()) == [ANNA]
    assert phones.messages_total == 5


def test_no_more_messages_are_kept_than_allowed() -> None:
    phones = Phones(ManualClock(), messages_max=1000)
    for index in range(5000):
        phones.ring(a_segment(number=8613800000000 + index % 70))

    assert 950 <= len(phones) <= 1000
    assert sum(len(phones.messages(number)) for number in phones.numbers()) == len(phones)


def test_the_first_message_after_an_id_is_found() -> None:
    phones = Phones(ManualClock())
    for text in ("one", "two", "three"):
        phones.ring(a_segment(text))
    one, two, three = phones.messages(ANNA)

    assert phones.first_after(ANNA, 0) is one
    assert phones.first_after(ANNA, one.message_id) is two
    assert phones.first_after(ANNA, three.message_id) is None
    assert phones.first_after(BERT, 0) is None


def test_deleting_a_number_leaves_the_others() -> None:
    phones = Phones(ManualClock(), messages_max=3)
    for number in (ANNA, BERT, ANNA):
        phones.ring(a_segment(number=number))

    assert phones.clear(ANNA) == 2
    assert phones.clear(ANNA) == 0
    assert list(phones.numbers()) == [BERT]
    for _ in range(5):  # eviction must not stumble over what is gone
        phones.ring(a_segment(number=BERT))
    assert len(phones) == 3


def test_deleting_all_leaves_none() -> None:
    phones = Phones(ManualClock())
    for number in (ANNA, BERT):
        phones.ring(a_segment(number=number))

    assert phones.clear() == 2
    assert list(phones.numbers()) == []
    assert len(phones) == 0


async def test_a_watch_of_a_number_hears_of_that_number_only() -> None:
    phones = Phones(ManualClock())
    with phones.watch(ANNA) as watch:
        phones.ring(a_segment("two", number=BERT))
        phones.ring(a_segment("one"))
        phones.clear(BERT)
        phones.clear(ANNA)
        changes = await watch.take()

    assert [type(change) for change in changes] == [Arrived, Cleared]
    assert isinstance(changes[0], Arrived)
    assert _texts([changes[0].message]) == ["one"]


async def test_a_watch_of_all_numbers_hears_of_every_one() -> None:
    phones = Phones(ManualClock())
    with phones.watch(None) as watch, phones.watch(ANNA) as other:
        phones.ring(a_segment(number=ANNA))
        phones.ring(a_segment(number=BERT))
        phones.clear()

        assert [type(change) for change in await watch.take()] == [Arrived, Arrived, Cleared]
        assert [type(change) for change in await other.take()] == [Arrived, Cleared]
    assert phones.watch_count == 0


async def test_a_watch_hears_when_more_is_known_of_a_message() -> None:
    phones = Phones(ManualClock())
    segment = a_segment()
    phones.ring(segment)
    phones.changed(segment)  # nobody watches: nothing to do
    with phones.watch(None) as watch:
        phones.changed(segment)
        phones.changed(a_segment())  # equal, but it never rang
        changes = await watch.take()

    assert changes == [Changed(phones.messages(ANNA)[0])]


async def test_a_reader_that_lags_behind_gets_one_missed_instead() -> None:
    phones = Phones(ManualClock())
    with phones.watch(None) as watch:
        for _ in range(phones_module.WATCH_QUEUE_MAX + 1):
            phones.ring(a_segment())

        assert await watch.take() == [Missed()]


async def test_a_reader_that_waits_wakes_with_the_message() -> None:
    phones = Phones(ManualClock())
    with phones.watch(ANNA) as watch:
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(watch.take())
            await asyncio.sleep(0)
            phones.ring(a_segment())

    assert [type(change) for change in waiting.result()] == [Arrived]


async def test_ended_watches_let_their_readers_go() -> None:
    phones = Phones(ManualClock())
    with phones.watch(ANNA) as watch:
        phones.end_watches()
        assert await watch.take() == []
    with phones.watch(ANNA) as late:
        assert await late.take() == []


async def test_there_is_a_limit_to_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones_module, "WATCHES_MAX", 1)
    phones = Phones(ManualClock())
    with phones.watch(ANNA), pytest.raises(TooManyWatches), phones.watch(ANNA):
        pass

    with phones.watch(ANNA):
        assert phones.watch_count == 1
