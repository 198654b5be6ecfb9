"""Hand-made ledgers in which one promise each is broken."""

from zlib import crc32

import msgspec
import pytest

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.simulator.journal import Acknowledged, Line, Received, Reported

from .checker import check
from .ledgers import AccountMoney, Database, Entry, Event, Ledgers, Live, Message, Segment
from .told import Fate, Text, Told

SECOND = 1_000_000
NOW = 1_795_000_000 * SECOND
MID = 0x0661F09E20401000
RECIPIENT = 8_613_800_000_001
CARRIER_ID = 700_001
SECOND_CARRIER_ID = 700_002
CODE = Text("code", MessageKind.VERIFICATION, "hello", (crc32(b"hello"),))
SALE = Text("sale", MessageKind.MARKETING, "hello", (crc32(b"hello"),))
LONG = Text("long", MessageKind.NOTIFICATION, "onetwo", (crc32(b"one"), crc32(b"two")))


def told(fate: Fate = Fate.ACCEPTED, *, text: Text = CODE, recipient: int = RECIPIENT, mid: int | None = MID) -> Told:
    return Told(1, 7, recipient, text, fate, mid, NOW, NOW + 3000, "200/0")


def submit(after_us: int, message_id: int = CARRIER_ID, *, part: int = 1, total: int = 1, result: int = 0) -> Received:
    content = crc32(b"hello" if total == 1 else (b"one", b"two")[part - 1])
    number = str(RECIPIENT)[2:]
    return Received(NOW + after_us, "mobile", "910001", 1, 9, message_id, number, content, part, total, result)


def report(after_us: int, message_id: int = CARRIER_ID, *, stat: str = "DELIVRD") -> Reported:
    return Reported(NOW + after_us, "mobile", "910001", 1, after_us, message_id, stat)


def acknowledged(after_us: int, message_id: int = CARRIER_ID) -> Acknowledged:
    return Acknowledged(NOW + after_us, "mobile", "910001", 1, after_us, message_id, 0)


def message(state: State = State.DELIVERED, *, stat: str | None = "DELIVRD", text: Text = CODE) -> Message:
    is_final = state.is_final
    return Message(
        mid=MID,
        account_id=7,
        recipient=RECIPIENT,
        kind=text.kind,
        state=state if is_final else State.ACCEPTED,
        segments=len(text.checksums),
        charge=45 * len(text.checksums),
        submitted_at_us=NOW + 20_000,
        final_at_us=NOW + 221_000 if is_final else None,
        stat=stat if is_final else None,
        content=text.content,
    )


def live(state: State, *, claimed: bool = True) -> Live:
    return Live(mid=MID, state=state, attempt=1, claimed=claimed, due_at_us=NOW + 60 * SECOND)


def doubt(after_us: int) -> Event:
    return Event(mid=MID, at_us=NOW + after_us, event="in_doubt")


def entry(kind: int, available: int, held: int, *, subject: int = MID) -> Entry:
    return Entry(subject_id=subject, entry=kind, account_id=7, available_change=available, held_change=held)


HOLD, POST, VOID = entry(0, -45, 45), entry(1, 0, -45), entry(2, 45, -45)
PAID_IN = entry(3, 1000, 0, subject=99)
JOURNAL: list[Line] = [submit(10_000), report(220_000), acknowledged(230_000)]


def sound() -> Ledgers:
    """One code: accepted, submitted, delivered, paid."""
    account = AccountMoney(
        account_id=7,
        price_per_segment=45,
        available=955,
        overdraft_limit=0,
        held_total=45,
        posted_total=45,
        voided_total=0,
        credited=1000,
    )
    segment = Segment(mid=MID, attempt=1, part=1, result=0, carrier_message_id=str(CARRIER_ID))
    database = Database(
        read_at_us=NOW + 20 * SECOND,
        messages=[message()],
        segments=[segment],
        entries=[PAID_IN, HOLD, POST],
        accounts=[account],
    )
    return Ledgers(told=[told()], journal=list(JOURNAL), database=database)


