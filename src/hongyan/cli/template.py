"""`hongyan template`: registered texts, decided on, and tried on a text."""

from datetime import datetime
from typing import Annotated

import msgspec
import typer

from hongyan.accounts.service import find_account, list_accounts
from hongyan.content import service
from hongyan.content.book import Match, Mismatch, load_book
from hongyan.content.model import MessageKind, ReviewState, Template
from hongyan.text.segments import CMPP, SegmentPlan, plan

from .arguments import AccountOption, AnyAccountOption, KindOption, ReasonOption, actor
from .console import say, show, show_table
from .context import Platform
from .group import Group

app = Group("Templates: registered texts.")

IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The template's number, as in the list.")]

_WHY_NOT = {
    Mismatch.NO_SIGNATURE: "no: the text has no 【signature】 in front or at its end",
    Mismatch.SIGNATURE_UNREGISTERED: "no: its signature is not an approved one of the account",
    Mismatch.TEXT_UNREGISTERED: "no: it fits no approved template of the account",
}


class TemplateView(msgspec.Struct, frozen=True):
    """A template, its kind by name."""

    template_id: int
    account_id: int
    signature_id: int | None
    kind: str
    body: str
    state: ReviewState
    reason: str
    created_at: datetime
    decided_at: datetime | None


class CheckView(msgspec.Struct, frozen=True):
    """What would become of a text."""

    goes_out: bool
    verdict: str
    template_id: int | None
    signature_id: int | None
    kind: str | None
    segments: int
    alphabet: str
    characters: int


@app.verb("register")
async def register(
    platform: Platform,
    body: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="The text without its signature; {1} or ${name} stand for what varies.",
            show_default=False,
        ),
    ],
    *,
    account: AccountOption,
    kind: KindOption,
    signature: Annotated[
        str | None,
        typer.Option("--signature", metavar="TEXT", help="Only under this signature; else any.", show_default=False),
    ] = None,
) -> None:
    """Ask for a template.

    It has to be approved before texts made from it go out.
    """
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        bound_to = await service.find_signature(connection, account_id, signature.strip("【】")) if signature else None
        template = await service.register_template(
            connection,
            account_id=account_id,
            body=body,
            kind=MessageKind(kind),
            signature_id=bound_to.signature_id if bound_to else None,
            actor=actor(),
        )
    _show(template)
    say(f"approve it with: hongyan template approve {template.template_id}")


@app.verb("list")
async def list_page(
    platform: Platform,
    *,
    account: AnyAccountOption = None,
    state: Annotated[
        ReviewState | None, typer.Option("--state", help="Only in this state.", show_default=False)
    ] = None,
    after: Annotated[int, typer.Option("--after", metavar="ID", help="Only later ones.", show_default=False)] = 0,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=service.PAGE_SIZE_MAX)] = 100,
) -> None:
    """List templates."""
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id if account else None
        templates = await service.list_templates(
            connection, account_id=account_id, state=state, after=after, limit=limit
        )
        names = {owner.account_id: owner.name for owner in await list_accounts(connection)}
    show_table(
        [_view_of(template) for template in templates],
        {
            "id": lambda view: view.template_id,
            "account": lambda view: names[view.account_id],
            "signature": lambda view: view.signature_id or "any",
            "kind": lambda view: view.kind,
            "state": lambda view: view.state,
            "reason": lambda view: view.reason,
            "text": lambda view: view.body.replace("\n", "⏎"),
        },
        empty="no templates",
    )
    if len(templates) == limit:
        say(f"there may be more: --after {templates[-1].template_id}")


@app.verb("approve")
async def approve(platform: Platform, template_id: IdArgument) -> None:
    """Let texts made from a template go out."""
    async with platform.pool.acquire() as connection:
        _show(await service.approve_template(connection, template_id, actor=actor()))


@app.verb("reject")
async def reject(platform: Platform, template_id: IdArgument, *, reason: ReasonOption) -> None:
    """Refuse a template, or withdraw one that was approved."""
    async with platform.pool.acquire() as connection:
        _show(await service.reject_template(connection, template_id, reason=reason, actor=actor()))


@app.verb("check")
async def check(
    platform: Platform,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A whole text with its signature.", show_default=False)],
    *,
    account: AccountOption,
) -> None:
    """Tell whether a text goes out, and in how many segments.

    Exit code 0: it does, else 1.
    """
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        book = await load_book(connection)
    view = _check_view_of(book.match(account_id, text), plan(text, CMPP), len(text))
    show(
        view,
        {
            "goes out": lambda view: view.verdict,
            "kind": lambda view: view.kind,
            "template": lambda view: view.template_id,
            "signature": lambda view: view.signature_id,
            "segments": lambda view: f"{view.segments} ({view.characters} characters, {view.alphabet})",
        },
    )
    if not view.goes_out:
        raise typer.Exit(1)


def _check_view_of(found: Match | Mismatch, cut: SegmentPlan, characters: int) -> CheckView:
    sizes = (len(cut.parts), cut.alphabet.name, characters)
    if isinstance(found, Mismatch):
        return CheckView(False, _WHY_NOT[found], None, None, None, *sizes)
    verdict = "yes" if found.template_id is not None else "yes: it is the debug text"
    return CheckView(True, verdict, found.template_id, found.signature_id, found.kind.name.lower(), *sizes)


def _view_of(template: Template) -> TemplateView:
    return TemplateView(**{**msgspec.structs.asdict(template), "kind": template.kind.name.lower()})


def _show(template: Template) -> None:
    show(
        _view_of(template),
        {
            "id": lambda view: view.template_id,
            "kind": lambda view: view.kind,
            "signature": lambda view: view.signature_id or "any",
            "state": lambda view: view.state,
            "reason": lambda view: view.reason,
            "text": lambda view: view.body,
        },
    )
