"""What became of a text, and the words in which reports say so."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta


class Outcome(StrEnum):
    """The end of a text's way; each protocol has its own code for it."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    """Not final: the network took it, the phone has not got it yet."""
    EXPIRED = "expired"
    DELETED = "deleted"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    EMPTY_NUMBER = "empty_number"
    """空号: nobody has the number."""
    MEMORY_FULL = "memory_full"
    """The phone has no room for a text more."""


Stat = Annotated[str, Meta(min_length=1, max_length=7, pattern=r"^[\x20-\x7e]+$")]


class ReportCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a report tells an outcome: a word, a number, or both, as the protocol has it."""

    stat: Stat
    """Seven characters in CMPP, SMGP and SMPP; SGIP's State follows from it (DELIVRD 0, ACCEPTD and ENROUTE 1, else 2)."""
    error: Annotated[int, Meta(ge=0, le=999)] = 0
    """SGIP's ErrorCode (up to 255), `err` in SMGP and SMPP; CMPP has none."""

    @property
    def is_delivered(self) -> bool:
        """Whether the phone gets the text."""
        return self.stat == DELIVERED_STAT

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be known."""
        return self.stat not in ("ACCEPTD", "ENROUTE")


DELIVERED_STAT: Final = "DELIVRD"

STAT_CODES: Final[Mapping[Outcome, ReportCode]] = {
    Outcome.DELIVERED: ReportCode(DELIVERED_STAT),
    Outcome.ACCEPTED: ReportCode("ACCEPTD"),
    Outcome.EXPIRED: ReportCode("EXPIRED", 1),
    Outcome.DELETED: ReportCode("DELETED", 6),
    Outcome.UNDELIVERED: ReportCode("UNDELIV", 6),
    Outcome.UNKNOWN: ReportCode("UNKNOWN", 999),
    Outcome.REJECTED: ReportCode("REJECTD", 5),
    Outcome.EMPTY_NUMBER: ReportCode("UNDELIV", 4),
    Outcome.MEMORY_FULL: ReportCode("EXPIRED", 7),
}
"""The words of SMPP 3.4 appendix B, which CMPP and SMGP took over, with the numbers of SMGP 3.0 §6.2.63.2."""
