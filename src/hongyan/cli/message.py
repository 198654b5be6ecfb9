"""`hongyan message`: where messages are and how they got there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
import typer

from hongyan.accounts.service import find_account
from hongyan.kit.ids import format_id, parse_id
from hongyan.messages.model import Message, MessageFilter, MessagePage, State, TimelineEntry
from hongyan.messages.repository import find_messages
from hongyan.messages.service import list_messages, timeline_of_message
from hongyan.numbers.model import Number
from hongyan.numbers.rules import parse
from hongyan.runtime.quantities import Duration

from .arguments import AnyAccountOption
from .console import print_json, say, show_table
from .context import Platform, common_options
from .group import Group
from .message_views import TimelineView, entry_line, entry_view_of, head_lines, moment_text, took_text, view_of

POLL_SECONDS: Final = 0.2

app = Group("Follow messages.")

MidArgument = Annotated[str, typer.Argument(metavar="MID", help="The message's id, 16 hexadecimal digits.")]
RevealOption = Annotated[bool, typer.Option("--reveal", help="Show numbers whole and codes as they are.")]
ToOption = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="NUMBER", help="Only to this number; of the last 24 hours unless --since.", show_default=False
    ),
]
StateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only in this state, such as in_doubt; may be repeated. Final ones of the last 24 hours unless --since.",
        show_default=False,
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        help="From then on: 30min, 2h or 7d ago, 2026-11-22, 2026-11-22T14:00.",
        show_default=False,
    ),
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Before then; as --since.", show_default=False)
]
BeforeOption = Annotated[
    str | None, typer.Option("--before", metavar="MID", help="Only older than this message.", show_default=False)
]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="At most so many.")]
TimeoutOption = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0, help="Give up after so long.", show_default=False),
]


@app.verb("show")
async def show_message(platform: Platform, mid: MidArgument, reveal: RevealOption = False) -> None:
    """Show one message and its timeline.

    When it was accepted, how it was routed and why, submitted, reported and paid, to the millisecond.
    """
    async with platform.pool.acquire() as connection:
        message, entries = await timeline_of_message(connection, parse_id(mid))
    view = view_of(message, reveal=reveal)
    lines = [entry_view_of(entry, message) for entry in entries]
    if common_options.get().as_json:
        print_json(TimelineView(view, lines))
        return
    print("\n".join(head_lines(view)))
    print()
    for line in lines:
        print(entry_line(line))


@app.verb("list")
async def list_page(
    platform: Platform,
    *,
    account: AnyAccountOption = None,
    to: ToOption = None,
    state: StateOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    before: BeforeOption = None,
    limit: LimitOption = 50,
    reveal: RevealOption = False,
) -> None:
    """List messages, the newest first."""
    now = datetime.fromtimestamp(platform.clock.now(), UTC)
    wanted = MessageFilter(
        recipient=None if to is None else recipient_of(to),
        states=frozenset(map(state_of, state or ())),
        since=None if since is None else moment_of(since, now, option="--since"),
        until=None if until is None else moment_of(until, now, option="--until"),
        before=None if before is None else parse_id(before),
        limit=limit,
    )
    async with platform.pool.acquire() as connection:
        if account is not None:
            account_id = (await find_account(connection, account)).account_id
            wanted = msgspec.structs.replace(wanted, account_id=account_id)
        page = await list_messages(connection, wanted, now=now)
    _print_page(page, reveal=reveal)
    if page.since is not None and wanted.since is None:
        say(f"looked back to {moment_text(page.since)}; --since looks further")


@app.verb("watch")
async def watch(
    platform: Platform,
    mid: MidArgument,
    timeout: TimeoutOption = None,  # noqa: ASYNC109 - the option's name
) -> None:
    """Print what happens to a message, as it happens.

    Until it is final. Exit code 0: delivered, else 1.
    """
    wanted = parse_id(mid)
    told: set[object] = set()
    try:
        async with asyncio.timeout(timeout):
            while True:
                message = await _tell_news(platform, wanted, told)
                if message.state.is_final:
                    break
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        say("it is not final yet")
        raise typer.Exit(1) from None
    if message.state is not State.DELIVERED:
        raise typer.Exit(1)


async def until_final(platform: Platform, mids: Sequence[int]) -> AsyncIterator[Message]:
    """Yield each message as it becomes final; returns when all are."""
    waiting = set(mids)
    while waiting:
        async with platform.pool.acquire() as connection:
            found = await find_messages(connection, sorted(waiting))
        for message in reversed(found):
            if message.state.is_final:
                waiting.discard(message.mid)
                yield message
        if waiting:
            await asyncio.sleep(POLL_SECONDS)


def _print_page(page: MessagePage, *, reveal: bool) -> None:
    took = {format_id(message.mid): took_text(message) for message in page.messages}
    show_table(
        [view_of(message, reveal=reveal) for message in page.messages],
        {
            "mid": lambda view: view.mid,
            "accepted": lambda view: moment_text(view.accepted_at),
            "account": lambda view: view.account,
            "to": lambda view: view.recipient,
            "state": lambda view: f"{view.state} {view.state_chinese}",
            "stat": lambda view: view.stat,
            "took": lambda view: took[view.mid],
            "text": lambda view: shortened(view.content),
        },
        empty="no messages",
    )
    if page.next_before is not None:
        say(f"there are older ones: --before {format_id(page.next_before)}")


async def _tell_news(platform: Platform, mid: int, told: set[object]) -> Message:
    """Print the lines of the timeline that were not told before."""
    async with platform.pool.acquire() as connection:
        message, entries = await timeline_of_message(connection, mid)
    for entry in entries:
        if _identity(entry) not in told:
            told.add(_identity(entry))
            view = entry_view_of(entry, message)
            line = msgspec.json.encode(view).decode() if common_options.get().as_json else entry_line(view)
            print(line, flush=True)
    return message


def _identity(entry: TimelineEntry) -> object:
    """Return what stays the same of an entry while more becomes known about it."""
    return entry.event, entry.at, entry.facts.get("attempt"), entry.facts.get("part"), entry.facts.get("entry")


def recipient_of(written: str, *, option: str = "--to") -> int:
    """Return the number that someone wrote; BadParameter if a text cannot be sent to it."""
    number = parse(written)
    if not isinstance(number, Number):
        raise typer.BadParameter(f"{written} is not a number that texts can be sent to", param_hint=option)
    return number.recipient


def state_of(written: str) -> State:
    """Return the state of that name; BadParameter lists them."""
    try:
        return State[written.strip().upper().replace("-", "_")]
    except KeyError:
        names = ", ".join(state.name.lower() for state in State)
        raise typer.BadParameter(f"{written} is not a state; these are: {names}", param_hint="--state") from None


def moment_of(written: str, now: datetime, *, option: str) -> datetime:
    """Read a time: so long ago (30min, 2h, 7d), or a date with or without a time, of this machine's zone."""
    try:
        return now - timedelta(seconds=Duration.parse(written))
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(written)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{written} is not a time; write 30min, 2h, 7d, 2026-11-22 or 2026-11-22T14:00", param_hint=option
        ) from None


def shortened(text: str, length: int = 40) -> str:
    """Return the beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
