"""Settlement: what carriers say becomes rows, in batches at our own pace.

Events from the links are collected in memory and written by one loop: answers to submits, reports,
doubts, refusals. A batch gathers while the last one commits. Three promises:

- A report is acknowledged to the carrier only after it is committed; the carrier's window is thus the
  bound on what waits here, and a report can never be lost between us.
- Every write is conditional on the live row, so a batch whose commit outcome was lost is written again.
- While the database is away nothing is dropped: the loop tries again, windows fill, links stay bound.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import asyncpg
import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock

from .doubt import Verdict
from .metrics import DOUBTS, REFUSALS, REPORTS, SETTLE_SECONDS, SUBMITTED
from .reports import INTERMEDIATE, Refusal, Report, add_events, refuse, settle_reports, state_for, take_orphans_of
from .validity import REPORT_WAIT

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

RETRY_SECONDS = 0.25
KNOWN_IDS_MAX = 100_000
GATHER_SECONDS = 0.004
"""How long a batch gathers when more than a handful is coming in; amortises the commit."""


class Answer(NamedTuple):
    """A carrier's answer to one segment; the columns of `segments`."""

    mid: int
    attempt: int
    part: int
    channel_id: int
    link: int
    sequence: int
    result: int
    carrier_message_id: str | None
    sent_at: datetime
    answered_at: datetime


class Doubt(NamedTuple):
    """A message whose submit may or may not have arrived."""

    mid: int
    attempt: int
    verdict: Verdict
    link: int | None
    """The link that lost it, to be avoided when it is sent again."""
    detail: str


Acknowledge = Callable[[], None]


class _Batch:
    """What is written together."""

    __slots__ = ("acknowledge", "answers", "doubts", "events", "refusals", "reports", "submitted")

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.submitted: list[tuple[int, datetime]] = []
        self.reports: list[Report] = []
        self.acknowledge: list[Acknowledge] = []
        self.doubts: list[Doubt] = []
        self.refusals: list[Refusal] = []
        self.events: list[tuple[int, datetime, str, str]] = []

    def mids(self) -> set[int]:
        """Return the messages that something other than a report or an event tells of."""
        told = (self.answers, self.doubts, self.refusals)
        return {item.mid for items in told for item in items}

    def __len__(self) -> int:
        return (
            len(self.answers)
            + len(self.submitted)
            + len(self.reports)
            + len(self.doubts)
            + len(self.refusals)
            + len(self.events)
        )


