"""What the downstream servers need of a carrier protocol: our side is the carrier, the customer is the SP or ESME.

A protocol turns the customer's PDUs into the neutral shapes below and our answers, reports and replies into
PDUs. It knows no socket, no database and no account: whether a password is right it can say, whether the customer may
come in is decided elsewhere. The order of things:

    session()                 one for each connection
    bind(request)             → BindFacts; then session.accept_bind(password) or refuse_bind(bind_status(refusal))
    read(request, …)          → SubmitFacts, CountsAsked or Immediate; or raises SubmitRefused
    accepted() / refused()    the response to a submit
    report() / reply()        what is pushed; taken(response) says what the customer made of it
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, IntEnum, StrEnum
from typing import ClassVar
from typing import Protocol as Interface

from msgspec import Struct

from hongyan.text.headers import Concatenation
from hongyan.wire.ends import ClientSession, ServerSession
from hongyan.wire.session import Limits

from .settings import LoginSettings


class BindRefusal(Enum):
    """Why a customer is not let in."""

    MALFORMED = "malformed"
    LOGIN_UNKNOWN = "login unknown"
    """Said to the customer in the same words as UNAUTHENTIC, so that nobody learns which logins there are."""
    UNAUTHENTIC = "not authentic"
    ADDRESS_NOT_ALLOWED = "address not allowed"
    VERSION_NOT_ALLOWED = "version not allowed"
    MODE_NOT_ALLOWED = "mode not allowed"
    """A login type, login mode or system type that this login does not have."""
    DISABLED = "disabled"
    """The login or its account."""
    LINKS_TOO_MANY = "too many links"
    BUSY = "busy"
    """More binds than we look at, or the platform cannot take anything now."""


class Refusal(Enum):
    """Why a submit is not taken. Each protocol has a code for each; what it lacks it maps to its nearest."""

    MALFORMED = "malformed"
    COMMAND_UNSUPPORTED = "command unsupported"
    NOT_ALLOWED_HERE = "not allowed on this link"
    """A link bound for receiving only."""
    CLASS_UNSUPPORTED = "message class unsupported"
    """esm_class, MsgType, Registered_Delivery 2, MessageType: not a plain short message."""
    CODING_UNSUPPORTED = "coding unsupported"
    """No text (binary, SIM), an unknown coding, or octets that are not of the coding they claim."""
    LENGTH_WRONG = "length wrong"
    """One short message with more octets than it may have, an odd number of UCS-2 octets, or none."""
    HEADER_WRONG = "header wrong"
    """A user data header that is cut short, or parts numbered beyond their total."""
    TEXT_MISSING = "text missing"
    TEXT_TOO_LONG = "text too long"
    """The whole text needs more segments than a message may have."""
    SOURCE_NOT_ALLOWED = "source not allowed"
    SENDER_WRONG = "sender wrong"
    """Msg_src, CorpId, MsgSrc: the company is not the one that is logged in."""
    DESTINATION_WRONG = "destination wrong"
    DESTINATION_UNROUTABLE = "destination unroutable"
    DESTINATIONS_WRONG = "number of destinations wrong"
    VALIDITY_WRONG = "validity wrong"
    """A validity period that cannot be read or is over."""
    SCHEDULE_UNSUPPORTED = "schedule unsupported"
    FLOW_EXCEEDED = "flow exceeded"
    """Faster than the login's speed, or more unanswered than its window."""
    TRY_LATER = "try later"
    """The platform cannot take it now; nothing is wrong with it."""
    BALANCE_INSUFFICIENT = "balance insufficient"
    ACCOUNT_SUSPENDED = "account suspended"
    SIGNATURE_WRONG = "signature missing or unregistered"
    TEXT_UNREGISTERED = "text unregistered"
    INTERNAL = "internal"


class SubmitRefused(Exception):
    """A submit that cannot be read as one; `problem` is for the log and holds no contents."""

    def __init__(self, refusal: Refusal, problem: str = "") -> None:
        self.refusal = refusal
        self.problem = problem or refusal.value
        super().__init__(self.problem)


class ReportWish(IntEnum):
    """Which reports the customer wants; stored in `submit_parts.report`."""

    NEVER = 0
    ALWAYS = 1
    ON_FAILURE = 2


class Coding(StrEnum):
    """How the octets of a text are to be read; stored in `long_text_parts.coding`."""

    ASCII = "ascii"
    GSM7 = "gsm7"
    """Unpacked: a septet in each octet."""
    LATIN1 = "latin1"
    UCS2 = "ucs2"
    GBK = "gbk"


class BindFacts(Struct, frozen=True):
    """What a bind request says."""

    login: str
    version: int
    check: Callable[[str], bool]
    """Tells, in constant time, whether the request knows this password."""
    sends: bool = True
    """Submits may come over this link."""
    receives: bool = True
    """Reports and replies may be pushed over this link. SGIP says yes; the login's `same_connection` decides."""
    mode_is_allowed: bool = True
    """False for a login type or mode that no customer may have."""
    system_type: str = ""
    """SMPP: what the customer says it is; a login may want it to be something."""


class CustomerTerms(Struct, frozen=True):
    """What was agreed with the customer of a link."""

    login: str
    settings: LoginSettings
    version: int
    """The version in use on this link."""


