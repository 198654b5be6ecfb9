"""MsgIDs of a simulated gateway: never the same twice."""

from datetime import datetime

from hongyan.kit.clock import ManualClock
from hongyan.simulator.smgp import MsgIds
from hongyan.simulator.times import CHINA_TIME

_EVENING = datetime(2026, 11, 22, 23, 59, 58, tzinfo=CHINA_TIME).timestamp()


def test_an_id_carries_the_gateway_chinas_time_and_its_second() -> None:
    ids = MsgIds(ManualClock(now=_EVENING), gateway_code=10_601)

    assert f"{ids.next():020}" == "010601" + "11222359" + "966628"  # 58 times 16,666
    assert f"{ids.next():020}" == "010601" + "11222359" + "966629"


def test_a_gateway_that_starts_anew_a_second_later_repeats_no_id() -> None:
    before = MsgIds(ManualClock(now=_EVENING), gateway_code=1)
    made = {before.next() for _ in range(16_666)}

    assert MsgIds(ManualClock(now=_EVENING + 1), gateway_code=1).next() not in made


def test_more_ids_than_a_second_holds_borrow_from_the_next() -> None:
    ids = MsgIds(ManualClock(now=_EVENING), gateway_code=1)

    made = [ids.next() for _ in range(40_000)]

    assert len(set(made)) == 40_000
    assert f"{made[-1]:020}"[6:14] == "11230000"


def test_an_id_is_new_also_when_the_clock_steps_back() -> None:
    clock = ManualClock(now=_EVENING)
    ids = MsgIds(clock, gateway_code=1)
    first = ids.next()
    clock.jump(-3600)

    assert ids.next() == first + 1


def test_ids_in_a_row_are_kept_for_a_submit_to_many() -> None:
    ids = MsgIds(ManualClock(now=_EVENING), gateway_code=1)

    assert ids.next(100) + 100 == ids.next()
