"""What happened to a message, in order: from what is stored to lines that people can read.

Nothing is kept for the timeline's own sake but the rare events; the rest is read off the rows that the work itself
writes. Two consequences:

- The report that ends a message of one segment is not written beside its segment but into the message's final word;
  it is told from there. A segment of such a message that has a stat has it from a later, repeated report.
- Of an attempt that is in doubt only the doubt is known, and of the last attempt when it was claimed.

Times are those of the process that wrote them; where two machines' clocks differ, so do these.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from hongyan.billing.model import EntryKind
from hongyan.kit.money import format_yuan

from .model import Fact, Record, State, StoredEvent, StoredSegment, TimelineEntry
from .words import STATES, own_words, report_words, result_words

_MILLI: Final = 1000
# What comes first when two things bear the same time.
_ORDER: Final = {
    name: place
    for place, name in enumerate(
        (
            "accepted",
            "confirmation",
            "routed",
            "sending",
            "submitted",
            "refused",
            "deferred",
            "in_doubt",
            "resend",
            "report",
            "report_repeated",
            "doubt_resolved",
            "settled",
            "final",
            "replied",
        )
    )
}


def timeline_of(record: Record) -> list[TimelineEntry]:
    """Return the timeline; acceptance and routing come first, all else by its time."""
    beginning = [*_acceptance(record), *_routing(record)]
    course = [
        *_sending(record),
        *_submission(record),
        *map(_told, record.events),
        *_reports(record),
        *_settlement(record),
        *_ending(record),
    ]
    return beginning + sorted(course, key=lambda entry: (entry.at, _ORDER.get(entry.event, len(_ORDER))))


def _acceptance(record: Record) -> Iterator[TimelineEntry]:
    message = record.message
    hold = next((entry for entry in record.ledger if entry.kind is EntryKind.HOLD), None)
    kind = message.kind.name.lower()
    held = f"{_yuan(hold.held_change)} held" if hold else "nothing held"
    facts: dict[str, Fact] = {
        "account": message.account,
        "account_id": message.account_id,
        "secret_id": message.secret_id,
        "login": message.login,
        "kind": kind,
        "segments": message.segments,
        "charge": message.charge,
        "held": hold.held_change if hold else 0,
        "held_at": hold.at if hold else None,
        "signature_id": message.signature_id,
        "template_id": message.template_id,
    }
    size = _counted(message.segments, "segment")
    text = f"{kind} of {size} by {message.account}, {message.came_by}; {held}"
    yield TimelineEntry(message.accepted_at, "accepted", text, facts)


def _routing(record: Record) -> Iterator[TimelineEntry]:
    message, route = record.message, record.route
    if message.route_id is None:
        return
    carrier = message.carrier.name.lower()
    why = f"{carrier} route {message.route_id}"
    why += f", priority {route.priority}, weight {route.weight}" if route else ", removed since"
    facts: dict[str, Fact] = {
        "carrier": carrier,
        "channel": message.channel,
        "channel_id": message.channel_id,
        "route_id": message.route_id,
        "priority": route.priority if route else None,
        "weight": route.weight if route else None,
    }
    yield TimelineEntry(message.accepted_at, "routed", f"to channel {message.channel}: {why}", facts)


def _sending(record: Record) -> Iterator[TimelineEntry]:
    message = record.message
    started: dict[int, datetime] = {}
    links: dict[int, int] = {}
    for segment in record.segments:
        started[segment.attempt] = min(segment.sent_at, started.get(segment.attempt, segment.sent_at))
        links[segment.attempt] = segment.link
    for event in record.events:  # an attempt that nobody answered left no segment
        if event.event == "in_doubt" and (sending_at := event.detail.get("sending_at")):
            attempt, link = event.detail.get("attempt"), event.detail.get("link")
            if isinstance(attempt, int):
                started[attempt] = datetime.fromisoformat(str(sending_at))
                if isinstance(link, int):
                    links[attempt] = link
    if message.sending_at is not None and message.attempts:
        started[message.attempts] = message.sending_at
    for number, at in started.items():
        over = f" over link {links[number]}" if number in links else ""
        facts: dict[str, Fact] = {"attempt": number, "channel": message.channel, "link": links.get(number)}
        yield TimelineEntry(at, "sending", f"attempt {number}{over}", facts)


def _submission(record: Record) -> Iterator[TimelineEntry]:
    for segment in record.segments:
        words = result_words(segment.protocol, segment.result)
        took = (segment.answered_at - segment.sent_at).total_seconds() * _MILLI
        facts: dict[str, Fact] = {
            "attempt": segment.attempt,
            "part": segment.part,
            "channel": segment.channel,
            "link": segment.link,
            "sequence": segment.sequence,
            "result": segment.result,
            "english": words.english,
            "chinese": words.chinese,
            "carrier_message_id": segment.carrier_message_id,
            "sent_at": segment.sent_at,
        }
        where = f"link {segment.link}, sequence {segment.sequence}"
        text = f"{_named(record, segment)}{where}: result {segment.result} {words}, after {took:.0f} ms"
        if segment.carrier_message_id is not None:
            text += f", carrier id {segment.carrier_message_id}"
        yield TimelineEntry(segment.answered_at, "refused" if segment.result else "submitted", text, facts)


def _reports(record: Record) -> Iterator[TimelineEntry]:
    told_apart = {
        (event.at, event.detail.get("attempt"), event.detail.get("part"))
        for event in record.events
        if event.event == "report_repeated"
    }
    firsts = [
        segment
        for segment in record.segments
        if segment.reported_at is not None and (segment.reported_at, segment.attempt, segment.part) not in told_apart
    ]
    for segment in firsts:
        assert segment.stat is not None
        assert segment.reported_at is not None
        words = report_words(segment.stat)
        facts: dict[str, Fact] = {
            "stat": segment.stat,
            "english": words.english,
            "chinese": words.chinese,
            "attempt": segment.attempt,
            "part": segment.part,
        }
        text = f"{_named(record, segment)}{segment.stat} {words}"
        yield TimelineEntry(segment.reported_at, "report", text, facts)
    if not firsts:
        yield from _report_in_final_word(record)


def _report_in_final_word(record: Record) -> Iterator[TimelineEntry]:
    message = record.message
    reported = message.state in (State.DELIVERED, State.UNDELIVERED)
    by_recipient = any(event.event == "doubt_resolved" for event in record.events)
    if not reported or by_recipient or message.stat is None or message.final_at is None:
        return
    words = report_words(message.stat)
    facts: dict[str, Fact] = {
        "stat": message.stat,
        "english": words.english,
        "chinese": words.chinese,
        "attempt": message.attempts,
        "part": 1,
    }
    yield TimelineEntry(message.final_at, "report", f"{message.stat} {words}", facts)


def _settlement(record: Record) -> Iterator[TimelineEntry]:
    for entry in record.ledger:
        if entry.kind is EntryKind.POST:
            text = f"{_yuan(-entry.held_change)} of the hold paid"
        elif entry.kind is EntryKind.VOID:
            text = f"{_yuan(entry.available_change)} of the hold given back"
        else:
            continue
        facts: dict[str, Fact] = {
            "entry": entry.kind.name.lower(),
            "available_change": entry.available_change,
            "held_change": entry.held_change,
        }
        yield TimelineEntry(entry.at, "settled", text, facts)


def _ending(record: Record) -> Iterator[TimelineEntry]:
    message = record.message
    if not message.state.is_final or message.final_at is None:
        return
    state = STATES[message.state]
    took = (message.final_at - message.accepted_at).total_seconds()
    facts: dict[str, Fact] = {"state": message.state.name.lower(), "stat": message.stat}
    text = str(state)
    if message.stat is not None and message.state not in (State.DELIVERED, State.UNDELIVERED):
        words = own_words(message.stat, message.protocol)
        facts |= {"english": words.english, "chinese": words.chinese}
        text += f", {message.stat}: {words}"
    yield TimelineEntry(message.final_at, "final", f"{text}, {took:.3f} s after acceptance", facts)


def _told(event: StoredEvent) -> TimelineEntry:
    """Return the line of an event that was stored as such; one we do not know is told by its details."""
    detail = event.detail
    match event.event:
        case "in_doubt":
            further = "sent again at once" if detail.get("resend") else "its report is waited for"
            link = f" on link {detail['link']}" if "link" in detail else ""
            text = f"attempt {detail.get('attempt')}{link}: {detail.get('reason')}; {further}"
        case "resend":
            text = f"queued to be sent again: {detail.get('reason')}"
        case "deferred":
            text = f"segment {detail.get('part')}: result {detail.get('result')} {detail.get('meaning')}; offered later"
        case "report_repeated":
            where = f"segment {detail.get('part')} of attempt {detail.get('attempt')}"
            text = f"{_report(detail)} for {where}; the first word stands"
        case "doubt_resolved":
            text = f"{_report(detail)} came for this number, carrier id {detail.get('carrier_message_id')}"
        case "replied":
            text = _reply(detail)
        case "confirmation":
            text = f"confirms the opt-out that came with reply {detail.get('reply_id')}; it costs nothing"
        case _:
            text = ", ".join(f"{name} {fact}" for name, fact in detail.items())
    return TimelineEntry(event.at, event.event, text, detail)


def _report(detail: Mapping[str, Fact]) -> str:
    stat = str(detail.get("stat"))
    return f"{stat} {report_words(stat)}"


def _reply(detail: Mapping[str, Fact]) -> str:
    text = f"the phone answered with reply {detail.get('reply_id')}"
    if missing := detail.get("parts_missing"):
        text += f", {_counted(int(str(missing)), 'part')} of which never came"
    if word := detail.get("opt_out_word"):
        text += f": it opts out ({word})"
    return text


def _named(record: Record, segment: StoredSegment) -> str:
    """Return which segment is meant, where there are several."""
    several = record.message.segments > 1
    again = any(other.attempt != segment.attempt for other in record.segments)
    if not several and not again:
        return ""
    name = f"segment {segment.part} of {record.message.segments}" if several else ""
    attempt = f"attempt {segment.attempt}" if again else ""
    return ", ".join(filter(None, (attempt, name))) + ": "


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _yuan(amount: int) -> str:
    return f"¥{format_yuan(amount)}"
