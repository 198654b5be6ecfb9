"""From database rows to signatures and templates."""

from asyncpg import Record

from .model import MessageKind, ReviewState, Signature, Template


def signature_of(row: Record) -> Signature:
    """Return the signature that a row holds."""
    return Signature(
        signature_id=row["signature_id"],
        account_id=row["account_id"],
        text=row["text"],
        state=ReviewState(row["state"]),
        reason=row["reason"],
        created_at=row["created_at"],
        decided_at=row["decided_at"],
    )


def template_of(row: Record) -> Template:
    """Return the template that a row holds."""
    return Template(
        template_id=row["template_id"],
        account_id=row["account_id"],
        signature_id=row["signature_id"],
        kind=MessageKind(row["kind"]),
        body=row["body"],
        state=ReviewState(row["state"]),
        reason=row["reason"],
        created_at=row["created_at"],
        decided_at=row["decided_at"],
    )
