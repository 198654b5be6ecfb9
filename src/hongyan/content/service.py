"""Registering signatures and templates, and deciding on them.

Every change is one transaction; a decision also tells all processes to read the area anew. A decision
may be changed: what was approved can be rejected later and goes out no more, and the other way round.
"""

from typing import Final

import structlog

from hongyan.accounts.errors import AccountNotFound
from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.fields import FieldChecks, FieldProblem, is_plain_text

from .body import flaws
from .errors import (
    ReviewInvalid,
    SignatureExists,
    SignatureInvalid,
    SignatureNotFound,
    SignatureRejected,
    TemplateExists,
    TemplateInvalid,
    TemplateNotFound,
)
from .model import MessageKind, ReviewState, Signature, Template
from .rows import signature_of, template_of

SIGNATURE_LENGTHS: Final = range(2, 13)
REASON_LENGTH_MAX: Final = 200
PAGE_SIZE_MAX: Final = 1000

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()


async def register_signature(connection: AnyConnection, *, account_id: int, text: str, actor: str) -> Signature:
    """Ask for a signature, given without its 【】; SignatureInvalid, SignatureExists or AccountNotFound."""
    checks = FieldChecks()
    checks.expect("【" not in text and "】" not in text, "text", "Leave out the 【】; they are added when sending.")
    checks.expect(
        len(text) in SIGNATURE_LENGTHS and text.isprintable() and not any(map(str.isspace, text)),
        "text",
        f"Give {SIGNATURE_LENGTHS[0]} to {SIGNATURE_LENGTHS[-1]} characters without blanks.",
    )
    checks.raise_as(SignatureInvalid)
    async with connection.transaction():
        await _lock_account(connection, account_id)
        row = await connection.fetchrow(_QUERIES["register_signature"], account_id, text)
        if row is None:
            raise SignatureExists(f"The account has registered 【{text}】 already.", text=text)
    signature = signature_of(row)
    _log.info("signature.registered", signature_id=signature.signature_id, account_id=account_id, actor=actor)
    return signature


async def find_signature(connection: AnyConnection, account_id: int, text: str) -> Signature:
    """Return the account's signature with this text, without its 【】; SignatureNotFound."""
    row = await connection.fetchrow(_QUERIES["signature_by_text"], account_id, text)
    if row is None:
        raise SignatureNotFound(f"The account has no signature 【{text}】.", text=text)
    return signature_of(row)


async def list_signatures(
    connection: AnyConnection,
    *,
    account_id: int | None = None,
    state: ReviewState | None = None,
    after: int = 0,
    limit: int = PAGE_SIZE_MAX,
) -> list[Signature]:
    """Return a page of signatures by id; for the next page, give the last id as `after`."""
    rows = await connection.fetch(_QUERIES["list_signatures"], account_id, state, after, min(limit, PAGE_SIZE_MAX))
    return [signature_of(row) for row in rows]


async def approve_signature(connection: AnyConnection, signature_id: int, *, actor: str) -> Signature:
    """Let texts go out under this signature."""
    return await _decide_signature(connection, signature_id, ReviewState.APPROVED, reason="", actor=actor)


async def reject_signature(connection: AnyConnection, signature_id: int, *, reason: str, actor: str) -> Signature:
    """Refuse this signature, or withdraw it, with a reason for the account's owner; ReviewInvalid without one."""
    return await _decide_signature(connection, signature_id, ReviewState.REJECTED, reason=reason, actor=actor)


