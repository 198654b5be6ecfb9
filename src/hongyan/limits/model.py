"""Who wants no more marketing of an account, and since when."""

from datetime import datetime
from enum import StrEnum

import msgspec


class OptOutSource(StrEnum):
    """Where an opt-out comes from."""

    REPLY = "reply"
    """The phone sent one of the words."""
    OPERATOR = "operator"
    IMPORT = "import"


class OptOut(msgspec.Struct, frozen=True, kw_only=True):
    """A phone that an account sends no more marketing."""

    account_id: int
    recipient: int
    """E.164 digits."""
    source: OptOutSource
    word: str | None
    """One of limits.words, where the phone sent it."""
    reply_id: int | None
    at: datetime
    confirmed_at: datetime | None
    """When the phone was told so."""


class OptOutPage(msgspec.Struct, frozen=True):
    """A part of a list, in the order of the numbers."""

    opt_outs: list[OptOut]
    next_after: int | None
    """Ask for the next page with this; None on the last one."""