class Settler:
    """Collects what happens on the links and writes it down."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._batch = _Batch()
        self._something = asyncio.Event()
        self._writing = _Batch()
        # Batches taken and written so far, and the news of another.
        self._taken = 0
        self._stored = 0
        self._written = asyncio.Event()
        # (channel, carrier id) → mid of messages with one segment, sent once, submitted and waiting for their report.
        self._known: dict[tuple[int, str], int] = {}

    # What the dispatcher tells. None of these wait.

    def answered(self, answer: Answer, *, submitted: bool, simple: bool) -> None:
        """A segment was answered; `submitted` when that makes its whole message submitted.

        `simple`: the message has one segment and this is its first attempt.
        """
        self._batch.answers.append(answer)
        if submitted:
            self._batch.submitted.append((answer.mid, answer.answered_at))
        carrier_id = answer.carrier_message_id
        if carrier_id is not None and simple:
            self._remember(answer.channel_id, carrier_id, answer.mid)
        self._something.set()

    def reported(self, report: Report, acknowledge: Acknowledge) -> None:
        """A report came; `acknowledge` is called once it is committed."""
        if report.stat not in INTERMEDIATE:
            self._batch.reports.append(report)
        self._batch.acknowledge.append(acknowledge)
        REPORTS.inc()
        self._something.set()

    def doubted(self, doubt: Doubt) -> None:
        """A submit has an unknown outcome."""
        self._batch.doubts.append(doubt)
        DOUBTS.inc()
        self._something.set()

    def refused(self, refusal: Refusal) -> None:
        """A message ends without a carrier."""
        self._batch.refusals.append(refusal)
        REFUSALS.inc()
        self._something.set()

    def noted(self, mid: int, at: datetime, event: str, detail: str) -> None:
        """Something worth a line in the timeline happened."""
        self._batch.events.append((mid, at, event, detail))
        self._something.set()

    # Writing.

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._something.wait()
            if len(self._batch) > 8:
                await asyncio.sleep(GATHER_SECONDS)
            self._something.clear()
            batch, self._batch = self._batch, _Batch()
            self._writing = batch
            self._taken += 1
            with SETTLE_SECONDS.time():
                await self._until_stored(lambda batch=batch: self._write(batch))  # type: ignore[misc]
            self._writing = _Batch()
            self._stored += 1
            self._written.set()
            for acknowledge in batch.acknowledge:
                acknowledge()
            SUBMITTED.inc(len(batch.submitted))

    async def flushed(self) -> None:
        """Return when everything told so far is written."""
        last = self._taken + self._something.is_set()
        while self._stored < last:
            self._written.clear()
            await self._written.wait()

    def unwritten(self) -> set[int]:
        """Return the messages whose fate is known here and not yet in the database."""
        return self._batch.mids() | self._writing.mids()

    async def _until_stored(self, write: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await write()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not (is_unavailable(error) or isinstance(error, asyncpg.TransactionRollbackError)):
                    raise
                _log.warning("settle.postponed", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _write(self, batch: _Batch) -> None:
        simple, special = self._sort_reports(batch)
        async with self._pool.acquire() as connection:
            if batch.answers or batch.submitted or simple:
                finished = await self._write_simple(connection, batch, simple)
                special += [report for mid, report in simple if mid not in finished]
            if special or batch.doubts or batch.refusals or batch.events:
                await self._write_special(connection, batch, special)
        for _, report in simple:
            self._known.pop((report.channel_id, report.carrier_message_id), None)

    def _sort_reports(self, batch: _Batch) -> tuple[list[tuple[int, Report]], list[Report]]:
        """Split into reports that end a simple message and reports that need a second look."""
        simple: dict[int, Report] = {}
        special: list[Report] = []
        fresh = {mid for mid, _ in batch.submitted}
        for report in batch.reports:
            mid = self._known.get((report.channel_id, report.carrier_message_id))
            if mid is None or mid in simple or mid in fresh:
                special.append(report)
            else:
                simple[mid] = report
        return sorted(simple.items()), special

    async def _write_simple(
        self, connection: AnyConnection, batch: _Batch, reports: Sequence[tuple[int, Report]]
    ) -> set[int]:
        submitted = sorted(batch.submitted)
        oldest = reports[0][0] if reports else 0
        rows = await connection.fetch(
            _QUERIES["settle"],
            *_columns(batch.answers),
            [mid for mid, _ in submitted],
            [at for _, at in submitted],
            REPORT_WAIT,
            [mid for mid, _ in reports],
            [state_for(report.stat) for _, report in reports],
            [report.stat for _, report in reports],
            [report.received_at for _, report in reports],
            oldest,
        )
        return {row["mid"] for row in rows}

    async def _write_special(self, connection: AnyConnection, batch: _Batch, reports: list[Report]) -> None:
        async with connection.transaction():
            if batch.doubts:
                await self._write_doubts(connection, batch.doubts)
                reports = [*await take_orphans_of(connection, [doubt.mid for doubt in batch.doubts]), *reports]
            await refuse(connection, batch.refusals)
            await add_events(connection, batch.events)
            await settle_reports(connection, reports)

    async def _write_doubts(self, connection: AnyConnection, doubts: Sequence[Doubt]) -> None:
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        ordered = sorted(doubts, key=lambda doubt: doubt.mid)
        await connection.execute(
            _QUERIES["doubt"],
            [doubt.mid for doubt in ordered],
            [doubt.attempt for doubt in ordered],
            [doubt.verdict.resend_now for doubt in ordered],
            [doubt.verdict.due_at for doubt in ordered],
            [doubt.link for doubt in ordered],
            [doubt.detail for doubt in ordered],
            now,
        )

    def _remember(self, channel_id: int, carrier_id: str, mid: int) -> None:
        if len(self._known) >= KNOWN_IDS_MAX:
            del self._known[next(iter(self._known))]
        self._known[channel_id, carrier_id] = mid


def _columns(answers: Sequence[Answer]) -> Sequence[Sequence[object]]:
    """Turn answers into one array a column, in the order in which other writers lock rows."""
    if not answers:
        return ((),) * len(Answer._fields)
    return list(zip(*sorted(answers, key=lambda a: (a.mid, a.attempt, a.part)), strict=True))