def on_its_way(state: State, *, claimed: bool = True, text: Text = CODE) -> Ledgers:
    """One message that is not final; nothing was heard of it."""
    ledgers = sound()
    ledgers.told = [told(text=text)]
    ledgers.journal = [submit(10_000)]
    database = ledgers.database
    database.messages, database.live = [message(state, text=text)], [live(state, claimed=claimed)]
    if state is not State.SUBMITTED:
        database.segments, database.entries = [], [PAID_IN, HOLD]
        change_account(ledgers, posted_total=0)
    if state is State.IN_DOUBT:
        database.events = [doubt(15_000)]
    return ledgers


def change_account(ledgers: Ledgers, **values: int) -> None:
    ledgers.database.accounts = [msgspec.structs.replace(ledgers.database.accounts[0], **values)]


def broken(ledgers: Ledgers) -> list[str]:
    return sorted({violation.rule for violation in check(ledgers)})


def test_a_message_that_went_well_breaks_nothing() -> None:
    assert check(sound()) == []


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_DOUBT])
def test_a_message_may_still_wait_for_its_report(state: State) -> None:
    assert check(on_its_way(state)) == []


def test_an_accepted_message_must_exist() -> None:
    ledgers = sound()
    ledgers.database.messages, ledgers.database.segments = [], []
    ledgers.database.entries, ledgers.journal = [PAID_IN], []
    change_account(ledgers, available=1000, held_total=0, posted_total=0)

    assert broken(ledgers) == ["accepted.lost"]


def test_an_accepted_message_has_the_text_of_its_client() -> None:
    ledgers = sound()
    ledgers.database.messages = [msgspec.structs.replace(message(), content="bye")]

    assert broken(ledgers) == ["accepted.changed"]


def test_nothing_of_a_refused_request_exists() -> None:
    ledgers = sound()
    ledgers.told = [told(Fate.REFUSED, mid=None)]

    assert broken(ledgers) == ["refused.stored"]


def test_a_message_of_an_unknown_request_may_exist() -> None:
    ledgers = sound()
    ledgers.told = [told(Fate.UNKNOWN, mid=None)]

    assert check(ledgers) == []


def test_an_unknown_request_is_stored_whole_or_not_at_all() -> None:
    ledgers = sound()
    ledgers.told = [told(Fate.UNKNOWN, mid=None), told(Fate.UNKNOWN, recipient=RECIPIENT + 1, mid=None)]

    assert broken(ledgers) == ["request.torn"]


def test_a_message_is_asked_for() -> None:
    ledgers = sound()
    ledgers.told = []

    assert broken(ledgers) == ["stored.unasked"]


def test_a_submit_belongs_to_a_message() -> None:
    ledgers = sound()
    stray = msgspec.structs.replace(submit(10_000, 4), destination="13800000002")
    ledgers.journal = [*JOURNAL, stray]

    assert broken(ledgers) == ["submit.unasked"]


def test_a_submit_carries_the_accepted_text() -> None:
    ledgers = sound()
    ledgers.journal = [msgspec.structs.replace(submit(10_000), content_hash=5), *JOURNAL[1:]]

    assert broken(ledgers) == ["submit.changed"]


def test_a_second_submit_needs_a_doubt() -> None:
    ledgers = sound()
    ledgers.journal = [*JOURNAL, submit(100_000, SECOND_CARRIER_ID)]

    assert broken(ledgers) == ["submit.doubled"]


def test_a_second_submit_after_a_doubt_is_right() -> None:
    ledgers = sound()
    ledgers.journal = [*JOURNAL, submit(100_000, SECOND_CARRIER_ID)]
    ledgers.database.events = [doubt(90_000)]

    assert check(ledgers) == []


def test_a_doubt_that_comes_after_the_second_submit_does_not_excuse_it() -> None:
    ledgers = sound()
    ledgers.journal = [*JOURNAL, submit(100_000, SECOND_CARRIER_ID)]
    ledgers.database.events = [doubt(110_000)]

    assert broken(ledgers) == ["submit.doubled"]


