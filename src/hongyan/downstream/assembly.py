"""Long texts that come in parts: kept part by part, put together, and sent on as one.

Each part is durable before it is answered, and it is answered at once. Parts come in any order, over any link and to any
gateway process; the process that stores the last one puts the text together and gives it to intake. Should that process
die, or two have the idea at once, it does not matter: the text's row is taken in the transaction that accepts the
message, so that exactly one of them sends it, and whatever is whole and still lies there is found again.

A part that comes twice while its text waits is the same part and keeps its id. One with the same numbers and other
contents belongs to another text: the customer's references have come round, and the older text is given up. A text whose
parts do not all come in time is given up too. Each part of what is given up gets a report that says why.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import asyncpg
import structlog

from hongyan.carriers.downstream.protocol import Coding, Refusal, ReportWish, SubmitRefused
from hongyan.carriers.downstream.texts import decode_text
from hongyan.db.connection import AnyConnection
from hongyan.db.group_commit import CommitQueueFull, CommitsStopped, GroupCommit
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries

from .metrics import TEXTS
from .refusals import STAT_PARTS_MISSING

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

PARTS_WAIT: Final = timedelta(minutes=5)
"""How long the parts of a text may take to come, from the first one on."""
WHOLE_WAIT: Final = timedelta(minutes=5)
"""How long a whole text may then take to be accepted, while the platform cannot take it."""
KEEP_TIMEOUT_SECONDS: Final = 2.0
BATCH_PARTS_MAX: Final = 500
WAITING_PARTS_MAX: Final = 10_000


class IncomingPart(NamedTuple):
    """One part for one destination; the columns of `long_texts`, then those of `long_text_parts`."""

    login_id: int
    source: str
    destination: str
    reference: int
    total: int
    copy: int
    """Tells apart a destination that one submit names twice."""
    number: int
    part_id: int
    report: ReportWish
    name: bytes | None
    """What the customer calls the submit."""
    coding: Coding
    content: bytes
    valid_until: datetime | None

    @property
    def key(self) -> tuple[int, str, str, int, int, int]:
        """What the parts of one text have in common."""
        return self[:6]


class WholeText(NamedTuple):
    """A text put together."""

    text_id: int
    login_id: int
    source: str
    destination: str
    content: str
    report: ReportWish
    valid_until: datetime | None


class Assembly:
    """The store of parts."""

    def __init__(self, pool: Pool, *, wait: timedelta = PARTS_WAIT) -> None:
        self._pool = pool
        self._wait = wait
        self._commits: GroupCommit[Sequence[IncomingPart], list[int]] = GroupCommit(
            self._write, batch_max=BATCH_PARTS_MAX, waiting_max=WAITING_PARTS_MAX, weigh=len
        )
        self.whole: asyncio.Queue[int] = asyncio.Queue(WAITING_PARTS_MAX)
        """Texts that are whole, to be sent on; what finds no room is found later."""

    async def keep(self, parts: Sequence[IncomingPart]) -> list[int]:
        """Make the parts of one submit durable and return the ids that they go by; SubmitRefused when it cannot be now."""
        try:
            async with asyncio.timeout(KEEP_TIMEOUT_SECONDS):
                return await self._commits.commit(parts)
        except (TimeoutError, CommitsStopped, CommitQueueFull):
            raise SubmitRefused(Refusal.TRY_LATER) from None

    async def run(self) -> None:
        """Write until cancelled."""
        await self._commits.run()

    async def look(self, count: int) -> list[int]:
        """Return texts that are whole and lie there."""
        return [row["text_id"] for row in await self._pool.fetch(_QUERIES["whole_texts"], count)]

    async def read(self, text_id: int) -> WholeText | None:
        """Put a text together; None when it is gone, SubmitRefused when its octets are no text."""
        rows = await self._pool.fetch(_QUERIES["parts_of"], text_id)
        if not rows:
            return None
        first = rows[0]
        valid_until = min((row["valid_until"] for row in rows if row["valid_until"] is not None), default=None)
        return WholeText(
            text_id,
            first["login_id"],
            first["source"],
            first["destination"],
            join([(Coding(row["coding"]), row["content"]) for row in rows]),
            max(ReportWish(row["report"]) for row in rows),
            valid_until,
        )

    async def fail(self, text_ids: Sequence[int], stat: str) -> int:
        """Give texts up, and report so about each of their parts; returns how many were there."""
        rows = await self._pool.fetch(_QUERIES["fail_texts"], text_ids, [stat] * len(text_ids))
        return len(rows)

    async def fail_overdue(self, count: int) -> int:
        """Give up what does not become whole, or cannot be sent; returns how many texts that were."""
        rows = await self._pool.fetch(_QUERIES["overdue_texts"], WHOLE_WAIT, count)
        failed = await self.fail([row["text_id"] for row in rows], STAT_PARTS_MISSING) if rows else 0
        if failed:
            TEXTS.labels("overdue").inc(failed)
            _log.info("downstream.texts_overdue", texts=failed)
        return failed

    async def _write(self, submits: Sequence[Sequence[IncomingPart]]) -> Sequence[list[int] | Exception]:
        parts = [part for submit in submits for part in submit]
        try:
            ids, whole = await self._store(parts)
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if not (is_unavailable(error) or isinstance(error, asyncpg.TransactionRollbackError)):
                raise
            return [SubmitRefused(Refusal.TRY_LATER) for _ in submits]
        for text_id in whole:
            if not self.whole.full():
                self.whole.put_nowait(text_id)
        rest = iter(ids)
        return [[next(rest) for _ in submit] for submit in submits]

    async def _store(self, parts: Sequence[IncomingPart]) -> tuple[list[int], set[int]]:
        """Store parts in one transaction; returns the id of each, and the texts that are whole now."""
        ids: list[int] = []
        whole: set[int] = set()
        async with self._pool.acquire() as connection, connection.transaction():
            for some in _rounds(parts):
                rows = await self._add(connection, some)
                stale = sorted({row["text_id"] for row in rows if not row["is_same"]})
                if stale:  # their reference has come round
                    failed = await connection.fetch(_QUERIES["fail_texts"], stale, [STAT_PARTS_MISSING] * len(stale))
                    TEXTS.labels("overtaken").inc(len(failed))
                    rows = await self._add(connection, some)
                ids += [row["part_id"] for row in rows]
                complete = {row["text_id"] for row in rows if row["is_whole"]}
                if complete:  # what comes after belongs to another text, also before this one is sent
                    await connection.execute(_QUERIES["close_texts"], sorted(complete))
                    whole |= complete
        return ids, whole

    async def _add(self, connection: AnyConnection, parts: Sequence[IncomingPart]) -> list[asyncpg.Record]:
        keys = list(zip(*(part.key for part in parts), strict=True))
        opened = await connection.fetch(_QUERIES["open_texts"], *keys, self._wait)
        texts = {
            (row["login_id"], row["source"], row["destination"], row["reference"], row["total"], row["copy"]): row[
                "text_id"
            ]
            for row in opened
        }
        text_ids = [texts[part.key] for part in parts]
        await connection.execute(
            _QUERIES["add_parts"],
            text_ids,
            [part.number for part in parts],
            [part.part_id for part in parts],
            [part.report for part in parts],
            [part.name for part in parts],
            [part.coding for part in parts],
            [part.content for part in parts],
            [part.valid_until for part in parts],
        )
        rows: list[asyncpg.Record] = await connection.fetch(
            _QUERIES["look_at_parts"],
            list(range(len(parts))),
            text_ids,
            [part.number for part in parts],
            [part.content for part in parts],
            [part.coding for part in parts],
        )
        return rows


def _rounds(parts: Sequence[IncomingPart]) -> list[list[IncomingPart]]:
    """Split parts, in order, so that no round holds parts of two texts that go by the same numbers.

    Another text begins where a part says something else than before, or comes again after the last one of its text.
    """
    rounds: list[list[IncomingPart]] = [[]]
    said: dict[tuple[object, ...], dict[int, tuple[Coding, bytes]]] = {}
    for part in parts:
        numbers = said.setdefault(part.key, {})
        contents = (part.coding, part.content)
        before = numbers.get(part.number)
        if before is not None and (before != contents or len(numbers) == part.total):
            rounds.append([])
            said = {part.key: (numbers := {})}
        numbers[part.number] = contents
        rounds[-1].append(part)
    return rounds


def join(parts: Sequence[tuple[Coding, bytes]]) -> str:
    """Return the text of parts in order; SubmitRefused when their octets are no text.

    Parts of one coding are joined as octets, since a cut may go through a character.
    """
    codings = {coding for coding, _ in parts}
    if len(codings) == 1:
        return decode_text(b"".join(content for _, content in parts), parts[0][0])
    return "".join(decode_text(content, coding) for coding, content in parts)
