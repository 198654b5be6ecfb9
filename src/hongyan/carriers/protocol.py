"""What dispatch needs of a carrier protocol, the same for all of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol as Interface

from msgspec import Struct

from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import Limits
from hongyan.wire.ends import ClientSession
from hongyan.wire.session import Limits as SessionLimits
from hongyan.wire.statuses import Status

from .settings import DEFAULTS, ChannelSettings, Direction

Stamp = Callable[[float], int]
"""monotonic seconds -> MMDDhhmmss in China as a decimal number"""


class Terms(Struct, frozen=True):
    """What a channel agreed with its carrier: who we are, and what every submit repeats."""

    login: str
    src_id: str
    service_id: str
    settings: ChannelSettings = DEFAULTS
    password: str = ""
    direction: Direction = "both"
    """What a connection is for. The gateway says, having read `bind_mode` (SMPP) and `login_mode` (SMGP): a channel with a
    connection each way has sessions of both kinds."""

    def __repr__(self) -> str:
        """Show everything but the password."""
        return f"Terms({self.login!r}, {self.src_id!r})"


class Outgoing(Struct, frozen=True):
    """A message on its way to a carrier."""

    recipient: int
    content: str
    reference: int
    """Ties the segments of a long text together; as many of its low octets go out as the header has room for."""
    expires_at: datetime
    extension: str = ""
    """Digits behind the channel's source number."""


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
    slows_down: bool = False
    """The carrier has more than it can take: the channel should send less for a while."""


class ReportFields(Struct, frozen=True):
    """What a report says, the same for every protocol."""

    carrier_message_id: str
    stat: str
    recipient: int | None
    """E.164 digits, where the carrier says whom it was for in a form that we know."""


class ReplyFields(Struct, frozen=True, kw_only=True):
    """What a phone sent, or one part of it."""

    from_number: int
    """E.164 digits."""
    destination: str
    """The number that was dialled: the channel's source number, perhaps with an extension."""
    content: bytes
    """Without its user data header."""
    alphabet: Alphabet | None
    """None for what is no text."""
    concatenation: Concatenation | None = None
    """Which part of which long text this is; None for a whole one."""
    carrier_message_id: str | None = None


class Protocol(Interface):
    """A carrier protocol as dispatch sees it."""

    @property
    def name(self) -> str:
        """The name that channels carry."""
        ...

    def limits(self, settings: ChannelSettings) -> Limits:
        """Return how texts are cut into segments."""
        ...

    def session(self, terms: Terms, limits: SessionLimits, stamp: Stamp) -> ClientSession:
        """Return the session of a new connection of ours."""
        ...

    def submits(self, terms: Terms, message: Outgoing) -> Sequence[Struct]:
        """Return the submit PDU of each segment, in order."""
        ...

    def judge(self, sequence: int, response: Struct, terms: Terms) -> Verdict:
        """Say what the response to the submit of that sequence means; its id is in the form that reports have it in."""
        ...

    def status(self, result: int) -> Status:
        """Return what the number in a submit's response means."""
        ...

    def read(self, request: Struct, terms: Terms, sequence: int = 0) -> ReportFields | ReplyFields | None:
        """Return what a carrier's request says; None for what is to be acknowledged and dropped.

        `sequence` is the request's whole one: SGIP has no other id for a reply. DecodeError when it is malformed.
        """
        ...

    def acknowledgement(self, request: Struct) -> Struct | None:
        """Return the response that takes a carrier's request; None for a request that has none."""
        ...
