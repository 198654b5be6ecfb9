"""The customer of a protocol knows when it was not told, or told wrongly."""

from random import Random

import pytest

from hongyan.content.model import MessageKind
from hongyan.messages.model import State

from .by_protocol import ProtocolLoad, Reported, Sent, check_reports, told_twice
from .ledgers import Database, Ledgers, Message
from .texts import CODES
from .told import Fate, Told

PHONE = 8613850000000


def a_load(*reports: Reported, results: tuple[int | None, ...] = (0,)) -> ProtocolLoad:
    load = ProtocolLoad(7890, 1, rate=1.0, random=Random(1))
    ids = [41 + index for index, result in enumerate(results) if result == 0]
    load.sent = [Sent(0, PHONE, CODES[0], 1, 0, ids, list(results))]
    load.reports = list(reports)
    return load


def ledgers(stat: str | None = "DELIVRD") -> Ledgers:
    message = Message(
        mid=9,
        account_id=1,
        recipient=PHONE,
        kind=MessageKind.VERIFICATION,
        state=State.SUBMITTED if stat is None else State.DELIVERED,
        segments=1,
        charge=45,
        submitted_at_us=2,
        final_at_us=3,
        stat=stat,
        content=CODES[0].content,
    )
    return Ledgers(told=[], journal=[], database=Database(read_at_us=5, messages=[message]))


@pytest.mark.parametrize(
    "reports, rules",
    [
        ([Reported(41, "DELIVRD", PHONE)], []),
        ([Reported(41, "DELIVRD", PHONE)] * 2, []),
        ([], ["push.lost"]),
        ([Reported(41, "UNDELIV", PHONE)], ["push.wrong"]),
        ([Reported(41, "DELIVRD", PHONE), Reported(7, "DELIVRD", PHONE + 1)], ["push.unasked"]),
    ],
)
def test_what_the_customer_was_told_is_held_against_the_end(reports: list[Reported], rules: list[str]) -> None:
    assert [violation.rule for violation in check_reports(a_load(*reports), ledgers())] == rules


def test_every_part_of_a_long_text_has_to_be_told_of() -> None:
    load = a_load(Reported(41, "DELIVRD", PHONE), results=(0, 0))
    assert [violation.rule for violation in check_reports(load, ledgers())] == ["push.lost"]


def test_nothing_is_due_of_what_is_not_final_or_was_not_accepted() -> None:
    assert not list(check_reports(a_load(), ledgers(None)))
    assert not list(check_reports(a_load(results=(None,)), ledgers()))
    assert told_twice(a_load(*[Reported(41, "DELIVRD", PHONE)] * 3)) == 1


def test_what_was_accepted_is_looked_for_by_its_number() -> None:
    load = a_load()
    told = Told(-1, 1, PHONE, CODES[0], Fate.ACCEPTED, None, 1, 2, "cmpp/0")
    load.told = [told]
    assert [entry.mid for entry in load.told_of(ledgers().database.messages)] == [9]
    assert [entry.mid for entry in load.told_of([])] == [0]
