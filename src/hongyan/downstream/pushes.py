"""Pushing reports and replies to bound customers: at least once, in order, within the window, from any gateway.

A push lies in the database until its customer has answered it. A gateway takes as many as the customer's links have
credit for, under a lease; nobody else gets those meanwhile. What is answered is deleted, what is not is put back: at once
when its link was lost, after a rest when the answer did not come or asked for one. So a push comes twice only where
its answer was lost, which is what the protocols' own resending does.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import msgspec
import structlog
from msgspec import Struct

from hongyan.carriers.downstream.ids import split
from hongyan.carriers.downstream.protocol import CustomerTerms, ReplyFacts, ReportFacts, ServerProtocol, Taken
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock
from hongyan.wire.errors import EncodeError, NotBound, WindowFull

from .metrics import PUSHES, PUSHES_IN_HAND
from .roster import CustomerLink, Roster

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

PUSH_CHANNEL: Final = "hongyan_pushes"
LEASE: Final = timedelta(seconds=30)
"""How long a gateway has a push for itself; longer than a customer may take to answer."""
POLL_SECONDS: Final = 2.0
"""How often pushes are looked for that nobody announces: those that have rested, or whose gateway died."""
REST_SECONDS: Final = 15.0
REST_SECONDS_MAX: Final = 600.0
TRIES_AT_ONCE: Final = 3
"""How often a push whose link was lost goes out again without a rest."""
CLAIM_MAX: Final = 500
"""Pushes that are claimed by one statement for one login."""
RETRY_SECONDS: Final = 0.5
HOUSEKEEPING_SECONDS: Final = 60.0
EXPIRED_BATCH: Final = 5000
KINDS: Final = ("report", "reply")


class _ReportPayload(Struct):
    id: int
    stat: str
    source: str = msgspec.field(name="from")
    destination: str = msgspec.field(name="to")
    at: int
    reference: str | None = None


class _ReplyPayload(Struct):
    sender: str = msgspec.field(name="from")
    destination: str = msgspec.field(name="to")
    content: str


_read_report = msgspec.json.Decoder(_ReportPayload).decode
_read_reply = msgspec.json.Decoder(_ReplyPayload).decode


class Push:
    """A push in hand: what of it is not sent or not answered yet, and what the answers were."""

    __slots__ = ("kind", "open", "push_id", "taken", "tries", "unsent")

    def __init__(self, push_id: int, kind: int, tries: int) -> None:
        self.push_id = push_id
        self.kind = kind
        self.tries = tries
        self.unsent: list[Struct] = []
        """The last part first."""
        self.open = 0
        self.taken = Taken.YES


class Pusher:
    """Pushes to every login that has a receiving link here."""

    def __init__(self, pool: Pool, bus: NotifyBus, roster: Roster, *, owner: str, clock: Clock) -> None:
        self._pool = pool
        self._roster = roster
        self._owner = owner
        self._clock = clock
        self._hungry: set[int] = set()
        """Logins for which something may lie there."""
        self._in_hand: dict[int, Push] = {}
        self._answered: list[int] = []
        self._returned: list[tuple[int, float]] = []
        self._woken = asyncio.Event()
        self._turning = asyncio.Lock()
        self._polled_at = clock.monotonic()
        self._cleaned_at = clock.monotonic()
        self._is_stopping = False
        bus.subscribe(PUSH_CHANNEL, self._announced)
        bus.on_reconnect(self._poll)

    # What the links tell. None of these wait.

    def bound(self, link: CustomerLink) -> None:
        """Note that a login can be pushed to."""
        if link.receives:
            self._hungry.add(link.login_id)
            self._woken.set()

    def answered(self, link: CustomerLink, push: Push, response: Struct) -> None:
        """Take a customer's answer."""
        taken = link.protocol.taken(response)
        if taken is not Taken.YES:
            push.taken = taken
            _log.info("downstream.push_refused", login_id=link.login_id, push_id=push.push_id, verdict=taken.value)
        elif push.unsent:
            self._send_parts(link, push)
        self._settle(push)

    def missing(self, push: Push) -> None:
        """Note that no answer came in time."""
        push.taken = Taken.LATER
        self._settle(push)

    def lost(self, unanswered: Sequence[object]) -> None:
        """Take back what a lost link left unanswered."""
        for push in {token for token in unanswered if isinstance(token, Push)}:
            if self._in_hand.pop(push.push_id, None) is not None:
                # One that ends every link it goes over must not keep a customer from all the others.
                self._returned.append((push.push_id, 0.0 if push.tries < TRIES_AT_ONCE else _rest_after(push.tries)))
                PUSHES.labels(KINDS[push.kind], "lost").inc()
        self._woken.set()

    # Working.

    async def run(self) -> None:
        """Push until cancelled."""
        while True:
            try:
                is_busy = await self.turn()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not (is_unavailable(error) or isinstance(error, asyncpg.TransactionRollbackError)):
                    raise
                _log.warning("downstream.pushes_postponed", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not is_busy:
                await self._wait()

    async def turn(self) -> bool:
        """Write down what was answered, then claim and send what the links can take; tell whether more may be done."""
        async with self._turning:
            await self._write_answers()
            await self._clean()
            sent = 0 if self._is_stopping else await self._claim_and_send()
            PUSHES_IN_HAND.set(len(self._in_hand))
            return bool(sent or self._answered or self._returned)

    async def stop(self, drain_seconds: float) -> None:
        """Send nothing new, wait so long for answers, and put the rest back; `run` goes on meanwhile."""
        self._is_stopping = True
        try:
            async with asyncio.timeout(drain_seconds):
                while self._in_hand:
                    self._woken.clear()
                    await self._woken.wait()
        except TimeoutError:
            pass
        try:
            async with self._turning:  # what a turn is writing, or has just claimed, is put down first
                self._returned += [(push_id, 0.0) for push_id in self._in_hand]
                await self._write_answers()
                self._in_hand.clear()
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if not is_unavailable(error):
                raise
            _log.warning("downstream.pushes_left_leased", error=type(error).__name__)

    @property
    def in_hand(self) -> int:
        """How many pushes wait for an answer."""
        return len(self._in_hand)

    # Inside.

    async def _write_answers(self) -> None:
        answered, self._answered = self._answered, []
        if answered:
            try:
                await self._pool.execute(_QUERIES["delete_pushes"], answered)
            except BaseException:
                self._answered += answered
                raise
            self._forget(answered)
        returned, self._returned = self._returned, []
        if returned:
            try:
                await self._pool.execute(
                    _QUERIES["release_pushes"],
                    [push_id for push_id, _ in returned],
                    [rest for _, rest in returned],
                    self._owner,
                )
            except BaseException:
                self._returned += returned
                raise
            self._hungry |= set(self._roster.receivers())

    def _forget(self, push_ids: Sequence[int]) -> None:
        for push_id in push_ids:
            self._in_hand.pop(push_id, None)
        self._woken.set()

    async def _claim_and_send(self) -> int:
        receivers = self._roster.receivers()
        rooms = {
            login_id: room
            for login_id in self._hungry
            if (room := min(CLAIM_MAX, sum(link.wire.credit for link in receivers.get(login_id, ())))) > 0
        }
        self._hungry &= receivers.keys()
        if not rooms:
            return 0
        # What is announced from here on may be missed by the statement, and is looked for again.
        self._hungry -= rooms.keys()
        try:
            rows = await self._pool.fetch(
                _QUERIES["claim_pushes"], list(rooms), list(rooms.values()), LEASE, self._owner
            )
        except BaseException:
            self._hungry |= rooms.keys()
            raise
        found: dict[int, int] = {}
        for row in sorted(rows, key=lambda row: row["push_id"]):
            found[row["login_id"]] = found.get(row["login_id"], 0) + 1
            self._send(row)
        self._hungry |= {login_id for login_id, count in found.items() if count == rooms[login_id]}
        return len(rows)

    def _send(self, row: asyncpg.Record) -> None:
        push_id = row["push_id"]
        if push_id in self._in_hand:
            return  # its lease ran out while its answer, or the note of it, was on the way
        push = Push(push_id, row["kind"], row["tries"])
        links = [link for link in self._roster.links_of(row["login_id"]) if link.receives and link.wire.credit > 0]
        if not links:
            self._returned.append((push_id, 0.0))
            return
        link = max(links, key=lambda link: link.wire.credit)
        try:
            pdus = _write(link.protocol, link.terms, row)
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, one push must not keep all others from going
            self._drop(push, type(error).__name__)
            return
        push.unsent = [*reversed(pdus)]
        self._in_hand[push_id] = push
        self._send_parts(link, push)
        if not push.open and push.unsent:
            push.taken = Taken.LATER
            self._settle(push)

    def _send_parts(self, link: CustomerLink, push: Push) -> None:
        """Send as much of a push as the link has credit for; the rest follows when that is answered."""
        try:
            while push.unsent:
                link.wire.send(push.unsent[-1], push)
                push.unsent.pop()
                push.open += 1
        except (WindowFull, NotBound):
            return
        except EncodeError as error:
            self._drop(push, type(error).__name__)

    def _drop(self, push: Push, problem: str) -> None:
        """Give up a push that the protocol cannot carry."""
        _log.error("downstream.push_unwritable", push_id=push.push_id, problem=problem)
        PUSHES.labels(KINDS[push.kind], "unwritable").inc()
        push.unsent.clear()
        self._in_hand[push.push_id] = push
        self._answered.append(push.push_id)

    def _settle(self, push: Push) -> None:
        push.open = max(0, push.open - 1)
        if push.open or push.push_id not in self._in_hand or push.push_id in self._answered:
            return
        kind = KINDS[push.kind]
        if push.taken is Taken.LATER:
            del self._in_hand[push.push_id]
            self._returned.append((push.push_id, _rest_after(push.tries)))
            PUSHES.labels(kind, "postponed").inc()
        else:
            self._answered.append(push.push_id)
            PUSHES.labels(kind, "taken" if push.taken is Taken.YES else "refused").inc()
        self._woken.set()

    async def _clean(self) -> None:
        """Drop what was kept for 72 hours, now and then."""
        now = self._clock.monotonic()
        if now - self._cleaned_at < HOUSEKEEPING_SECONDS:
            return
        self._cleaned_at = now
        rows = await self._pool.fetch(_QUERIES["drop_expired_pushes"], EXPIRED_BATCH)
        if rows:
            PUSHES.labels("any", "expired").inc(len(rows))
            _log.info("downstream.pushes_expired", pushes=len(rows))

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()
        if self._clock.monotonic() - self._polled_at >= POLL_SECONDS:
            self._poll()

    def _announced(self, payload: str) -> None:
        if payload.isdigit():
            self._hungry.add(int(payload))
            self._woken.set()

    def _poll(self) -> None:
        self._polled_at = self._clock.monotonic()
        self._hungry |= set(self._roster.receivers())
        self._woken.set()


def _rest_after(tries: int) -> float:
    return min(REST_SECONDS_MAX, REST_SECONDS * 2.0 ** min(tries - 1, 10))


def _write(protocol: ServerProtocol, terms: CustomerTerms, row: asyncpg.Record) -> Sequence[Struct]:
    if row["kind"] == 0:
        report = _read_report(row["payload"])
        facts = ReportFacts(
            push_id=row["push_id"],
            part_id=report.id,
            stat=report.stat,
            source=report.source,
            destination=report.destination,
            reference=bytes.fromhex(report.reference) if report.reference is not None else None,
            submitted_at=datetime.fromtimestamp(split(report.id).unix_seconds, UTC),
            done_at=datetime.fromtimestamp(report.at, UTC),
        )
        return [protocol.report(facts, terms)]
    reply = _read_reply(row["payload"])
    told = ReplyFacts(
        push_id=row["push_id"],
        sender=reply.sender,
        destination=reply.destination,
        content=reply.content,
        received_at=row["created_at"],
    )
    return protocol.reply(told, terms)
