"""Messages out of the database: one, a page of them, or everything known about one.

A message's row is written when it is accepted and when it is final; in between its live row says where it
stands. Every read here is of one moment, so that a message never shows half of a change.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from asyncpg import Record as Row

from hongyan.billing.model import EntryKind, LedgerEntry
from hongyan.content.model import MessageKind
from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.ids import first_id_at
from hongyan.numbers.model import Carrier
from hongyan.routing.rows import route_of

from .model import Fact, Message, MessageFilter, Record, State, StoredEvent, StoredSegment

_QUERIES: Final = Queries.of(__package__)
_MID_MAX: Final = (1 << 63) - 1


async def find_message(connection: AnyConnection, mid: int) -> Message | None:
    """Return the message as it stands now."""
    found = await find_messages(connection, [mid])
    return found[0] if found else None


async def find_messages(connection: AnyConnection, mids: Sequence[int]) -> list[Message]:
    """Return those of the messages that there are, newest first, as they stand now."""
    if not mids:
        return []
    rows = await connection.fetch(_QUERIES["messages_by_id"], mids, min(mids), max(mids))
    return [_message_of(row) for row in rows]


async def find_record(connection: AnyConnection, mid: int) -> Record | None:
    """Return everything known about a message, as of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        message = await find_message(connection, mid)
        if message is None:
            return None
        route = await connection.fetchrow(_QUERIES["route_by_id"], message.route_id)
        segments = await connection.fetch(_QUERIES["segments_of"], mid)
        events = await connection.fetch(_QUERIES["events_of"], mid)
        entries = await connection.fetch(_QUERIES["ledger_of"], mid)
    return Record(
        message=message,
        route=None if route is None else route_of(route),
        segments=[StoredSegment(**row) for row in segments],
        events=[_event_of(row) for row in events],
        ledger=[_entry_of(row) for row in entries],
    )


async def page_of_messages(
    connection: AnyConnection, wanted: MessageFilter, *, since: datetime | None, limit: int
) -> list[Message]:
    """Return up to `limit` messages that fit, newest first; `since` and `limit` stand for those of the filter."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await find_messages(connection, await _mids_of(connection, wanted, since=since, limit=limit))


async def _mids_of(
    connection: AnyConnection, wanted: MessageFilter, *, since: datetime | None, limit: int
) -> list[int]:
    first = _first_mid(since) if since else 0
    end = min(
        _MID_MAX if wanted.before is None else wanted.before,
        _MID_MAX if wanted.until is None else _first_mid(wanted.until),
    )
    live = sorted(state for state in wanted.states if not state.is_final)
    final = sorted(state for state in wanted.states if state.is_final)
    mids: list[int] = []
    if live:
        rows = await connection.fetch(
            _QUERIES["page_of_live"], first, end, wanted.recipient, live, limit, wanted.account_id
        )
        mids += [row["mid"] for row in rows]
    if final or not live:
        bounds = (first, end, wanted.recipient, final or None, limit)
        if wanted.account_id is None:
            rows = await connection.fetch(_QUERIES["page_of_all"], *bounds)
        else:
            rows = await connection.fetch(_QUERIES["page_of_account"], *bounds, wanted.account_id)
        mids += [row["mid"] for row in rows]
    return sorted(mids, reverse=True)[:limit]


def _first_mid(at: datetime) -> int:
    """Return the lowest id of a time, kept within what the database can hold."""
    return min(max(first_id_at(at.timestamp()), 0), _MID_MAX)


def _message_of(row: Row) -> Message:
    fields = dict(row)
    fields["carrier"] = Carrier(row["carrier"])
    fields["kind"] = MessageKind(row["kind"])
    fields["state"] = State(row["state"])
    return Message(**fields)


def _event_of(row: Row) -> StoredEvent:
    detail: dict[str, Fact] = msgspec.json.decode(row["detail"], type=dict[str, str | int | bool | None])
    return StoredEvent(row["at"], row["event"], detail)


def _entry_of(row: Row) -> LedgerEntry:
    return LedgerEntry(
        subject_id=row["subject_id"],
        kind=EntryKind(row["entry"]),
        available_change=row["available_change"],
        held_change=row["held_change"],
        at=row["at"],
        note=row["note"],
    )
