"""Ids of messages: never the same twice."""

from datetime import datetime

from hongyan.kit.clock import ManualClock
from hongyan.simulator.message_ids import MessageIds
from hongyan.simulator.times import CHINA_TIME
from hongyan.wire.cmpp.msg_id import MsgId, split

_EVENING = datetime(2026, 11, 22, 23, 59, 58, tzinfo=CHINA_TIME).timestamp()


def test_an_id_carries_chinas_time_and_the_gateway() -> None:
    ids = MessageIds(ManualClock(now=_EVENING), gateway_code=230002)

    assert split(ids.next()) == MsgId(month=11, day=22, hour=23, minute=59, second=58, gateway=230002, sequence=0)
    assert split(ids.next()).sequence == 1


def test_ids_in_a_row_are_kept_for_a_submit_to_many() -> None:
    ids = MessageIds(ManualClock(), gateway_code=1)

    assert ids.next(3) + 3 == ids.next()


def test_more_ids_than_a_second_holds_borrow_from_the_next() -> None:
    ids = MessageIds(ManualClock(now=_EVENING), gateway_code=1)

    made = [ids.next() for _ in range(70_000)]

    assert len(set(made)) == 70_000
    assert split(made[65_535]).second == 58
    assert split(made[65_536]).second == 59


def test_an_id_is_new_also_when_the_clock_steps_back() -> None:
    clock = ManualClock(now=_EVENING)
    ids = MessageIds(clock, gateway_code=1)
    first = ids.next()
    clock.jump(-3600)

    assert ids.next() == first + 1


def test_a_new_second_begins_at_nought() -> None:
    clock = ManualClock(now=_EVENING)
    ids = MessageIds(clock, gateway_code=1)
    ids.next(100)
    clock.advance(1.0)

    assert split(ids.next()) == MsgId(month=11, day=22, hour=23, minute=59, second=59, gateway=1, sequence=0)
