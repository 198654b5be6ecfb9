"""What the numbers in carriers' responses come to, the same for every protocol; each has its own table of them."""

from enum import Enum

from msgspec import Struct


class Disposition(Enum):
    """What becomes of the request."""

    ACCEPTED = "accepted"
    RETRY_LATER = "retry_later"
    """Not taken now; the same again may be taken after a pause."""
    FINAL = "final"
    """Refused; the same again would be refused again."""


class Status(Struct, frozen=True):
    """One number and its meaning in both languages."""

    code: int
    name: str
    """In snake case, after the specification's own word."""
    disposition: Disposition
    english: str
    chinese: str
    slows_down: bool = False
    """The peer has more than it can take: send less for a while."""
