"""`hongyan number opt-out`: who wants no more marketing of an account, by hand."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from hongyan.accounts.service import find_account
from hongyan.kit.fields import FieldProblem
from hongyan.kit.ids import format_id
from hongyan.limits import service
from hongyan.limits.errors import NumbersInvalid
from hongyan.limits.model import OptOut, OptOutSource
from hongyan.messages.masking import masked_number, number_of
from hongyan.numbers.model import Number
from hongyan.numbers.rules import parse
from hongyan.pipeline.opt_outs import end_marketing_of

from .arguments import AccountOption, actor
from .console import print_json, say, show_table
from .context import Platform, common_options
from .group import Group
from .message import RevealOption, recipient_of

app = Group("Numbers: which phones opted out.")
opt_outs = Group("Opt-outs: phones that want no more marketing of an account.")
app.add_typer(opt_outs, name="opt-out")

PROBLEMS_MAX: Final = 20
"""A list that is no list of numbers is told by its first lines."""
_TITLE: Final = "number,since,source,word,reply,told"

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The phone.", show_default=False)]


class OptOutView(msgspec.Struct, frozen=True, kw_only=True):
    """An opt-out as JSON shows it."""

    number: str
    since: datetime
    source: str
    word: str | None
    reply: str | None
    told_at: datetime | None


@opt_outs.verb("list")
async def list_page(
    platform: Platform,
    *,
    account: AccountOption,
    after: Annotated[
        str | None, typer.Option("--after", metavar="NUMBER", help="Only higher numbers.", show_default=False)
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=service.PAGE_MAX, help="At most so many.")
    ] = 100,
    reveal: RevealOption = False,
) -> None:
    """List phones that opted out, in the order of their numbers."""
    async with platform.pool.acquire() as connection:
        owner = await find_account(connection, account)
        start = recipient_of(after, option="--after") if after else 0
        page = await service.list_opt_outs(connection, owner.account_id, after=start, limit=limit)
    show_table(
        [_view_of(opt_out, reveal=reveal) for opt_out in page.opt_outs],
        {
            "number": lambda view: view.number,
            "since": lambda view: view.since,
            "source": lambda view: view.source,
            "word": lambda view: view.word,
            "reply": lambda view: view.reply,
            "told": lambda view: view.told_at,
        },
        empty="no opt-outs",
    )
    if page.next_after is not None:
        say("there are more: give the last number, which --reveal shows, to --after")


@opt_outs.verb("add")
async def add(platform: Platform, number: NumberArgument, *, account: AccountOption) -> None:
    """Stop an account's marketing to a phone.

    What waits for the phone is ended and refunded. The phone is not told.
    """
    await _add(platform, account, [recipient_of(number, option="NUMBER")], OptOutSource.OPERATOR)


@opt_outs.verb("import")
async def import_list(
    platform: Platform,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A number a line, or the first field of a CSV; - is standard input.")
    ],
    *,
    account: AccountOption,
) -> None:
    """Stop an account's marketing to all phones of a list.

    All of them or, where a line holds no number, none. Blank lines and those that begin with # or `number` are left out.
    """
    await _add(platform, account, _read(file), OptOutSource.IMPORT)


@opt_outs.verb("remove")
async def remove(platform: Platform, number: NumberArgument, *, account: AccountOption) -> None:
    """Let an account's marketing to a phone through again, because its owner asked for that."""
    async with platform.pool.acquire() as connection:
        owner = await find_account(connection, account)
        recipient = recipient_of(number, option="NUMBER")
        await service.remove_opt_out(connection, owner.account_id, recipient, actor=actor())
    _tell({"removed": 1}, "1 number removed")


@opt_outs.verb("export")
async def export_list(platform: Platform, *, account: AccountOption) -> None:
    """Print an account's list as CSV, with whole numbers, as `import` reads it.

    With --json, an object a line.
    """
    if not common_options.get().as_json:
        print(_TITLE)
    after: int | None = 0
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        while after is not None:
            page = await service.list_opt_outs(connection, account_id, after=after)
            for opt_out in page.opt_outs:
                view = _view_of(opt_out, reveal=True)
                as_json = common_options.get().as_json
                print(msgspec.json.encode(view).decode() if as_json else _csv_line(view))
            after = page.next_after


async def _add(platform: Platform, account: str, recipients: list[int], source: OptOutSource) -> None:
    now = datetime.fromtimestamp(platform.clock.now(), UTC)
    async with platform.pool.acquire() as connection, connection.transaction():
        account_id = (await find_account(connection, account)).account_id
        added = await service.add_opt_outs(connection, account_id, recipients, source=source, at=now, actor=actor())
        ended = await end_marketing_of(connection, account_id, added, now)
    known = len(set(recipients)) - len(added)
    counts = {"added": len(added), "known": known, "messages_ended": ended}
    _tell(counts, f"{len(added)} added, {known} known before, {ended} waiting messages ended")


def _read(file: Path) -> list[int]:
    """Return the numbers of a list; NumbersInvalid names the lines that hold none."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"cannot read {file}: {error}", param_hint="FILE") from None
    recipients: list[int] = []
    problems: list[FieldProblem] = []
    for line, written in _entries(text):
        number = parse(written)
        if isinstance(number, Number):
            recipients.append(number.recipient)
        elif len(problems) < PROBLEMS_MAX:
            problems.append(FieldProblem(f"line {line}", "this is not a number that texts can be sent to."))
    if problems:
        raise NumbersInvalid(problems)
    return recipients


def _entries(text: str) -> Iterator[tuple[int, str]]:
    for line, written in enumerate(text.splitlines(), 1):
        first = written.split(",", 1)[0].strip().strip('"')
        if first and not first.startswith("#") and first != "number":
            yield line, first


def _csv_line(view: OptOutView) -> str:
    told = view.told_at.isoformat() if view.told_at else ""
    return ",".join((view.number, view.since.isoformat(), view.source, view.word or "", view.reply or "", told))


def _view_of(opt_out: OptOut, *, reveal: bool) -> OptOutView:
    return OptOutView(
        number=number_of(opt_out.recipient) if reveal else masked_number(opt_out.recipient),
        since=opt_out.at,
        source=opt_out.source.value,
        word=opt_out.word,
        reply=None if opt_out.reply_id is None else format_id(opt_out.reply_id),
        told_at=opt_out.confirmed_at,
    )


def _tell(counts: dict[str, int], text: str) -> None:
    if common_options.get().as_json:
        print_json(counts)
    else:
        print(text)