async def register_template(
    connection: AnyConnection,
    *,
    account_id: int,
    body: str,
    kind: MessageKind,
    signature_id: int | None = None,
    actor: str,
) -> Template:
    """Ask for a template, bound to one signature of the account or to none, which means to any.

    TemplateInvalid names all flaws of the body; SignatureNotFound, SignatureRejected, TemplateExists, AccountNotFound.
    """
    problems = [FieldProblem("body", flaw) for flaw in flaws(body)]
    if problems:
        raise TemplateInvalid(problems)
    async with connection.transaction():
        await _lock_account(connection, account_id)
        if signature_id is not None:
            await _check_signature(connection, account_id, signature_id)
        same = await connection.fetchval(_QUERIES["same_template"], account_id, signature_id, body)
        if same is not None:
            raise TemplateExists(f"The account has registered the same as template {same}.", template_id=same)
        row = await connection.fetchrow(_QUERIES["register_template"], account_id, signature_id, kind, body)
    assert row is not None, "an insert returns its row"
    template = template_of(row)
    _log.info("template.registered", template_id=template.template_id, account_id=account_id, actor=actor)
    return template


async def list_templates(
    connection: AnyConnection,
    *,
    account_id: int | None = None,
    state: ReviewState | None = None,
    after: int = 0,
    limit: int = PAGE_SIZE_MAX,
) -> list[Template]:
    """Return a page of templates by id; for the next page, give the last id as `after`."""
    rows = await connection.fetch(_QUERIES["list_templates"], account_id, state, after, min(limit, PAGE_SIZE_MAX))
    return [template_of(row) for row in rows]


async def approve_template(connection: AnyConnection, template_id: int, *, actor: str) -> Template:
    """Let texts made from this template go out."""
    return await _decide_template(connection, template_id, ReviewState.APPROVED, reason="", actor=actor)


async def reject_template(connection: AnyConnection, template_id: int, *, reason: str, actor: str) -> Template:
    """Refuse this template, or withdraw it, with a reason for the account's owner; ReviewInvalid without one."""
    return await _decide_template(connection, template_id, ReviewState.REJECTED, reason=reason, actor=actor)


async def _lock_account(connection: AnyConnection, account_id: int) -> None:
    if await connection.fetchval(_QUERIES["lock_account"], account_id) is None:
        raise AccountNotFound(account_id=account_id)


async def _check_signature(connection: AnyConnection, account_id: int, signature_id: int) -> None:
    row = await connection.fetchrow(_QUERIES["signature_by_id"], signature_id)
    if row is None or row["account_id"] != account_id:  # another account's is as good as none
        raise SignatureNotFound(signature_id=signature_id)
    if row["state"] == ReviewState.REJECTED:
        raise SignatureRejected(signature_id=signature_id)


async def _decide_signature(
    connection: AnyConnection, signature_id: int, state: ReviewState, *, reason: str, actor: str
) -> Signature:
    _check_reason(state, reason)
    async with connection.transaction():
        row = await connection.fetchrow(_QUERIES["decide_signature"], signature_id, state, reason.strip())
        if row is None:
            raise SignatureNotFound(f"There is no signature {signature_id}.", signature_id=signature_id)
        await connection.execute(_QUERIES["announce"])
    _log.info("signature.reviewed", signature_id=signature_id, state=state.value, actor=actor)
    return signature_of(row)


async def _decide_template(
    connection: AnyConnection, template_id: int, state: ReviewState, *, reason: str, actor: str
) -> Template:
    _check_reason(state, reason)
    async with connection.transaction():
        row = await connection.fetchrow(_QUERIES["decide_template"], template_id, state, reason.strip())
        if row is None:
            raise TemplateNotFound(f"There is no template {template_id}.", template_id=template_id)
        await connection.execute(_QUERIES["announce"])
    _log.info("template.reviewed", template_id=template_id, state=state.value, actor=actor)
    return template_of(row)


def _check_reason(state: ReviewState, reason: str) -> None:
    checks = FieldChecks()
    checks.expect(
        state is not ReviewState.REJECTED or (0 < len(reason.strip()) <= REASON_LENGTH_MAX and is_plain_text(reason)),
        "reason",
        f"Say in 1 to {REASON_LENGTH_MAX} characters what has to change.",
    )
    checks.raise_as(ReviewInvalid)
