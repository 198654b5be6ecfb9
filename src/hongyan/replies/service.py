"""Questions about replies: one, a list. Who asks is told by the account; None is staff."""

from typing import Final

from asyncpg import Record as Row

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.ids import first_id_at, format_id

from .errors import ReplyFilterInvalid, ReplyUnknown
from .model import Reply, ReplyFilter, ReplyPage

PAGE_MAX: Final = 1000

_QUERIES: Final = Queries.of(__package__)
_ID_MAX: Final = (1 << 63) - 1


async def reply_by_id(connection: AnyConnection, reply_id: int, *, account_id: int | None = None) -> Reply:
    """Return the reply; ReplyUnknown when the account has none of this id."""
    row = await connection.fetchrow(_QUERIES["reply_by_id"], reply_id)
    if row is None or account_id not in (None, row["account_id"]):
        raise ReplyUnknown(reply_id=format_id(reply_id))
    return _reply_of(row)


async def list_replies(connection: AnyConnection, wanted: ReplyFilter) -> ReplyPage:
    """Return a page, newest first; ReplyFilterInvalid."""
    if not 1 <= wanted.limit <= PAGE_MAX:
        raise ReplyFilterInvalid(f"The limit must be from 1 to {PAGE_MAX}, not {wanted.limit}.", field="limit")
    if wanted.unmatched and wanted.account_id is not None:
        raise ReplyFilterInvalid("What is nobody's is no account's.", field="unmatched")
    first = 0 if wanted.since is None else min(max(first_id_at(wanted.since.timestamp()), 0), _ID_MAX)
    rows = await connection.fetch(
        _QUERIES["page_of_replies"],
        first,
        _ID_MAX if wanted.before is None else wanted.before,
        wanted.account_id,
        wanted.unmatched,
        wanted.from_number,
        wanted.limit + 1,
    )
    page = [_reply_of(row) for row in rows[: wanted.limit]]
    return ReplyPage(page, page[-1].reply_id if len(rows) > len(page) else None)


def _reply_of(row: Row) -> Reply:
    return Reply(**row)
