"""Writing replies."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries

from .model import WholeText

_QUERIES: Final = Queries.of(__package__)


class NewReply(NamedTuple):
    """A text, whose it is, and what it means."""

    reply_id: int
    account_id: int | None
    mid: int | None
    text: WholeText
    word: str | None
    """Of limits.words, where it is one."""


async def keep_replies(connection: AnyConnection, replies: Sequence[NewReply]) -> None:
    """Write replies."""
    columns = [
        (
            reply.reply_id,
            reply.account_id,
            reply.mid,
            reply.text.channel_id,
            reply.text.from_number,
            reply.text.to_number,
            reply.text.content,
            reply.text.parts,
            reply.text.parts_missing,
            reply.word,
            reply.text.carrier_message_id,
            reply.text.received_at,
        )
        for reply in replies
    ]
    await connection.execute(_QUERIES["keep_replies"], *zip(*columns, strict=True))