def test_nothing_is_submitted_a_third_time() -> None:
    ledgers = sound()
    ledgers.journal = [*JOURNAL, submit(100_000, SECOND_CARRIER_ID), submit(300_000, 700_003)]
    ledgers.database.events = [doubt(90_000), doubt(290_000)]

    assert broken(ledgers) == ["submit.doubled"]


def test_marketing_is_never_submitted_again() -> None:
    ledgers = sound()
    ledgers.told = [told(text=SALE)]
    ledgers.journal = [*JOURNAL, submit(100_000, SECOND_CARRIER_ID)]
    ledgers.database.messages = [message(text=SALE)]
    ledgers.database.events = [doubt(90_000)]

    assert broken(ledgers) == ["submit.doubled"]


def test_offering_again_what_flow_control_put_off_is_no_second_submit() -> None:
    ledgers = sound()
    ledgers.journal = [submit(5_000, 0, result=8), *JOURNAL]

    assert check(ledgers) == []


def test_a_carriers_answer_in_the_database_is_in_the_journal() -> None:
    ledgers = sound()
    ledgers.database.segments = [msgspec.structs.replace(ledgers.database.segments[0], carrier_message_id="1")]

    assert broken(ledgers) == ["word.invented"]


def test_a_rejection_is_the_carriers() -> None:
    ledgers = sound()
    ledgers.journal = [submit(10_000)]
    ledgers.database.messages = [message(State.REJECTED, stat="MT:0013")]
    ledgers.database.entries = [PAID_IN, HOLD, VOID]
    change_account(ledgers, available=1000, posted_total=0, voided_total=45)

    assert broken(ledgers) == ["word.invented"]


def test_a_doubt_stands_in_the_timeline() -> None:
    ledgers = on_its_way(State.IN_DOUBT)
    ledgers.database.events = []

    assert broken(ledgers) == ["doubt.silent"]


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_DOUBT])
def test_an_acknowledged_report_ends_its_message(state: State) -> None:
    ledgers = on_its_way(state)
    ledgers.journal = list(JOURNAL)

    assert broken(ledgers) == ["report.lost"]


def test_a_report_that_was_not_acknowledged_may_still_come() -> None:
    ledgers = on_its_way(State.SUBMITTED)
    ledgers.journal = JOURNAL[:2]

    assert check(ledgers) == []


def test_a_contradicting_second_report_changes_nothing() -> None:
    ledgers = sound()
    ledgers.journal = [*JOURNAL, report(280_000, stat="UNDELIV"), acknowledged(290_000)]
    assert check(ledgers) == []

    ledgers.database.messages = [
        msgspec.structs.replace(message(State.UNDELIVERED, stat="UNDELIV"), final_at_us=NOW + 281_000)
    ]

    assert broken(ledgers) == ["final.overwritten"]


def test_the_same_report_again_does_not_move_the_time() -> None:
    ledgers = sound()
    ledgers.journal = [*JOURNAL, report(280_000), acknowledged(290_000)]
    ledgers.database.messages = [msgspec.structs.replace(message(), final_at_us=NOW + 281_000)]

    assert broken(ledgers) == ["final.overwritten"]


def test_a_report_sent_again_because_nobody_acknowledged_it_may_decide() -> None:
    ledgers = sound()
    ledgers.journal = [submit(10_000), report(100_000), report(220_000), acknowledged(230_000)]

    assert check(ledgers) == []


def long_text() -> Ledgers:
    """A text of two parts, both delivered."""
    ledgers = sound()
    ledgers.told = [told(text=LONG)]
    both = (submit(10_000, part=1, total=2), submit(10_100, SECOND_CARRIER_ID, part=2, total=2))
    first = (report(120_000, SECOND_CARRIER_ID), acknowledged(130_000, SECOND_CARRIER_ID))
    ledgers.journal = [*both, *first, *JOURNAL[1:]]
    second_row = Segment(mid=MID, attempt=1, part=2, result=0, carrier_message_id=str(SECOND_CARRIER_ID))
    database = ledgers.database
    database.messages = [message(text=LONG)]
    database.segments = [database.segments[0], second_row]
    database.entries = [PAID_IN, entry(0, -90, 90), entry(1, 0, -90)]
    change_account(ledgers, available=910, held_total=90, posted_total=90)
    return ledgers


