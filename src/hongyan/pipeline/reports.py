"""Reports that need a second look: long messages, resends, doubts, repetitions, strangers.

The common report (one segment, first attempt, its submit response known) is settled in bulk by
`settle.py`. Everything else comes here, one transaction a batch:

1. find the segment by the carrier's id; failing that, the one message in doubt for that recipient;
   failing that, keep the report as an orphan until its segment turns up or its message falls in doubt;
2. write the stat beside its segment; a segment that has one already keeps it, and the repetition
   goes to the timeline;
3. a message is final when every segment of one attempt is delivered, or when every segment of its
   last attempt has a report. What is final never changes again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import msgspec

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.ids import first_id_at
from hongyan.messages.model import State

from .validity import REPORT_LOOKBACK

_QUERIES = Queries.of(__package__)

DELIVERED = "DELIVRD"
INTERMEDIATE = frozenset({"ACCEPTD", "ENROUTE"})
"""Stats that are not the last word (CMPP 3.0 §7.4.5.1 table 1); they change nothing."""


class Report(msgspec.Struct, frozen=True):
    """What a carrier says became of a segment."""

    channel_id: int
    carrier_message_id: str
    recipient: int | None
    stat: str
    received_at: datetime


class Refusal(NamedTuple):
    """A message that ends without a carrier's report."""

    mid: int
    attempt: int
    """The attempt that was refused, or the last one; a message that was sent once more since goes on."""
    state: State
    stat: str
    at: datetime


class Finding(msgspec.Struct, frozen=True):
    """A report and the segment it speaks of."""

    report: Report
    mid: int
    attempt: int
    part: int


def state_for(stat: str) -> State:
    """Return the final state that a final stat means; only DELIVRD is success."""
    return State.DELIVERED if stat == DELIVERED else State.UNDELIVERED


def event_detail(**facts: str | int | None) -> str:
    """Return the JSON that a timeline event carries."""
    return msgspec.json.encode({name: fact for name, fact in facts.items() if fact is not None}).decode()


async def settle_reports(connection: AnyConnection, reports: Sequence[Report]) -> None:
    """Work through reports inside the caller's transaction."""
    final_words = [report for report in reports if report.stat not in INTERMEDIATE]
    if not final_words:
        return
    findings, strangers = await _find_segments(connection, final_words)
    strangers = await _settle_doubts(connection, strangers)
    if strangers:
        await _keep_orphans(connection, strangers)
    if findings:
        await _write_stats(connection, findings)
        await _finish_complete(connection, sorted({finding.mid for finding in findings}))


async def take_orphans_of(connection: AnyConnection, mids: Sequence[int]) -> list[Report]:
    """Take the orphans that can be about messages just found in doubt.

    A report may overtake its submit response; when the response is then lost, the report is all there is.
    """
    return reports_of(await connection.fetch(_QUERIES["take_orphans_of"], mids))


def reports_of(rows: Sequence[asyncpg.Record]) -> list[Report]:
    """Return the reports that orphan rows hold."""
    return [
        Report(row["channel_id"], row["carrier_message_id"], row["recipient"], row["stat"], row["received_at"])
        for row in rows
    ]


async def _find_segments(connection: AnyConnection, reports: Sequence[Report]) -> tuple[list[Finding], list[Report]]:
    oldest = min(report.received_at for report in reports) - REPORT_LOOKBACK
    rows = await connection.fetch(
        _QUERIES["match_reports"],
        list(range(len(reports))),
        [report.channel_id for report in reports],
        [report.carrier_message_id for report in reports],
        first_id_at(oldest.timestamp()),
    )
    found = {row["n"]: Finding(reports[row["n"]], row["mid"], row["attempt"], row["part"]) for row in rows}
    return list(found.values()), [report for n, report in enumerate(reports) if n not in found]


async def _settle_doubts(connection: AnyConnection, reports: Sequence[Report]) -> list[Report]:
    """End messages in doubt that these reports can only be about; return the reports that are left."""
    asked = [(n, report) for n, report in enumerate(reports) if report.recipient is not None]
    if not asked:
        return list(reports)
    rows = await connection.fetch(
        _QUERIES["match_doubtful"],
        [n for n, _ in asked],
        [report.channel_id for _, report in asked],
        [report.recipient for _, report in asked],
    )
    resolved: dict[int, tuple[int, Report]] = {}
    for row in rows:
        resolved.setdefault(row["mid"], (row["n"], reports[row["n"]]))
    await finish(connection, [(mid, report.stat, report.received_at) for mid, (_, report) in resolved.items()])
    await add_events(
        connection,
        [
            (
                mid,
                report.received_at,
                "doubt_resolved",
                event_detail(stat=report.stat, carrier_message_id=report.carrier_message_id),
            )
            for mid, (_, report) in resolved.items()
        ],
    )
    taken = {n for n, _ in resolved.values()}
    return [report for n, report in enumerate(reports) if n not in taken]


