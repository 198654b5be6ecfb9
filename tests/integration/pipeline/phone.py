"""A phone that answers: what it sends is handed to a writer as the links hand it over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg

from hongyan.pipeline.replies import ReplyWriter
from hongyan.replies.model import Part, Reply, ReplyFilter
from hongyan.replies.service import list_replies
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation

from .world import PHONE, World

WRITTEN_SECONDS_MAX = 10.0
NUMBER = "10690001"
"""The source number of the world's channels."""


class Phone:
    """Sends texts to a writer, and reads what became of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.writer = ReplyWriter(world.pool, world.clock)
        self.acknowledged: list[Part] = []
        self._last_id = 0

    def part(self, content: str | bytes, **differences: Any) -> Part:
        """Return a short message as the carrier hands it over, under an id of its own."""
        self._last_id += 1
        fields: dict[str, Any] = {
            "channel_id": self.world.channel_id,
            "from_number": PHONE,
            "to_number": NUMBER,
            "content": content if isinstance(content, bytes) else content.encode("utf-16-be"),
            "alphabet": Alphabet.UCS2,
            "concatenation": None,
            "carrier_message_id": str(self._last_id),
            "received_at": datetime.fromtimestamp(self.world.clock.now(), UTC),
        }
        return Part(**{**fields, **differences})

    def parts(self, *contents: str, reference: int = 7, **differences: Any) -> list[Part]:
        """Return the parts of a long text."""
        return [
            self.part(content, concatenation=Concatenation(reference, len(contents), number), **differences)
            for number, content in enumerate(contents, 1)
        ]

    def hand_over(self, *parts: Part) -> None:
        """Give parts to the writer."""
        for part in parts:
            self.writer.received(part, lambda part=part: self.acknowledged.append(part))  # type: ignore[misc]

    async def sends(self, *parts: Part | str) -> None:
        """Give texts to the writer and wait until they are written."""
        self.hand_over(*(self.part(part) if isinstance(part, str) else part for part in parts))
        async with asyncio.timeout(WRITTEN_SECONDS_MAX):
            await self.writer.flushed()

    async def replies(self, **wanted: Any) -> list[Reply]:
        """Return the replies in the order in which they were written."""
        async with self.world.pool.acquire() as connection:
            page = await list_replies(connection, ReplyFilter(**wanted))
        return page.replies[::-1]

    async def contents(self) -> list[str]:
        """Return their texts."""
        return [reply.content for reply in await self.replies()]

    async def opt_outs(self) -> list[asyncpg.Record]:
        """Return who has opted out."""
        return await self.world.pool.fetch("SELECT * FROM opt_outs ORDER BY account_id, recipient")

    async def confirmations(self) -> list[asyncpg.Record]:
        """Return the confirmations that were queued."""
        return await self.world.pool.fetch(
            "SELECT m.* FROM messages AS m WHERE m.mid IN"
            " (SELECT mid FROM message_events WHERE event = 'confirmation') ORDER BY mid"
        )


@asynccontextmanager
async def open_phone(world: World) -> AsyncIterator[Phone]:
    """Run a phone's writer for the time of the block."""
    phone = Phone(world)
    writing = asyncio.create_task(phone.writer.run())
    try:
        yield phone
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
