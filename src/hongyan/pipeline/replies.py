"""What phones send becomes rows, in batches at our own pace, as reports do in `settle.py`.

    link ──received──▶ batch ──▶ known? ──▶ parts wait ──▶ whose? ──▶ replies, opt-outs, pushes ──▶ COMMIT ──▶ acknowledge

One transaction holds all that follows from a short message. Four promises:

- It is acknowledged to the carrier only after the commit; what the carrier sends again, having missed that, is known by
  its fingerprint and changes nothing.
- An opt-out holds from that commit on: intake asks the same table, and marketing to the phone that still waits is ended.
- The phone is told so once, from the number that it wrote to, at nobody's cost.
- Long texts that lack a part are given out after a minute by whichever process looks first, also after a restart.

While the database is away nothing is dropped: the loop tries again, the carriers' windows fill. What cannot be written for
another reason is left out and not acknowledged, so that it holds up nothing else and the carrier keeps it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import asyncpg
import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock
from hongyan.kit.failures import describe
from hongyan.kit.ids import IdGenerator, format_id
from hongyan.limits import service as limits
from hongyan.limits.words import opt_out_word
from hongyan.replies.assembly import whole_text_of
from hongyan.replies.matching import Owner, owners_of, prepare_search
from hongyan.replies.model import Part, WholeText
from hongyan.replies.repository import NewReply, keep_replies
from hongyan.replies.rules import ANSWERS_WITHIN
from hongyan.replies.waiting import GIVEN_UP_BATCH, forget_old, give_up, new_parts, put_together

from .metrics import OPT_OUTS, REPLIES
from .opt_outs import confirm, end_marketing
from .reports import add_events, event_detail

_QUERIES = Queries.of(__package__, "replies.sql")
_log = structlog.get_logger()

_NEXT_NODE: Final = Queries.of(__package__)["next_node"]

RETRY_SECONDS: Final = 0.25
GATHER_SECONDS: Final = 0.004
"""How long a batch gathers when more than a handful is coming in; amortises the commit."""
GATHER_AFTER: Final = 8
BATCH_MAX: Final = 100
WAITING_MAX: Final = 10_000
"""How many short messages wait to be written; what comes beyond is not taken, and the carrier offers it again."""
SWEEP_SECONDS: Final = 5.0
FORGET_SECONDS: Final = 600.0
PREPARE_SECONDS: Final = 1.0
"""How long a search by number stays as quick as `prepare_search` makes it, under a full load of messages."""

Acknowledge = Callable[[], None]


class Arrival(NamedTuple):
    """A short message from a phone, and how to tell the carrier that we have it."""

    part: Part
    acknowledge: Acknowledge


class ReplyWriter:
    """Collects what phones send and writes it down."""

    def __init__(self, pool: Pool, clock: Clock, *, answers_within: timedelta = ANSWERS_WITHIN) -> None:
        self._pool = pool
        self._clock = clock
        self._answers_within = answers_within
        self._arrivals: list[Arrival] = []
        self._something = asyncio.Event()
        self._in_hand = 0
        self._written = asyncio.Event()
        self._ids: IdGenerator | None = None
        self._forgot_at = float("-inf")
        self._prepared_at = float("-inf")

    # What the links tell.

    def received(self, part: Part, acknowledge: Acknowledge) -> None:
        """A short message came; `acknowledge` is called once it is committed."""
        if len(self._arrivals) >= WAITING_MAX:
            _log.warning("reply.not_taken", channel_id=part.channel_id, waiting=len(self._arrivals))
            return
        self._arrivals.append(Arrival(part, acknowledge))
        self._something.set()

    # Writing.

    async def run(self) -> None:
        """Write and sweep until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._run_writer(), name="replies")
            tasks.create_task(self._run_sweeper(), name="reply sweep")

    async def flushed(self) -> None:
        """Return when everything received so far is written."""
        while self._arrivals or self._in_hand:
            self._written.clear()
            await self._written.wait()

    async def sweep(self) -> None:
        """Give out the long texts whose time is over, and forget what is old."""
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        async with self._pool.acquire() as connection:
            while await self._in_transaction(connection, lambda: self._give_up(connection, now)) >= GIVEN_UP_BATCH:
                pass
            if self._clock.monotonic() - self._forgot_at >= FORGET_SECONDS:
                await forget_old(connection, now)
                self._forgot_at = self._clock.monotonic()

    async def _run_writer(self) -> None:
        while True:
            await self._something.wait()
            if len(self._arrivals) > GATHER_AFTER:
                await asyncio.sleep(GATHER_SECONDS)
            batch, self._arrivals = self._arrivals[:BATCH_MAX], self._arrivals[BATCH_MAX:]
            if not self._arrivals:
                self._something.clear()
            self._in_hand = len(batch)
            await self._write(batch)
            self._in_hand = 0
            self._written.set()

    async def _run_sweeper(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, messages shall not stop for a reply
                if _may_succeed_later(error):
                    _log.warning("reply.sweep_failed", error=type(error).__name__)
                else:
                    _log.error("reply.sweep_broken", **describe(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def _write(self, batch: Sequence[Arrival]) -> None:
        """Write a batch and acknowledge it; one that cannot be written is written one by one."""
        try:
            await self._until_stored([arrival.part for arrival in batch])
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, the others shall not pay for one
            if len(batch) == 1:
                _log.error("reply.unwritable", channel_id=batch[0].part.channel_id, **describe(error))
                return
            for arrival in batch:
                await self._write([arrival])
            return
        for arrival in batch:
            arrival.acknowledge()

    async def _until_stored(self, parts: Sequence[Part]) -> None:
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await self._prepare(connection)
                    await self._in_transaction(connection, lambda: self._store(connection, parts))
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not _may_succeed_later(error):
                    raise
                _log.warning("reply.postponed", error=type(error).__name__, waiting=len(parts))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _prepare(self, connection: AnyConnection) -> None:
        """Have searches by number quick; who gets no replies pays nothing for it."""
        now = self._clock.monotonic()
        if now - self._prepared_at >= PREPARE_SECONDS:
            await prepare_search(connection, datetime.fromtimestamp(self._clock.now(), UTC))
            self._prepared_at = now

    async def _in_transaction(
        self, connection: AnyConnection, work: Callable[[], Awaitable[Sequence[NewReply]]]
    ) -> int:
        """Commit what `work` writes, and return how many replies that were."""
        if self._ids is None:
            self._ids = IdGenerator(self._clock, await connection.fetchval(_NEXT_NODE))
        async with connection.transaction():
            replies = await work()
        for reply in replies:
            REPLIES.labels("unmatched" if reply.account_id is None else "matched").inc()
        OPT_OUTS.inc(sum(reply.word is not None for reply in replies))
        return len(replies)

    async def _store(self, connection: AnyConnection, parts: Sequence[Part]) -> Sequence[NewReply]:
        fresh = await new_parts(connection, parts)
        whole = [whole_text_of(part) for part in fresh if not part.is_long]
        whole += await put_together(connection, [part for part in fresh if part.is_long], new_id=self._new_id)
        return await self._take(connection, whole)

    async def _give_up(self, connection: AnyConnection, now: datetime) -> Sequence[NewReply]:
        given_up = await give_up(connection, now)
        for text in given_up:
            _log.warning("reply.incomplete", channel_id=text.channel_id, parts=text.parts, missing=text.parts_missing)
        return await self._take(connection, given_up)

    async def _take(self, connection: AnyConnection, texts: Sequence[WholeText]) -> Sequence[NewReply]:
        """Write whole texts and all that follows from them."""
        if not texts:
            return ()
        words = [opt_out_word(text.content) for text in texts]
        asked = [(text, word is not None) for text, word in zip(texts, words, strict=True)]
        owners = await owners_of(connection, asked, within=self._answers_within)
        replies = [
            NewReply(self._new_id(), owner.account_id, owner.answered.mid if owner.answered else None, text, word)
            for text, word, owner in zip(texts, words, owners, strict=True)
        ]
        await keep_replies(connection, replies)
        await _tell(connection, replies, owners)
        await self._opt_out(connection, replies, owners)
        return replies

    async def _opt_out(self, connection: AnyConnection, replies: Sequence[NewReply], owners: Sequence[Owner]) -> None:
        """Record opt-outs, end what still waits for those phones, and tell them."""
        words: list[limits.Word] = []
        by_phone: dict[limits.Subscription, tuple[NewReply, Owner]] = {}
        for reply, owner in zip(replies, owners, strict=True):
            if reply.word is None or reply.account_id is None or not reply.text.from_number:
                continue
            phone = limits.Subscription(reply.account_id, reply.text.from_number)
            words.append(limits.Word(*phone, reply.word, reply.reply_id, reply.text.received_at))
            by_phone.setdefault(phone, (reply, owner))
        if not words:
            return
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        untold = await limits.note_words(connection, words)
        await end_marketing(connection, by_phone, now)
        told = await confirm(connection, [by_phone[phone] for phone in sorted(untold)], now, new_id=self._new_id)
        await limits.note_confirmed(connection, told, now)

    def _new_id(self) -> int:
        assert self._ids is not None, "ids are there since the transaction began"
        return self._ids.next()


async def _tell(connection: AnyConnection, replies: Sequence[NewReply], owners: Sequence[Owner]) -> None:
    """Put replies into the timelines of the messages that they answer, and before customers who bind by a protocol."""
    events = [
        (
            reply.mid,
            reply.text.received_at,
            "replied",
            event_detail(
                reply_id=format_id(reply.reply_id),
                opt_out_word=reply.word,
                parts_missing=reply.text.parts_missing or None,
            ),
        )
        for reply in replies
        if reply.mid is not None
    ]
    await add_events(connection, events)
    owned = [(reply, owner) for reply, owner in zip(replies, owners, strict=True) if reply.account_id is not None]
    if owned:
        await connection.execute(
            _QUERIES["push_replies"],
            [reply.reply_id for reply, _ in owned],
            [reply.account_id for reply, _ in owned],
            [owner.answered.login_id if owner.answered else None for _, owner in owned],
            [str(reply.text.from_number) for reply, _ in owned],
            [reply.text.to_number for reply, _ in owned],
            [reply.text.content for reply, _ in owned],
            [reply.text.received_at for reply, _ in owned],
        )


def _may_succeed_later(error: BaseException) -> bool:
    return is_unavailable(error) or isinstance(error, asyncpg.TransactionRollbackError)
