"""`hongyan reply`: what phones sent back."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from hongyan.accounts.service import find_account
from hongyan.kit.ids import format_id, parse_id
from hongyan.messages.masking import masked_number, masked_text, number_of
from hongyan.replies.model import Reply, ReplyFilter
from hongyan.replies.service import PAGE_MAX, list_replies, reply_by_id

from .arguments import AnyAccountOption
from .console import say, show, show_table
from .context import Platform
from .group import Group
from .message import RevealOption, SinceOption, moment_of, recipient_of, shortened
from .message_views import moment_text

app = Group("Replies: what phones send back.")


class ReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """A reply as JSON shows it."""

    reply_id: str
    received_at: datetime
    from_number: str
    to_number: str
    account: str | None
    mid: str | None
    """The message that it answers."""
    channel: str | None
    carrier_message_id: str | None
    parts: int
    parts_missing: int
    opt_out_word: str | None
    content: str


@app.verb("list")
async def list_page(
    platform: Platform,
    *,
    account: AnyAccountOption = None,
    unmatched: Annotated[bool, typer.Option("--unmatched", help="Only those that are nobody's.")] = False,
    number: Annotated[
        str | None, typer.Option("--from", metavar="NUMBER", help="Only from this phone.", show_default=False)
    ] = None,
    since: SinceOption = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="ID", help="Only older than this reply.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=PAGE_MAX, help="At most so many.")] = 50,
    reveal: RevealOption = False,
) -> None:
    """List replies, the newest first."""
    now = datetime.fromtimestamp(platform.clock.now(), UTC)
    wanted = ReplyFilter(
        unmatched=unmatched,
        from_number=None if number is None else recipient_of(number, option="--from"),
        since=None if since is None else moment_of(since, now, option="--since"),
        before=None if before is None else parse_id(before),
        limit=limit,
    )
    async with platform.pool.acquire() as connection:
        if account is not None:
            account_id = (await find_account(connection, account)).account_id
            wanted = msgspec.structs.replace(wanted, account_id=account_id)
        page = await list_replies(connection, wanted)
    show_table(
        [view_of(reply, reveal=reveal) for reply in page.replies],
        {
            "id": lambda view: view.reply_id,
            "received": lambda view: moment_text(view.received_at),
            "from": lambda view: view.from_number,
            "to": lambda view: view.to_number,
            "account": lambda view: view.account,
            "answers": lambda view: view.mid,
            "opt-out": lambda view: view.opt_out_word,
            "text": lambda view: shortened(view.content),
        },
        empty="no replies",
    )
    if page.next_before is not None:
        say(f"there are older ones: --before {format_id(page.next_before)}")


@app.verb("show")
async def show_reply(
    platform: Platform,
    reply_id: Annotated[str, typer.Argument(metavar="ID", help="The reply's id, 16 hexadecimal digits.")],
    reveal: RevealOption = False,
) -> None:
    """Show one reply: from whom, to which number, whose it is and which message it answers."""
    async with platform.pool.acquire() as connection:
        reply = await reply_by_id(connection, parse_id(reply_id))
    show(
        view_of(reply, reveal=reveal),
        {
            "reply": lambda view: view.reply_id,
            "received": lambda view: moment_text(view.received_at),
            "from": lambda view: view.from_number,
            "to": lambda view: f"{view.to_number}, channel {view.channel}",
            "account": lambda view: view.account or "nobody's",
            "answers": lambda view: view.mid,
            "opt-out": lambda view: view.opt_out_word,
            "parts": _parts_of,
            "text": lambda view: view.content,
        },
    )


def view_of(reply: Reply, *, reveal: bool) -> ReplyView:
    """Return a reply as it may be shown; number and codes whole only when asked for."""
    number = number_of if reveal else masked_number
    return ReplyView(
        reply_id=format_id(reply.reply_id),
        received_at=reply.received_at,
        from_number=number(reply.from_number) if reply.from_number else "",
        to_number=reply.to_number,
        account=reply.account,
        mid=None if reply.mid is None else format_id(reply.mid),
        channel=reply.channel,
        carrier_message_id=reply.carrier_message_id,
        parts=reply.parts,
        parts_missing=reply.parts_missing,
        opt_out_word=reply.opt_out_word,
        content=reply.content if reveal else masked_text(reply.content),
    )


def _parts_of(view: ReplyView) -> str:
    return f"{view.parts}, of which {view.parts_missing} never came" if view.parts_missing else str(view.parts)
