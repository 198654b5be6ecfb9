"""Compares three ledgers: what clients were told, what the carriers received, what the database says.

Nothing here looks at the platform or the clock. Each rule takes one case (everything about one number) or
the whole, and yields what is wrong with it. The rules, by name:

    accepted.lost       a client was told "accepted" and the message is not there
    accepted.changed    the stored message is not what the client asked for
    refused.stored      a client was told "refused" and something of it exists
    stored.unasked      a message that nobody asked for, or two for one number
    request.torn        of one request with an unknown outcome, some numbers are stored and some are not
    submit.unasked      a carrier got something for a number that has no message
    submit.changed      a carrier got another text than the one accepted
    submit.doubled      a part was submitted again without a doubt in the timeline before it, a third time, or marketing
    word.invented       the database has a carrier's word that the carrier did not say
    doubt.silent        a message is in doubt and its timeline does not say so
    report.lost         a final report was acknowledged to the carrier and the message does not show it
    final.overwritten   a final state that is not by the first final report
    live.forgotten      neither final nor on its way, both at once, or with nobody to go on with it
    money.…             see `money`
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.pipeline.reports import DELIVERED

from .cases import Case, lay_out
from .ledgers import Ledgers, Message, id_number
from .money import check_accounts, check_charges
from .told import Fate
from .violation import Violation

SUBMITS_MAX: Final = 2
OVERDUE_US: Final = 120_000_000
"""How long past its time a live message may lie: the grace for a dispatcher that is gone, and one sweep."""


def check(ledgers: Ledgers) -> list[Violation]:
    """Return everything that is wrong, case by case."""
    cases = lay_out(ledgers)
    prices = {account.account_id: account.price_per_segment for account in ledgers.database.accounts}
    found: list[Violation] = []
    for case in cases.values():
        for rule in _RULES:
            found += [_with_story(case, violation) for violation in rule(case)]
        found += [_with_story(case, violation) for violation in check_charges(case, prices)]
        found += [_with_story(case, violation) for violation in _check_deadline(case, ledgers.database.read_at_us)]
    found += _check_requests(ledgers, cases)
    found += check_accounts(ledgers.database)
    return found


def _with_story(case: Case, violation: Violation) -> Violation:
    return msgspec.structs.replace(violation, recipient=case.recipient, evidence=tuple(case.story()))


# What clients were told.


def _check_told(case: Case) -> Iterator[Violation]:
    if case.messages and not case.told:
        yield Violation("stored.unasked", "no client asked for it")
    if len(case.messages) > 1:
        yield Violation("stored.unasked", f"{len(case.messages)} messages for one request")
    for told in case.told:
        stored = next((message for message in case.messages if message.mid == told.mid), None)
        if told.fate is Fate.ACCEPTED and stored is None:
            yield Violation("accepted.lost", f"{told.mid:016X} was accepted and does not exist")
        elif told.fate is Fate.REFUSED and case.messages:
            yield Violation("refused.stored", f"refused with {told.code}")
        for message in case.messages:
            asked = (told.account_id, told.text.content, told.text.kind, len(told.text.checksums))
            if asked != (message.account_id, message.content, message.kind, message.segments):
                yield Violation("accepted.changed", f"asked for {told.text.name}, stored {message.content!r}")


def _check_requests(ledgers: Ledgers, cases: dict[int, Case]) -> Iterator[Violation]:
    stored: dict[int, list[tuple[int, bool]]] = {}
    for told in ledgers.told:
        if told.fate is Fate.UNKNOWN and told.recipient:
            stored.setdefault(told.request, []).append((told.recipient, bool(cases[told.recipient].messages)))
    for request, numbers in stored.items():
        if len({is_stored for _, is_stored in numbers}) > 1:
            there = sum(is_stored for _, is_stored in numbers)
            first = numbers[0][0]
            yield Violation("request.torn", f"{there} of {len(numbers)} numbers of request {request}", recipient=first)


# What carriers received.


def _check_submits(case: Case) -> Iterator[Violation]:
    if case.submits and not case.messages:
        yield Violation("submit.unasked", f"{len(case.submits)} submits")
        return
    for told in case.told:
        for submit in case.submits:
            if submit.total != len(told.text.checksums):
                yield Violation("submit.changed", f"part {submit.part} of {submit.total}")
            elif submit.content_hash != told.text.checksums[submit.part - 1]:
                yield Violation("submit.changed", f"part {submit.part} has another text")


def _check_doubled(case: Case) -> Iterator[Violation]:
    doubted = case.doubted_at_us()
    for part in sorted({submit.part for submit in case.submits}):
        submits = case.submits_taken(part)
        if len(submits) > SUBMITS_MAX:
            yield Violation("submit.doubled", f"part {part} was submitted {len(submits)} times")
        for number, submit in enumerate(submits[1:], 1):
            if sum(at_us <= submit.at_us for at_us in doubted) < number:
                yield Violation("submit.doubled", f"part {part} was submitted again without a doubt before it")
        if len(submits) > 1 and any(message.kind == MessageKind.MARKETING for message in case.messages):
            yield Violation("submit.doubled", "marketing was submitted twice")


def _check_words(case: Case) -> Iterator[Violation]:
    """Whatever the database says that a carrier said, the carrier must have said."""
    for row in case.segments:
        said = any(
            submit.part == row.part
            and submit.result == row.result
            and (row.result != 0 or submit.message_id == id_number(row.carrier_message_id))
            for submit in case.submits
        )
        if not said:
            yield Violation("word.invented", f"part {row.part}: result {row.result}, id {row.carrier_message_id}")
    for message in case.messages:
        if message.state == State.REJECTED:
            stats = {f"MT:{submit.result:04d}" for submit in case.submits if submit.result != 0}
            if message.stat not in stats:
                yield Violation("word.invented", f"rejected with {message.stat}")


# Reports and states.


def _check_final(case: Case) -> Iterator[Violation]:
    """A final state is by the first final report of one attempt, and by nothing that came later."""
    for message in case.messages:
        if message.state in (State.DELIVERED, State.UNDELIVERED) and not _is_by_first_word(case, message):
            at = "never" if message.final_at_us is None else f"{message.final_at_us / 1e6:.6f}"
            yield Violation("final.overwritten", f"{State(message.state).name} by {message.stat} at {at}")


def _is_by_first_word(case: Case, message: Message) -> bool:
    if message.final_at_us is None or (message.state == State.DELIVERED) != (message.stat == DELIVERED):
        return False
    at_us = message.final_at_us
    parts = [case.reports_of_part(part) for part in range(1, message.segments + 1)]
    last_words = [reports for part in parts for reports in part if reports.could_be_at(at_us)]
    if len(parts) == 1:
        return any(message.stat in reports.first_words() for reports in last_words)
    is_complete = all(any(reports.sent and reports.first_sent_us <= at_us for reports in part) for part in parts)
    words = [{word for reports in part for word in reports.first_words()} for part in parts]
    if message.state == State.DELIVERED:
        return bool(last_words) and is_complete and all(DELIVERED in stats for stats in words)
    return bool(last_words) and is_complete and any(message.stat in stats for stats in words)


def _check_reports(case: Case) -> Iterator[Violation]:
    for message in case.messages:
        if message.state in (State.DELIVERED, State.UNDELIVERED):
            continue
        parts = [case.reports_of_part(part) for part in range(1, message.segments + 1)]
        if len(parts) == 1:
            is_lost = any(reports.is_taken for reports in parts[0])
        else:
            # Of a long text in doubt nobody can tell which reports belong to it; else those of its last submits do.
            is_decided = not case.doubted_at_us() or any(live.state == State.SUBMITTED for live in case.live)
            is_lost = is_decided and all(part and part[-1].is_taken for part in parts)
        if is_lost:
            yield Violation("report.lost", f"acknowledged, and the message is {State(_state(case, message)).name}")


def _state(case: Case, message: Message) -> int:
    return case.live[0].state if case.live else message.state


def _check_alive(case: Case) -> Iterator[Violation]:
    live = {row.mid: row for row in case.live}
    for message in case.messages:
        row = live.pop(message.mid, None)
        is_final = message.state >= State.DELIVERED
        if is_final == (row is not None):
            state = State(message.state).name
            yield Violation("live.forgotten", f"{state}, {'and still live' if row else 'and nothing goes on'}")
        if row is None:
            continue
        if row.state in (State.ACCEPTED, State.SENDING) or (row.state == State.IN_DOUBT and not row.claimed):
            yield Violation("live.forgotten", f"still {State(row.state).name} when all was quiet")
        if row.state == State.IN_DOUBT and not case.doubted_at_us():
            yield Violation("doubt.silent", "in doubt, and the timeline has no in_doubt")
    if live:
        yield Violation("live.forgotten", "live without a message")


def _check_deadline(case: Case, now_us: int) -> Iterator[Violation]:
    for row in case.live:
        if row.due_at_us < now_us - OVERDUE_US:
            yield Violation("live.forgotten", f"{(now_us - row.due_at_us) // 1_000_000} s overdue")


_RULES: Final[Sequence[Callable[[Case], Iterator[Violation]]]] = (
    _check_told,
    _check_submits,
    _check_doubled,
    _check_words,
    _check_final,
    _check_reports,
    _check_alive,
)
