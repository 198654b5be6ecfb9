"""One case a number: what each of the three ledgers knows of it, laid side by side."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from hongyan.pipeline.reports import INTERMEDIATE
from hongyan.simulator.journal import Acknowledged, Line, Received, Reported

from .ledgers import Database, Entry, Event, Ledgers, Live, Message, Segment, recipient_of
from .told import Told

FLOW_CONTROL: Final = {"mobile": 8, "unicom": 11, "telecom": 1, "international": 0x58}
"""How each carrier of the demonstration says "try again": what was answered so was not taken, and offering it again is
no second submit."""
TOLERANCE_US: Final = 5_000
"""Between the clocks' readings of two processes on one machine, taken around the same bytes."""


class Reports(msgspec.Struct):
    """How a carrier reported on one of its ids, and what we answered."""

    sent: list[Reported] = []
    taken: list[Acknowledged] = []
    """The answers with result 0."""

    @property
    def is_taken(self) -> bool:
        """Tell whether we said that we have a final report on this id."""
        return bool(self.taken) and any(report.stat not in INTERMEDIATE for report in self.sent)

    def first_words(self) -> set[str]:
        """Return the stats that may decide: those sent until the first was acknowledged."""
        end = self._first_taken_us()
        return {report.stat for report in self.sent if end is None or report.at_us <= end + TOLERANCE_US}

    def could_be_at(self, at_us: int) -> bool:
        """Tell whether the report that decides may have come at that time."""
        end = self._first_taken_us()
        return (
            bool(self.sent)
            and self.first_sent_us - TOLERANCE_US <= at_us
            and (end is None or at_us <= end + TOLERANCE_US)
        )

    @property
    def first_sent_us(self) -> int:
        """When the first report left the carrier."""
        return min(report.at_us for report in self.sent)

    def _first_taken_us(self) -> int | None:
        return min((answer.at_us for answer in self.taken), default=None)


class Case(msgspec.Struct):
    """Everything known about one number."""

    recipient: int
    told: list[Told] = []
    messages: list[Message] = []
    live: list[Live] = []
    segments: list[Segment] = []
    events: list[Event] = []
    entries: list[Entry] = []
    submits: list[Received] = []
    """In the order of the journal."""
    reports: dict[int, Reports] = {}
    """By the carrier's id."""

    def submits_taken(self, part: int) -> list[Received]:
        """Return the submits of one part that were not put off, the earliest first."""
        return sorted(
            (
                submit
                for submit in self.submits
                if submit.part == part and submit.result != FLOW_CONTROL.get(submit.carrier)
            ),
            key=lambda submit: submit.at_us,
        )

    def reports_of_part(self, part: int) -> list[Reports]:
        """Return what was reported on each submit of one part, the earliest submit first."""
        ids = [submit.message_id for submit in self.submits_taken(part) if submit.result == 0]
        return [self.reports.get(message_id, Reports()) for message_id in ids]

    def reports_on(self, message_id: int) -> Reports:
        """Return what is noted on one of the carrier's ids, to be added to."""
        return self.reports.setdefault(message_id, Reports())

    def doubted_at_us(self) -> list[int]:
        """Return when the timeline calls the message in doubt."""
        return sorted(event.at_us for event in self.events if event.event == "in_doubt")

    def story(self) -> Iterator[str]:
        """Yield what happened, in the order of time; the evidence of a violation."""
        lines: list[tuple[int, str]] = []
        for told in self.told:
            lines.append((told.sent_at_us, f"client asked ({told.text.name})"))
            mid = "" if told.mid is None else f" {told.mid:016X}"
            lines.append((told.told_at_us, f"client was told {told.fate.value} {told.code}{mid}"))
        lines += [(submit.at_us, _submit_line(submit)) for submit in self.submits]
        for message_id, reports in self.reports.items():
            lines += [(sent.at_us, f"carrier reported {sent.stat} on {message_id}") for sent in reports.sent]
            lines += [(answer.at_us, f"report on {message_id} was acknowledged") for answer in reports.taken]
        lines += [(event.at_us, f"timeline {event.event}") for event in self.events]
        lines += [
            (message.final_at_us, f"final {message.state} {message.stat}")
            for message in self.messages
            if message.final_at_us is not None
        ]
        for at_us, line in sorted(lines):
            yield f"{at_us / 1e6:.6f} {line}"
        for message in self.messages:
            yield f"row {message.mid:016X} kind {message.kind} state {message.state} {message.stat}"
        yield from (f"live {live}" for live in self.live)
        yield from (f"segment row {segment}" for segment in self.segments)
        yield from (f"entry {entry}" for entry in self.entries)


def _submit_line(submit: Received) -> str:
    where = f"{submit.carrier} link {submit.link} sequence {submit.sequence}"
    return f"carrier got part {submit.part}/{submit.total} on {where}: result {submit.result}, id {submit.message_id}"


def lay_out(ledgers: Ledgers) -> dict[int, Case]:
    """Return the cases by number."""
    cases = _Cases()
    for told in ledgers.told:
        if told.recipient:
            cases.of(told.recipient).told.append(told)
    _lay_out_database(cases, ledgers.database)
    _lay_out_journal(cases, ledgers.journal)
    return dict(cases)


class _Cases(dict[int, Case]):
    def of(self, recipient: int) -> Case:
        case = self.get(recipient)
        if case is None:
            case = self[recipient] = Case(recipient)
        return case


def _lay_out_database(cases: _Cases, database: Database) -> None:
    by_mid: dict[int, Case] = {}
    for message in database.messages:
        case = by_mid[message.mid] = cases.of(message.recipient)
        case.messages.append(message)
    for live in database.live:
        by_mid[live.mid].live.append(live)
    for segment in database.segments:
        by_mid[segment.mid].segments.append(segment)
    for event in database.events:
        by_mid[event.mid].events.append(event)
    for entry in database.entries:
        if entry.subject_id in by_mid:
            by_mid[entry.subject_id].entries.append(entry)


def _lay_out_journal(cases: _Cases, journal: Sequence[Line]) -> None:
    by_carrier_id: dict[int, Case] = {}
    for line in journal:
        if isinstance(line, Received):
            case = by_carrier_id[line.message_id] = cases.of(recipient_of(line.destination))
            case.submits.append(line)
    for line in journal:
        if isinstance(line, Reported):
            by_carrier_id[line.message_id].reports_on(line.message_id).sent.append(line)
        elif isinstance(line, Acknowledged) and line.result == 0:
            by_carrier_id[line.message_id].reports_on(line.message_id).taken.append(line)