class SubmitFacts(Struct, frozen=True, kw_only=True):
    """One submit, before anything is decided about it."""

    source: str
    """As written: digits, or empty."""
    destinations: Sequence[str]
    """As written; one message each."""
    content: bytes
    """The text's octets, without header."""
    coding: Coding
    concatenation: Concatenation | None = None
    """Which part of which long text this is; None for a whole one."""
    report: ReportWish = ReportWish.ALWAYS
    valid_until: datetime | timedelta | None = None
    """A moment, or a span from now; None: as long as we like. See `times`."""
    deliver_at: datetime | timedelta | None = None
    """When it is to be sent; None: now."""
    reference: bytes | None = None
    """The customer's own name for the submit, where a report must repeat it (SGIP: the twelve octets)."""


class CountsAsked(Struct, frozen=True):
    """A QUERY for the counts of a day."""

    day: str
    """YYYYMMDD, as written."""


class Counts(Struct, frozen=True):
    """What a QUERY is answered with, about this login."""

    messages: int = 0
    recipients: int = 0
    submitted: int = 0
    """Taken by a carrier."""
    waiting: int = 0
    failed: int = 0
    replies_delivered: int = 0
    replies_waiting: int = 0
    replies_failed: int = 0


class Immediate(Struct, frozen=True):
    """A request that the protocol answers by itself: CANCEL, TRACE, and what we do not do."""

    answer: Struct


class Accepted(Struct, frozen=True):
    """A submit that was taken."""

    first_id: int
    """The id of the first destination; that of the n-th is n-1 more. See `ids`."""
    refusals: Mapping[int, Refusal] = {}
    """Destinations, counted from 0, that were not taken. Where the response cannot say so, a report will."""


class ReportFacts(Struct, frozen=True, kw_only=True):
    """A report to push: what became of one submitted short message."""

    push_id: int
    part_id: int
    """What the response to its submit said. See `ids`."""
    stat: str
    """The carrier's final word or our own, at most seven characters: DELIVRD, EXPIRED, UNDELIV, REJECTD, MA:0024 …"""
    source: str
    destination: str
    """Both as the customer wrote them in the submit."""
    reference: bytes | None
    submitted_at: datetime
    done_at: datetime

    @property
    def is_delivered(self) -> bool:
        """Tell whether the phone has it."""
        return self.stat == "DELIVRD"


class ReplyFacts(Struct, frozen=True, kw_only=True):
    """A reply to push: a text from a phone."""

    push_id: int
    sender: str
    """E.164 digits: 8613800138000."""
    destination: str
    """The number that the phone wrote to, extension included."""
    content: str
    received_at: datetime


class Taken(Enum):
    """What the customer made of a push."""

    YES = "yes"
    LATER = "later"
    """Not now: push it again after a pause."""
    NEVER = "never"
    """Refused for good: it is not pushed again."""


class ReverseTerms(Struct, frozen=True):
    """How we bind to a customer who waits for our connection (SGIP)."""

    host: str
    port: int
    login: str
    password: str
    node: int

    def __repr__(self) -> str:
        return f"ReverseTerms({self.host}:{self.port}, login={self.login!r})"


class ServerProtocol(Interface):
    """A carrier protocol with us as the carrier."""

    family: ClassVar[str]
    """cmpp, sgip, smgp or smpp."""
    says_partial: ClassVar[bool]
    """Whether the response to a submit can say which of several destinations were refused."""
    dials: ClassVar[bool]
    """Whether we connect to the customer to push (SGIP), unless the login has `same_connection`."""
    destinations_max: ClassVar[int]
    login_length_max: ClassVar[int]
    password_length_max: ClassVar[int]
    """In octets; 0: the protocol has no limit of its own."""

    def session(self, limits: Limits, stamp: Callable[[float], int], now: float) -> ServerSession:
        """Return the session of a connection just made; `stamp` gives MMDDhhmmss for a monotonic time."""
        ...

    def bind(self, request: Struct) -> BindFacts:
        """Read a bind request."""
        ...

    def version_allowed(self, version: int, settings: LoginSettings) -> bool:
        """Tell whether a login may use this version."""
        ...

    def bind_status(self, refusal: BindRefusal) -> int:
        """Return the status that says so."""
        ...

    def read(self, request: Struct, sequence: int, terms: CustomerTerms) -> SubmitFacts | CountsAsked | Immediate:
        """Read a request of a bound customer; SubmitRefused when it is a submit that we cannot take.

        `sequence` is the request's whole one: SGIP's is what its reports repeat.
        """
        ...

    def accepted(self, request: Struct, accepted: Accepted, terms: CustomerTerms) -> Struct:
        """Return the response to a submit that was taken."""
        ...

    def refused(self, request: Struct, refusal: Refusal, terms: CustomerTerms) -> Struct:
        """Return the response to a request that was not taken."""
        ...

    def counts(self, request: Struct, counts: Counts | None) -> Struct:
        """Return the response to a QUERY; None: we cannot tell now."""
        ...

    def report(self, facts: ReportFacts, terms: CustomerTerms) -> Struct:
        """Return the request that pushes a report."""
        ...

    def reply(self, facts: ReplyFacts, terms: CustomerTerms) -> Sequence[Struct]:
        """Return the requests that push a reply, in order: a long one takes several."""
        ...

    def taken(self, response: Struct) -> Taken:
        """Say what the response to a push means."""
        ...

    def reverse_session(self, terms: ReverseTerms, limits: Limits, stamp: Callable[[float], int]) -> ClientSession:
        """Return the session of a connection that we make to the customer; NotImplementedError but for SGIP."""
        ...
