"""A customer's request, from its octets to the response: read, checked, committed, answered.

What is wrong with a request by itself is answered at once, in the callback of the socket, and so is one too many. The
rest takes the same way as a request of the API: intake decides and commits, and only then is it answered. A part of a
long text is made durable and answered; what becomes of the text is said in its reports.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from msgspec import Struct

from hongyan.carriers.downstream.ids import PartIds
from hongyan.carriers.downstream.protocol import (
    Accepted,
    CountsAsked,
    Immediate,
    Refusal,
    ReportWish,
    SubmitFacts,
    SubmitRefused,
)
from hongyan.carriers.downstream.texts import decode_text
from hongyan.kit.clock import Clock
from hongyan.kit.failures import describe
from hongyan.numbers.model import Number
from hongyan.numbers.rules import parse
from hongyan.pipeline.intake import SEGMENTS_MAX
from hongyan.pipeline.snapshot import Snapshot
from hongyan.pipeline.submission import (
    IntakePort,
    Origin,
    Submission,
    SubmissionRefused,
)
from hongyan.wire.errors import EncodeError, LocalProtocolError

from .assembly import Assembly, IncomingPart
from .counts import DayCounts
from .metrics import SUBMIT_SECONDS, SUBMITS
from .refusals import refusal_for, refusal_of, stat_of
from .reports import RefusedReports
from .roster import CustomerLink, Roster
from .sources import extension_for

_log = structlog.get_logger()

PENDING_MAX: Final = 4096
"""Submits of all customers that may be in hand at once; more are asked to slow down."""
SCHEDULE_SLACK: Final = timedelta(minutes=1)
"""A delivery time this near is now: clocks differ."""


class SubmitDesk:
    """Takes the requests of bound customers."""

    def __init__(
        self,
        intake: IntakePort,
        assembly: Assembly,
        counts: DayCounts,
        refused_reports: RefusedReports,
        *,
        roster: Roster,
        ids: PartIds,
        snapshot: Callable[[], Snapshot],
        clock: Clock,
    ) -> None:
        self._intake = intake
        self._assembly = assembly
        self._counts = counts
        self._refused_reports = refused_reports
        self._roster = roster
        self._ids = ids
        self._snapshot = snapshot
        self._clock = clock
        self.pending = 0
        self.is_closing = False
        """Set when the process stops: everything new is asked to come again."""
        self._emptied = asyncio.Event()

    def take(self, link: CustomerLink, sequence: int, request: Struct, tasks: asyncio.TaskGroup) -> None:
        """Answer a request, now or in a task of the group."""
        try:
            facts = self._read(link, sequence, request)
        except SubmitRefused as refused:
            self._refuse(link, sequence, request, refused)
            return
        if isinstance(facts, Immediate):
            link.wire.answer(sequence, facts.answer)
            return
        link.in_hand += 1
        self.pending += 1
        if isinstance(facts, CountsAsked):
            tasks.create_task(self._answer_counts(link, sequence, request, facts), name="query")
        else:
            tasks.create_task(self._answer_submit(link, sequence, request, facts), name="submit")

    async def emptied(self) -> None:
        """Return when no submit is in hand."""
        while self.pending:
            self._emptied.clear()
            await self._emptied.wait()

    def _done(self, link: CustomerLink) -> None:
        link.in_hand -= 1
        self.pending -= 1
        self._emptied.set()

    def _read(self, link: CustomerLink, sequence: int, request: Struct) -> SubmitFacts | CountsAsked | Immediate:
        """Read a request and check what can be checked of it alone."""
        if not link.sends:
            raise SubmitRefused(Refusal.NOT_ALLOWED_HERE)
        try:
            facts = link.protocol.read(request, sequence, link.terms)
        except SubmitRefused:
            if self._roster.may_submit(link.login_id, 1):
                raise
            raise SubmitRefused(Refusal.FLOW_EXCEEDED, "faster than agreed") from None
        if isinstance(facts, Immediate):
            return facts
        if link.in_hand >= link.window_size:
            raise SubmitRefused(Refusal.FLOW_EXCEEDED, "more unanswered than the window")
        count = len(facts.destinations) if isinstance(facts, SubmitFacts) else 1
        if not self._roster.may_submit(link.login_id, count):
            raise SubmitRefused(Refusal.FLOW_EXCEEDED, "faster than agreed")
        if self.pending >= PENDING_MAX or self.is_closing:
            raise SubmitRefused(Refusal.TRY_LATER)
        return facts

    async def _answer_submit(self, link: CustomerLink, sequence: int, request: Struct, facts: SubmitFacts) -> None:
        started_at = self._clock.monotonic()
        try:
            response = link.protocol.accepted(request, await self._submit(link, facts), link.terms)
        except SubmitRefused as refused:
            self._refuse(link, sequence, request, refused)
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, the border of a request
            _log.error("downstream.submit_failed", login_id=link.login_id, **describe(error))
            self._refuse(link, sequence, request, SubmitRefused(Refusal.INTERNAL))
        else:
            SUBMITS.labels(link.protocol.family, "accepted").inc()
            SUBMIT_SECONDS.observe(self._clock.monotonic() - started_at)
            _answer(link, sequence, response)
        finally:
            self._done(link)

    async def _answer_counts(self, link: CustomerLink, sequence: int, request: Struct, asked: CountsAsked) -> None:
        try:
            login = self._snapshot().directory.login_of(link.login_id)
            counts = None if login is None else await self._counts.of(login, asked.day)
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, the border of a request
            _log.error("downstream.query_failed", login_id=link.login_id, **describe(error))
            counts = None
        finally:
            self._done(link)
        _answer(link, sequence, link.protocol.counts(request, counts))

    def _refuse(self, link: CustomerLink, sequence: int, request: Struct, refused: SubmitRefused) -> None:
        family = link.protocol.family
        SUBMITS.labels(family, refused.refusal.name.lower()).inc()
        # Flow control is the everyday talk of a busy customer: it is counted, and not worth a line each.
        if refused.refusal not in (Refusal.FLOW_EXCEEDED, Refusal.TRY_LATER):
            _log.info(
                "downstream.submit_refused",
                protocol=family,
                login=link.terms.login,
                sequence=sequence,
                reason=refused.problem,
            )
        _answer(link, sequence, link.protocol.refused(request, refused.refusal, link.terms))

    async def _submit(self, link: CustomerLink, facts: SubmitFacts) -> Accepted:
        snapshot = self._snapshot()
        login = snapshot.directory.login_of(link.login_id)
        account = snapshot.directory.account(login.account_id) if login is not None else None
        if login is None or account is None or not login.is_active:
            raise SubmitRefused(Refusal.ACCOUNT_SUSPENDED)
        extension = extension_for(facts.source, login, account, snapshot.routes.channels)
        if extension is None:
            raise SubmitRefused(Refusal.SOURCE_NOT_ALLOWED)
        valid_until = self._valid_until(facts)
        if facts.concatenation is not None:
            return await self._keep_part(link, facts, valid_until)
        text = decode_text(facts.content, facts.coding)
        first_id = self._ids.take(len(facts.destinations))
        submission = Submission(
            account_id=login.account_id,
            api_key_id=None,
            content=text,
            mobiles=list(facts.destinations),
            extension=extension,
            valid_until=valid_until,
            origin=Origin(
                login_id=login.login_id,
                source=facts.source,
                report=facts.report,
                first_part_id=first_id,
                reference=facts.reference,
            ),
        )
        return await self._commit(link, facts, submission)

    async def _commit(self, link: CustomerLink, facts: SubmitFacts, submission: Submission) -> Accepted:
        assert submission.origin is not None
        try:
            receipt = await self._intake.submit(submission)
        except SubmissionRefused as refused:
            raise SubmitRefused(refusal_of(refused), refused.code) from None
        refusals = {
            position: refusal
            for position, entry in enumerate(receipt.entries)
            if (refusal := refusal_for(entry.outcome)) is not None
        }
        accepted = Accepted(submission.origin.first_part_id, refusals)
        await self._tell_refused(link, facts, accepted)
        return accepted

    async def _keep_part(self, link: CustomerLink, facts: SubmitFacts, valid_until: datetime | None) -> Accepted:
        """Make a part durable for each destination; the text is looked at when it is whole."""
        concatenation = facts.concatenation
        assert concatenation is not None
        if concatenation.total > SEGMENTS_MAX:
            raise SubmitRefused(Refusal.TEXT_TOO_LONG, f"{concatenation.total} parts")
        if not facts.content:
            raise SubmitRefused(Refusal.TEXT_MISSING, "a part without text")
        refusals = {
            position: Refusal.DESTINATION_WRONG
            for position, destination in enumerate(facts.destinations)
            if not isinstance(parse(destination), Number)
        }
        first_id = self._ids.take(len(facts.destinations))
        parts: list[IncomingPart] = []
        copies: dict[str, int] = {}
        for position, destination in enumerate(facts.destinations):
            if position in refusals:
                continue
            copy = copies[destination] = copies.get(destination, -1) + 1
            parts.append(
                IncomingPart(
                    link.login_id,
                    facts.source,
                    destination,
                    concatenation.reference,
                    concatenation.total,
                    copy,
                    concatenation.number,
                    first_id + position,
                    facts.report,
                    facts.reference,
                    facts.coding,
                    facts.content,
                    valid_until,
                )
            )
        if parts:
            kept = await self._assembly.keep(parts)
            # A part that came twice keeps the id that it was given first.
            first_id += kept[0] - parts[0].part_id
        accepted = Accepted(first_id, refusals)
        await self._tell_refused(link, facts, accepted)
        return accepted

    async def _tell_refused(self, link: CustomerLink, facts: SubmitFacts, accepted: Accepted) -> None:
        """Refuse a submit of which nothing was taken; where the response cannot name the numbers, reports will."""
        if not accepted.refusals:
            return
        if len(accepted.refusals) == len(facts.destinations):
            raise SubmitRefused(next(iter(accepted.refusals.values())))
        if link.protocol.says_partial or facts.report is ReportWish.NEVER:
            return
        await self._refused_reports.write(link.login_id, facts, accepted, stat_of)

    def _valid_until(self, facts: SubmitFacts) -> datetime | None:
        """Return when the customer stops caring; SubmitRefused when that is over, or when it is to be sent later."""
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        deliver_at = _moment(facts.deliver_at, now)
        if deliver_at is not None and deliver_at > now + SCHEDULE_SLACK:
            raise SubmitRefused(Refusal.SCHEDULE_UNSUPPORTED)
        valid_until = _moment(facts.valid_until, now)
        if valid_until is not None and valid_until <= now:
            raise SubmitRefused(Refusal.VALIDITY_WRONG, "its validity is over")
        return valid_until


def _answer(link: CustomerLink, sequence: int, response: Struct) -> None:
    """Answer; what no PDU can say costs this answer and nothing else."""
    try:
        link.wire.answer(sequence, response)
    except (EncodeError, LocalProtocolError) as error:
        _log.error("downstream.answer_failed", protocol=link.protocol.family, **describe(error))


def _moment(time: datetime | timedelta | None, now: datetime) -> datetime | None:
    return now + time if isinstance(time, timedelta) else time
