"""What content is: message kinds, signatures, templates and the states of their review."""

from datetime import datetime
from enum import IntEnum, StrEnum

import msgspec


class MessageKind(IntEnum):
    """Decides priority (lower goes first), validity and the resend rule."""

    VERIFICATION = 0
    NOTIFICATION = 1
    MARKETING = 2


class ReviewState(StrEnum):
    """Where a signature or template stands in its review."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A sender name (签名), stored without its 【】."""

    signature_id: int
    account_id: int
    text: str
    state: ReviewState
    reason: str
    created_at: datetime
    decided_at: datetime | None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A registered text (模板) with variables; `signature_id` None means any approved one of the account."""

    template_id: int
    account_id: int
    signature_id: int | None
    kind: MessageKind
    body: str
    state: ReviewState
    reason: str
    created_at: datetime
    decided_at: datetime | None
