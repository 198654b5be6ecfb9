"""A gateway's desk without its links: a test claims by hand and tells the settler what carriers would say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import asyncpg

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.pipeline.courier import Courier
from hongyan.pipeline.doubt import judge_doubt
from hongyan.pipeline.reports import Refusal, Report, event_detail
from hongyan.pipeline.settle import Answer, Doubt, Settler

from .world import PHONE, PIPELINE, World

OWNER: Final = "desk"
LOCK_NUMBER: Final = 77
WRITTEN_SECONDS_MAX: Final = 10.0
LEASE: Final = timedelta(hours=1)


class Desk:
    """Holds the lease of the world's channel."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settler = Settler(world.pool, world.clock)
        self.fence = 0
        self.attempts: dict[int, int] = {}
        self.acknowledged: list[Report] = []

    async def take_lease(self, owner: str = OWNER) -> int:
        """Take the channel, whoever has it, and return the fence."""
        await self.world.pool.execute("UPDATE channel_leases SET expires_at = '-infinity'")
        rows = await self.world.pool.fetch(PIPELINE["acquire_leases"], owner, LOCK_NUMBER, LEASE, 1)
        self.fence = next(row["fence"] for row in rows if row["channel_id"] == self.world.channel_id)
        return self.fence

    async def claim(self, room: int = 100, *, owner: str = OWNER, fence: int | None = None) -> list[int]:
        """Mark what waits as sending and return its ids, in the order in which it is to go."""
        rows = await self.claim_rows(room, owner=owner, fence=fence)
        self.attempts.update((row["mid"], row["attempt"]) for row in rows)
        return [row["mid"] for row in rows]

    async def claim_rows(self, room: int, *, owner: str = OWNER, fence: int | None = None) -> list[asyncpg.Record]:
        """Claim and return what a dispatcher gets."""
        wanted = [self.world.channel_id], [self.fence if fence is None else fence], [room]
        return await self.world.pool.fetch(PIPELINE["claim_ready"], *wanted, owner, self.world.now())

    def answer(self, mid: int, part: int = 1, *, of: int = 1, attempt: int | None = None, known: bool = True) -> None:
        """Let the carrier take a segment; the last one makes the message submitted.

        `known` False: another process got the answer than the one that gets the report.
        """
        now, attempt = self.world.now(), attempt or self.attempts[mid]
        carrier_id = carrier_id_of(mid, part, attempt)
        answer = Answer(mid, attempt, part, self.world.channel_id, 1, part, 0, carrier_id, now, now)
        self.settler.answered(answer, submitted=part == of, simple=known and of == 1 and attempt == 1)

    def refuse(self, mid: int, *, attempt: int | None = None) -> None:
        """Let the carrier refuse a message."""
        refusal = Refusal(mid, attempt or self.attempts[mid], State.REJECTED, "MT:0013", self.world.now())
        self.settler.refused(refusal)

    def report(
        self, mid: int, stat: str = "DELIVRD", part: int = 1, *, attempt: int = 1, recipient: int | None = PHONE
    ) -> None:
        """Let the carrier report on a segment."""
        carrier_id = carrier_id_of(mid, part, attempt)
        report = Report(self.world.channel_id, carrier_id, recipient, stat, self.world.now())
        self.settler.reported(report, lambda: self.acknowledged.append(report))

    def lose(self, mid: int, kind: MessageKind = MessageKind.VERIFICATION, *, attempt: int | None = None) -> None:
        """Cut the link under a message."""
        now, attempt = self.world.now(), attempt or self.attempts[mid]
        verdict = judge_doubt(kind, attempt=attempt, now=now, expires_at=now + timedelta(minutes=4))
        self.settler.doubted(Doubt(mid, attempt, verdict, 1, event_detail(reason="cut", attempt=attempt)))

    async def written(self) -> None:
        """Wait until everything told is in the database."""
        async with asyncio.timeout(WRITTEN_SECONDS_MAX):
            await self.settler.flushed()

    async def sweep(self) -> None:
        """Have the courier look once."""
        await Courier(self.world.pool, self.world.clock).sweep()

    async def sent(self, *differences: MessageKind, segments: int = 1) -> int:
        """Accept a message and claim it."""
        kind = differences[0] if differences else MessageKind.VERIFICATION
        (mid,) = await self.world.accept(self.world.row(kind=kind, segments=segments))
        assert await self.claim() == [mid]
        return mid


def carrier_id_of(mid: int, part: int = 1, attempt: int = 1) -> str:
    """Return the id that this carrier gives a segment."""
    return f"{mid}-{attempt}-{part}"


@asynccontextmanager
async def open_desk(world: World) -> AsyncIterator[Desk]:
    """Take the lease and write what is told, for the time of the block."""
    desk = Desk(world)
    await desk.take_lease()
    settling = asyncio.create_task(desk.settler.run())
    try:
        yield desk
        await desk.written()
    finally:
        settling.cancel()
        with suppress(asyncio.CancelledError):
            await settling
