"""The first ledger: what clients asked for and what they were told."""

from enum import Enum

import msgspec

from hongyan.content.model import MessageKind


class Fate(Enum):
    """What a client knows of one number after its request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """By an answer that says so: nothing of it may exist."""
    UNKNOWN = "unknown"
    """The connection broke, nothing came in time, or a 5xx: it may exist or not."""


class Text(msgspec.Struct, frozen=True):
    """A text that clients send."""

    name: str
    kind: MessageKind
    content: str
    checksums: tuple[int, ...]
    """CRC-32 of each segment's text octets, as the carrier's journal has them."""


class Told(msgspec.Struct, frozen=True):
    """One number of one request. No number is ever used twice, so it names its message in all three ledgers."""

    request: int
    account_id: int
    recipient: int
    """E.164 digits; 0 for what is no number."""
    text: Text
    fate: Fate
    mid: int | None
    """Set when accepted."""
    sent_at_us: int
    told_at_us: int
    code: str
    """The HTTP status, and the STATUS of the body where there is one, such as "200/15"; "" for no answer."""
