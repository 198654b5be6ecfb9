"""The second and third ledger as the checker wants them: the carriers' journal and the platform's database.

Times are Unix microseconds, as the journal has them; recipients are E.164 digits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from hongyan.db.pool import Pool
from hongyan.db.queries import Queries
from hongyan.simulator.journal import Line

from .told import Told

_QUERIES: Final = Queries.of(__package__)
UNDELIVERED: Final = "UNDELIV"
_SGIP_FAILURE: Final = "SG:"
Row = TypeVar("Row")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `messages`."""

    mid: int
    account_id: int
    recipient: int
    kind: int
    state: int
    segments: int
    charge: int
    submitted_at_us: int | None
    final_at_us: int | None
    stat: str | None
    content: str


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `live_messages`."""

    mid: int
    state: int
    attempt: int
    claimed: bool
    due_at_us: int


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `segments`: a carrier's answer."""

    mid: int
    attempt: int
    part: int
    result: int
    carrier_message_id: str | None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `message_events`."""

    mid: int
    at_us: int
    event: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ledger_entries`."""

    subject_id: int
    entry: int
    account_id: int
    available_change: int
    held_change: int


class AccountMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the ledger for one account."""

    account_id: int
    price_per_segment: int
    available: int
    overdraft_limit: int
    held_total: int
    posted_total: int
    voided_total: int
    credited: int
    """What the test paid in."""


class Database(msgspec.Struct, kw_only=True):
    """The platform's own word, read in one snapshot."""

    read_at_us: int
    messages: list[Message] = []
    live: list[Live] = []
    segments: list[Segment] = []
    events: list[Event] = []
    entries: list[Entry] = []
    accounts: list[AccountMoney] = []


class Ledgers(msgspec.Struct, kw_only=True):
    """All three."""

    told: Sequence[Told]
    journal: Sequence[Line]
    database: Database


def id_number(written: str | None) -> int:
    """Return a carrier's id as its journal has it: SGIP's three numbers side by side, any other's digits."""
    number = 0
    for word in (written or "0").split(" "):
        number = number << 32 | int(word)
    return number


def said_stat(stat: str | None) -> str | None:
    """Return a stat as the journal has it: SGIP reports a number, of which ours is made (`carriers.sgip`)."""
    return UNDELIVERED if stat is not None and stat.startswith(_SGIP_FAILURE) else stat


def recipient_of(destination: str) -> int:
    """Return the E.164 digits of a destination as the journal has it."""
    digits = destination.removeprefix("+")
    return 8_600_000_000_000 + int(digits) if len(digits) == 11 else int(digits)


async def read_database(pool: Pool, credited: dict[int, int]) -> Database:
    """Read everything about the accounts that the test made; `credited` is what it paid into each."""
    accounts = sorted(credited)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        read_at: datetime = await connection.fetchval("SELECT now()")

        async def rows(name: str, kind: type[Row]) -> list[Row]:
            return [kind(**row) for row in await connection.fetch(_QUERIES[name], accounts)]

        return Database(
            read_at_us=round(read_at.timestamp() * 1_000_000),
            messages=[
                msgspec.structs.replace(message, stat=said_stat(message.stat))
                for message in await rows("messages", Message)
            ],
            live=await rows("live", Live),
            segments=await rows("segments", Segment),
            events=await rows("events", Event),
            entries=await rows("entries", Entry),
            accounts=[
                AccountMoney(**row, credited=credited[row["account_id"]])
                for row in await connection.fetch(_QUERIES["accounts"], accounts)
            ],
        )
