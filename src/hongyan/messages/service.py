"""Questions about messages: one, a list, a timeline. Who asks is told by the account; None is staff."""

from datetime import datetime, timedelta
from typing import Final

from hongyan.db.connection import AnyConnection
from hongyan.kit.ids import format_id

from .errors import FilterInvalid, MessageUnknown
from .model import Message, MessageFilter, MessagePage, TimelineEntry
from .repository import find_message, find_record, page_of_messages
from .timeline import timeline_of

PAGE_MAX: Final = 1000
LOOKBACK: Final = timedelta(hours=24)
"""How far back a list by recipient or final state looks when nobody says: neither has an index."""


async def message_by_id(connection: AnyConnection, mid: int, *, account_id: int | None = None) -> Message:
    """Return the message as it stands now; MessageUnknown when the account has none of this id."""
    message = await find_message(connection, mid)
    if message is None or account_id not in (None, message.account_id):
        raise MessageUnknown(mid=format_id(mid))
    return message


async def timeline_of_message(
    connection: AnyConnection, mid: int, *, account_id: int | None = None
) -> tuple[Message, list[TimelineEntry]]:
    """Return the message and what happened to it; MessageUnknown when the account has none of this id."""
    record = await find_record(connection, mid)
    if record is None or account_id not in (None, record.message.account_id):
        raise MessageUnknown(mid=format_id(mid))
    return record.message, timeline_of(record)


async def list_messages(connection: AnyConnection, wanted: MessageFilter, *, now: datetime) -> MessagePage:
    """Return a page, newest first.

    A list by recipient or by final state has no index to go by, so without `since` it looks back 24 h, from
    `until` where that is given; the page says so.
    """
    if not 1 <= wanted.limit <= PAGE_MAX:
        raise FilterInvalid(f"The limit must be from 1 to {PAGE_MAX}, not {wanted.limit}.", field="limit")
    since = wanted.since
    if since is None and (wanted.recipient is not None or any(state.is_final for state in wanted.states)):
        since = min(now, wanted.until or now) - LOOKBACK
    if since is not None and wanted.until is not None and since >= wanted.until:
        raise FilterInvalid("The end of the time must come after its beginning.", field="until")
    found = await page_of_messages(connection, wanted, since=since, limit=wanted.limit + 1)
    page = found[: wanted.limit]
    return MessagePage(page, page[-1].mid if len(found) > len(page) else None, since)
