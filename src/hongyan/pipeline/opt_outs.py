"""What follows from an opt-out: marketing to the phone that still waits is ended, and the phone is told, once.

What is on the wire already arrives. The confirmation is a text of the platform's own, signed like the message that was
answered: it needs no template, costs nothing, and goes out over the channel that the reply came by under the extension that
was dialled, so that it stands on the phone below the word that asked for it.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hongyan.content.model import MessageKind
from hongyan.db.connection import AnyConnection
from hongyan.db.migrate import SHANGHAI
from hongyan.db.queries import Queries
from hongyan.kit.ids import format_id
from hongyan.limits.service import Subscription
from hongyan.messages.model import State
from hongyan.numbers.model import Number
from hongyan.numbers.rules import parse
from hongyan.replies.matching import Owner, Signer, signers_of
from hongyan.replies.repository import NewReply
from hongyan.text.signatures import leading_signature

from .reports import Refusal, add_events, event_detail, refuse
from .validity import VALIDITY

_QUERIES = Queries.of(__package__, "replies.sql")

STAT_OPTED_OUT: Final = "MA:0023"
"""The market family's report for a number on the customer's own block list (客户黑名单号码)."""
CONFIRMATION: Final = "【{signature}】您已退订，我们不会再向您发送营销短信。"
"""One segment under every signature."""


class _Confirmation(NamedTuple):
    """The columns of `store_confirmations`."""

    mid: int
    account_id: int
    api_key_id: int | None
    login_id: int | None
    recipient: int
    carrier: int
    channel_id: int
    to_number: str
    content: str


async def end_marketing(connection: AnyConnection, phones: Collection[Subscription], now: datetime) -> int:
    """End the marketing that waits for these phones, give back what was held for it, and return how many it was."""
    if not phones:
        return 0
    rows = await connection.fetch(
        _QUERIES["marketing_to"],
        [phone.account_id for phone in phones],
        [phone.recipient for phone in phones],
        (now - VALIDITY[MessageKind.MARKETING]).astimezone(SHANGHAI).date(),
        now.astimezone(SHANGHAI).date(),
        MessageKind.MARKETING,
    )
    return await _refuse(connection, [row["mid"] for row in rows], now)


async def end_marketing_of(connection: AnyConnection, account_id: int, recipients: Sequence[int], now: datetime) -> int:
    """The same for a long list of one account's phones."""
    rows = await connection.fetch(_QUERIES["marketing_of"], account_id, recipients, MessageKind.MARKETING)
    return await _refuse(connection, [row["mid"] for row in rows], now)


async def confirm(
    connection: AnyConnection, opted_out: Sequence[tuple[NewReply, Owner]], now: datetime, *, new_id: Callable[[], int]
) -> list[Subscription]:
    """Queue the confirmation of each opt-out and return the phones that are told by it.

    An account without any approved signature has nothing to sign with, and its phones are not told.
    """
    signers = await signers_of(connection, {owner.account_id for _, owner in opted_out if owner.account_id is not None})
    queued: list[tuple[_Confirmation, NewReply]] = []
    for reply, owner in opted_out:
        confirmation = _confirmation_of(reply, owner, signers, mid=new_id())
        if confirmation is not None:
            queued.append((confirmation, reply))
    if not queued:
        return []
    columns = zip(*(confirmation for confirmation, _ in queued), strict=True)
    expires_at = now + VALIDITY[MessageKind.NOTIFICATION]
    rows = await connection.fetch(_QUERIES["store_confirmations"], *columns, MessageKind.NOTIFICATION, expires_at)
    stored = {row["mid"] for row in rows}
    queued = [(confirmation, reply) for confirmation, reply in queued if confirmation.mid in stored]
    details = [
        (confirmation.mid, now, "confirmation", event_detail(reply_id=format_id(reply.reply_id)))
        for confirmation, reply in queued
    ]
    await add_events(connection, details)
    return [Subscription(confirmation.account_id, confirmation.recipient) for confirmation, _ in queued]


def _confirmation_of(reply: NewReply, owner: Owner, signers: dict[int, Signer], *, mid: int) -> _Confirmation | None:
    answered, text = owner.answered, reply.text
    assert owner.account_id is not None, "only what is somebody's is an opt-out"
    signer = signers.get(owner.account_id)
    signature = (leading_signature(answered.content) if answered else None) or (signer.signature if signer else None)
    number = parse(f"+{text.from_number}")
    if signature is None or not isinstance(number, Number):
        return None
    origin = answered or signer
    return _Confirmation(
        mid,
        owner.account_id,
        origin.api_key_id if origin else None,
        origin.login_id if origin else None,
        text.from_number,
        number.carrier,
        text.channel_id,
        text.to_number,
        CONFIRMATION.format(signature=signature),
    )


async def _refuse(connection: AnyConnection, mids: Sequence[int], now: datetime) -> int:
    await refuse(connection, [Refusal(mid, 0, State.REJECTED, STAT_OPTED_OUT, now) for mid in mids])
    return len(mids)
