"""Whose a reply is.

First the number that was dialled: behind a channel's source number stand the digits by which an account is known (its
extension), or the number is one that a customer's protocol login sends from. Then the messages that the phone got: the
answer is to the last one from that number, of that account where the number has told. A text that neither finds is kept as
nobody's.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import asyncpg
from msgspec import Struct

from hongyan.content.model import MessageKind
from hongyan.db.connection import AnyConnection
from hongyan.db.migrate import SHANGHAI
from hongyan.db.queries import Queries
from hongyan.kit.ids import first_id_at

from .model import WholeText
from .rules import ANSWERS_WITHIN, Claim, owner_of

_QUERIES: Final = Queries.of(__package__)


class Answered(Struct, frozen=True):
    """The message that a reply answers."""

    mid: int
    account_id: int
    api_key_id: int | None
    login_id: int | None
    carrier: int
    content: str


class Owner(Struct, frozen=True):
    """Whose a reply is."""

    account_id: int | None = None
    answered: Answered | None = None


class Signer(Struct, frozen=True):
    """What a text of an account can be signed with that answers no message."""

    signature: str
    api_key_id: int | None
    login_id: int | None


async def owners_of(
    connection: AnyConnection, texts: Sequence[tuple[WholeText, bool]], *, within: timedelta = ANSWERS_WITHIN
) -> list[Owner]:
    """Return whose each text is; with each goes whether it is an opt-out, which rather answers marketing."""
    if not texts:
        return []
    claims = await _claims_to(connection, sorted({text.to_number for text, _ in texts}))
    accounts = [owner_of(text.to_number, claims[text.to_number]) for text, _ in texts]
    answered = await _answered(connection, texts, accounts, within=within)
    return [
        Owner(found.account_id if found else account_id, found)
        for account_id, found in zip(accounts, answered, strict=True)
    ]


async def prepare_search(connection: AnyConnection, now: datetime) -> None:
    """Make searches by number quick for what was accepted lately; to be called now and then, outside a transaction.

    While somebody vacuums the messages it is left out; the vacuum does the same at its end.
    """
    days = [_day_of(now - timedelta(days=1)), _day_of(now)]
    with suppress(asyncpg.LockNotAvailableError):
        async with connection.transaction():
            await connection.execute(_QUERIES["wait_briefly"])
            await connection.fetch(_QUERIES["summarise_messages"], days)


async def signers_of(connection: AnyConnection, account_ids: Collection[int]) -> dict[int, Signer]:
    """Return the oldest approved signature of each account that has one, and a key or login of its."""
    rows = await connection.fetch(_QUERIES["signers"], sorted(account_ids))
    return {row["account_id"]: Signer(row["signature"], row["api_key_id"], row["login_id"]) for row in rows}


async def _claims_to(connection: AnyConnection, numbers: Sequence[str]) -> defaultdict[str, list[Claim]]:
    claims: defaultdict[str, list[Claim]] = defaultdict(list)
    for row in await connection.fetch(_QUERIES["claims_to"], numbers):
        claims[row["number"]].append(Claim(row["prefix"], row["account_id"]))
    return claims


async def _answered(
    connection: AnyConnection,
    texts: Sequence[tuple[WholeText, bool]],
    accounts: Sequence[int | None],
    *,
    within: timedelta,
) -> list[Answered | None]:
    times = [text.received_at for text, _ in texts]
    first, last = min(times) - within, max(times)
    rows = await connection.fetch(
        _QUERIES["answered_messages"],
        list(range(len(texts))),
        [text.from_number for text, _ in texts],
        [text.to_number for text, _ in texts],
        [text.channel_id for text, _ in texts],
        accounts,
        [is_opt_out for _, is_opt_out in texts],
        *(_day_of(moment) for moment in (first, last)),
        first_id_at(first.timestamp()),
        MessageKind.MARKETING,
    )
    found: list[Answered | None] = [None] * len(texts)
    for row in rows:
        found[row["n"]] = Answered(
            row["mid"], row["account_id"], row["api_key_id"], row["login_id"], row["carrier"], row["content"]
        )
    return found


def _day_of(moment: datetime) -> object:
    return moment.astimezone(SHANGHAI).date()