async def _keep_orphans(connection: AnyConnection, reports: Sequence[Report]) -> None:
    await connection.execute(
        _QUERIES["keep_orphans"],
        [report.channel_id for report in reports],
        [report.carrier_message_id for report in reports],
        [report.recipient for report in reports],
        [report.stat for report in reports],
        [report.received_at for report in reports],
    )


async def _write_stats(connection: AnyConnection, findings: Sequence[Finding]) -> None:
    ordered = sorted(findings, key=lambda f: (f.mid, f.attempt, f.part))
    # One batch may hold several reports on a segment; the one that came first is its word, the sort is stable.
    first = list({(f.mid, f.attempt, f.part): f for f in reversed(ordered)}.values())[::-1]
    rows = await connection.fetch(
        _QUERIES["report_segments"],
        [f.mid for f in first],
        [f.attempt for f in first],
        [f.part for f in first],
        [f.report.stat for f in first],
        [f.report.received_at for f in first],
    )
    taken = {(row["mid"], row["attempt"], row["part"]) for row in rows}
    final = {
        row["mid"]: (row["stat"], row["final_at"])
        for row in await connection.fetch(_QUERIES["final_words"], sorted({f.mid for f in ordered}))
    }
    events = []
    for finding in ordered:
        key = (finding.mid, finding.attempt, finding.part)
        report = finding.report
        word = (report.stat, report.received_at)
        is_first = key in taken
        taken.discard(key)
        if final.get(finding.mid) == word or (is_first and finding.mid not in final):
            continue  # the first word on this segment, or the same one settled again after a lost commit
        detail = event_detail(stat=report.stat, attempt=finding.attempt, part=finding.part)
        events.append((finding.mid, report.received_at, "report_repeated", detail))
    await add_events(connection, events)


async def _finish_complete(connection: AnyConnection, mids: Sequence[int]) -> None:
    rows = await connection.fetch(_QUERIES["report_progress"], mids)
    words: dict[int, tuple[str, datetime]] = {}
    for row in rows:
        if not row["complete"]:
            continue
        if row["delivered"]:
            words[row["mid"]] = (DELIVERED, row["reported_at"])
        elif row["attempt"] == row["last_attempt"]:
            words.setdefault(row["mid"], (row["failure"], row["reported_at"]))
    await finish(connection, [(mid, stat, at) for mid, (stat, at) in words.items()])


async def finish(connection: AnyConnection, words: Sequence[tuple[int, str, datetime]]) -> None:
    """End live messages by (mid, stat, time); those that are final already stay as they are."""
    if not words:
        return
    ordered = sorted(words)
    await connection.execute(
        _QUERIES["finish"],
        [mid for mid, _, _ in ordered],
        [state_for(stat) for _, stat, _ in ordered],
        [stat for _, stat, _ in ordered],
        [at for _, _, at in ordered],
    )


async def refuse(connection: AnyConnection, refusals: Sequence[Refusal]) -> None:
    """End live messages, unless they were sent once more since, and give back what was held and not paid."""
    if not refusals:
        return
    ordered = sorted(refusals)
    await connection.execute(
        _QUERIES["refuse"],
        [refusal.mid for refusal in ordered],
        [refusal.attempt for refusal in ordered],
        [refusal.state for refusal in ordered],
        [refusal.stat for refusal in ordered],
        [refusal.at for refusal in ordered],
    )


async def add_events(connection: AnyConnection, events: Sequence[tuple[int, datetime, str, str]]) -> None:
    """Append (mid, time, event, JSON detail) to timelines."""
    if not events:
        return
    await connection.execute(
        _QUERIES["add_events"],
        [mid for mid, _, _, _ in events],
        [at for _, at, _, _ in events],
        [event for _, _, event, _ in events],
        [detail for _, _, _, detail in events],
    )