def test_a_long_text_is_final_by_its_last_part() -> None:
    assert check(long_text()) == []


def test_a_long_text_is_not_delivered_before_its_last_part() -> None:
    ledgers = long_text()
    ledgers.database.messages = [msgspec.structs.replace(message(text=LONG), final_at_us=NOW + 125_000)]

    assert broken(ledgers) == ["final.overwritten"]


def test_a_final_message_is_not_live() -> None:
    ledgers = sound()
    ledgers.database.live = [live(State.SUBMITTED)]

    assert "live.forgotten" in broken(ledgers)


def test_a_message_that_is_not_final_is_live() -> None:
    ledgers = on_its_way(State.SUBMITTED)
    ledgers.database.live = []

    assert "live.forgotten" in broken(ledgers)


@pytest.mark.parametrize("state, claimed", [(State.ACCEPTED, False), (State.SENDING, True), (State.IN_DOUBT, False)])
def test_nothing_is_left_lying(state: State, claimed: bool) -> None:  # noqa: FBT001 - a case of the table
    assert broken(on_its_way(state, claimed=claimed)) == ["live.forgotten"]


def test_nothing_is_long_overdue() -> None:
    ledgers = on_its_way(State.SUBMITTED)
    ledgers.database.read_at_us = NOW + 600 * SECOND

    assert broken(ledgers) == ["live.forgotten"]


def test_a_charge_is_price_times_segments() -> None:
    ledgers = sound()
    change_account(ledgers, price_per_segment=50)

    assert broken(ledgers) == ["money.price"]


def test_a_message_is_held_once() -> None:
    ledgers = sound()
    ledgers.database.entries = [PAID_IN, HOLD, HOLD, POST]
    change_account(ledgers, available=910, held_total=90)

    assert broken(ledgers) == ["money.hold"]


def test_a_final_message_is_paid_once() -> None:
    ledgers = sound()
    ledgers.database.entries = [PAID_IN, HOLD, POST, VOID]
    change_account(ledgers, available=1000, voided_total=45)

    assert broken(ledgers) == ["money.end"]


def test_a_delivered_message_is_paid() -> None:
    ledgers = sound()
    ledgers.database.entries = [PAID_IN, HOLD, VOID]
    change_account(ledgers, available=1000, posted_total=0, voided_total=45)

    assert broken(ledgers) == ["money.end"]


def test_a_message_is_not_paid_before_a_carrier_took_it() -> None:
    ledgers = on_its_way(State.IN_DOUBT)
    ledgers.database.entries = [PAID_IN, HOLD, POST]
    change_account(ledgers, posted_total=45)

    assert broken(ledgers) == ["money.early"]


@pytest.mark.parametrize("column", ["available", "held_total", "posted_total", "voided_total", "credited"])
def test_balances_are_sums_of_entries(column: str) -> None:
    ledgers = sound()
    change_account(ledgers, **{column: getattr(ledgers.database.accounts[0], column) + 1})

    assert broken(ledgers) == ["money.balance"]


def test_an_account_stays_within_its_credit() -> None:
    ledgers = sound()
    ledgers.database.entries = [entry(3, 0, 0, subject=99), HOLD, POST]
    change_account(ledgers, available=-45, credited=0)

    assert broken(ledgers) == ["money.balance"]


def test_the_evidence_tells_the_story_in_order() -> None:
    ledgers = sound()
    ledgers.journal = [*JOURNAL, submit(100_000, SECOND_CARRIER_ID)]

    violation = check(ledgers)[0]

    assert violation.recipient == RECIPIENT
    assert [line.split(" ", 1)[1] for line in violation.evidence[:6]] == [
        "client asked (code)",
        "client was told accepted 200/0 0661F09E20401000",
        "carrier got part 1/1 on mobile link 1 sequence 9: result 0, id 700001",
        "carrier got part 1/1 on mobile link 1 sequence 9: result 0, id 700002",
        "carrier reported DELIVRD on 700001",
        "final 10 DELIVRD",
    ]
