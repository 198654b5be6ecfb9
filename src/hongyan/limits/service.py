"""The opt-out lists: asked at intake, written by replies and by hand.

A list belongs to an account and stops marketing alone: verifications and notifications pass. It is asked in the
database each time, so that what is written holds in every process from its commit on.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries

from .errors import OptOutNotFound
from .model import OptOut, OptOutPage, OptOutSource

PAGE_MAX: Final = 10_000

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()


class Subscription(NamedTuple):
    """An account and a phone that it may send marketing to, or not."""

    account_id: int
    recipient: int


class Word(NamedTuple):
    """A phone sent an account one of the words."""

    account_id: int
    recipient: int
    word: str
    reply_id: int
    at: datetime


async def opted_out(connection: AnyConnection, asked: Collection[Subscription]) -> set[Subscription]:
    """Return those of these that are over."""
    if not asked:
        return set()
    rows = await connection.fetch(_QUERIES["opted_out"], *_columns(list(asked)))
    return {Subscription(row["account_id"], row["recipient"]) for row in rows}


async def note_words(connection: AnyConnection, words: Sequence[Word]) -> set[Subscription]:
    """Record opt-outs and return those whose phone has not been told yet."""
    if not words:
        return set()
    first = {(word.account_id, word.recipient): word for word in reversed(words)}
    ordered = [first[key] for key in sorted(first)]  # one order for all writers: none waits for another in a circle
    rows = await connection.fetch(_QUERIES["note_replies"], *_columns(ordered))
    return {Subscription(row["account_id"], row["recipient"]) for row in rows}


async def note_confirmed(connection: AnyConnection, told: Collection[Subscription], at: datetime) -> None:
    """Remember that these phones were told."""
    if told:
        await connection.execute(_QUERIES["note_confirmed"], *_columns(sorted(told)), at)


async def add_opt_outs(
    connection: AnyConnection,
    account_id: int,
    recipients: Collection[int],
    *,
    source: OptOutSource,
    at: datetime,
    actor: str,
) -> list[int]:
    """Put phones on an account's list and return those that were not on it."""
    rows = await connection.fetch(_QUERIES["add"], account_id, sorted(set(recipients)), source, at)
    _log.info("opt_out.added", account_id=account_id, numbers=len(rows), source=source.value, actor=actor)
    return [row["recipient"] for row in rows]


async def remove_opt_out(connection: AnyConnection, account_id: int, recipient: int, *, actor: str) -> None:
    """Take a phone off an account's list, because it asked for marketing again; OptOutNotFound."""
    if not await connection.fetch(_QUERIES["remove"], account_id, [recipient]):
        raise OptOutNotFound
    _log.info("opt_out.removed", account_id=account_id, actor=actor)


async def list_opt_outs(
    connection: AnyConnection, account_id: int, *, after: int = 0, limit: int = PAGE_MAX
) -> OptOutPage:
    """Return a part of an account's list."""
    size = min(limit, PAGE_MAX)
    rows = await connection.fetch(_QUERIES["page"], account_id, after, size + 1)
    page = [OptOut(**{**row, "source": OptOutSource(row["source"])}) for row in rows[:size]]
    return OptOutPage(page, page[-1].recipient if len(rows) > size else None)


def _columns(rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return list(zip(*rows, strict=True))
