"""What dispatch needs of a carrier protocol, the same for all of them."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol as Interface

from msgspec import Struct

from hongyan.text.segments import Limits


class Terms(Struct, frozen=True):
    """What a channel agreed with its carrier and every submit repeats."""

    login: str
    src_id: str
    service_id: str


class Outgoing(Struct, frozen=True):
    """A message on its way to a carrier."""

    recipient: int
    content: str
    reference: int
    """Ties the segments of a long text together; only its low octet goes out."""
    expires_at: datetime


class Disposition(Enum):
    """What a carrier's answer to a submit means for the message."""

    TAKEN = "taken"
    LATER = "later"
    """Not taken; the same segment may be offered again after a pause."""
    REFUSED = "refused"


class Verdict(Struct, frozen=True):
    """A carrier's answer to a submit."""

    disposition: Disposition
    result: int
    carrier_message_id: str | None
    meaning: str


class ReportFields(Struct, frozen=True):
    """What a report says, the same for every protocol."""

    carrier_message_id: str
    stat: str
    recipient: int | None
    """E.164 digits, where the carrier says whom it was for in a form that we know."""


class Protocol(Interface):
    """A carrier protocol as dispatch sees it."""

    name: str
    version: int
    limits: Limits

    def submits(self, terms: Terms, message: Outgoing) -> Sequence[Struct]:
        """Return the submit PDU of each segment, in order."""
        ...

    def judge(self, response: Struct) -> Verdict:
        """Say what a submit's response means."""
        ...

    def report(self, request: Struct) -> ReportFields | None:
        """Return what a carrier's request reports, or None when it is something else."""
        ...

    def acknowledgement(self, request: Struct) -> Struct:
        """Return the response that takes a carrier's request."""
        ...
