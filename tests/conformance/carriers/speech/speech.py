"""What the suite must know of a protocol to be a carrier or a customer by hand."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final, NamedTuple

from msgspec import Struct

from hongyan.carriers.settings import ChannelSettings
from hongyan.wire.ends import ClientSession, ServerSession
from hongyan.wire.session import Limits

LOGIN: Final = "901234"
PASSWORD: Final = "pass1234"
"""Eight characters: SMPP has room for no more."""
ANNA: Final = 8613800138000
SOURCE: Final = "10690001"
STAMP: Final = 1122140126
"""MMDDhhmmss of every time on the wire."""


def code_text(code: str = "482913") -> str:
    """Return a verification text, which our own server lets through: signed, and made from an approved template."""
    return f"【鸿雁】您的验证码是{code}，请勿告诉他人。"


def notification(*values: str) -> str:
    """Return a notification of thirty values, which our own server lets through."""
    return "【鸿雁】通知：" + "；".join((*values, *("无",) * (30 - len(values))))


class Text(NamedTuple):
    """A short message apart from its protocol."""

    number: int
    """The phone, as E.164 digits."""
    coding: str
    """ascii, gsm7 (a septet in each octet), ucs2 or gbk."""
    content: bytes
    """Without its header."""
    header: bytes = b""
    source: str = SOURCE


class Receipt(NamedTuple):
    """A report apart from its protocol."""

    key: str
    """The id of the submit that it is about."""
    stat: str
    number: int


class BadSubmit(NamedTuple):
    """A submit with one thing wrong, and the codes that refuse it."""

    pdu: Struct
    codes: frozenset[int]
    everywhere: bool = True
    """Whether the simulator refuses it too."""


class Speech(ABC):
    """One protocol, one version."""

    name: str
    family: ClassVar[str]
    unknown_login: ClassVar[int]
    wrong_password: ClassVar[int]
    """The codes that the specification has for them."""
    wrong_version: ClassVar[int] = 0
    busy: ClassVar[int]
    """The code that asks to send more slowly."""
    busy_codes: ClassVar[frozenset[int]]
    """All of those, as our own server and the simulator use them."""
    unknown_id: ClassVar[int]
    """What a customer answers to a report that it knows nothing of."""
    final_codes: ClassVar[Mapping[str, int]]
    """Behaviour → the code that a carrier refuses it by."""
    report_forms: tuple[str, ...]
    settings: ClassVar[ChannelSettings] = ChannelSettings()
    heartbeat: ClassVar[type[Struct] | None]
    heartbeat_frame: ClassVar[bytes] = b""
    """A heartbeat as it lies on the wire, with the sequence 0x01020304."""
    heartbeat_answer: ClassVar[bytes] = b""

    # As a customer -----------------------------------------------------------------------------------

    @abstractmethod
    def client_session(self, login: str, password: str, limits: Limits) -> ClientSession:
        """Return the session of a customer's connection."""

    @abstractmethod
    def submit(self, text: Text) -> Struct:
        """Return the submit of a text, with a report wished for."""

    @abstractmethod
    def silent(self, text: Text) -> Struct:
        """Return a submit of a text with no report wished for."""

    @abstractmethod
    def result(self, response: Struct) -> int:
        """Return the code in the answer to a submit; 0 when it was taken."""

    @abstractmethod
    def key(self, sequence: int, response: Struct) -> str:
        """Return the id that reports on that submit will name."""

    @abstractmethod
    def receipt_of(self, request: Struct) -> Receipt | None:
        """Return what a carrier's request reports; None when it is a reply."""

    @abstractmethod
    def reply_of(self, request: Struct) -> Text:
        """Return what a phone sent."""

    @abstractmethod
    def taken_push(self, request: Struct, code: int = 0) -> Struct:
        """Return the answer to a report or reply."""

    # As a carrier ------------------------------------------------------------------------------------

    @abstractmethod
    def server_session(self, limits: Limits, now: float) -> ServerSession:
        """Return the session of a carrier's connection."""

    @abstractmethod
    def bind_code(self, request: Struct) -> int:
        """Return 0 for who is LOGIN and knows PASSWORD, else the code that refuses."""

    @abstractmethod
    def text_of(self, submit: Struct) -> Text:
        """Return what a submit asks to be sent."""

    @abstractmethod
    def taken(self, number: int) -> Struct:
        """Return the answer that takes a submit and gives it that id."""

    @abstractmethod
    def refused(self, code: int) -> Struct:
        """Return the answer that does not take it."""

    @abstractmethod
    def report(self, form: str, receipt: Receipt) -> Struct:
        """Return a report in one of `report_forms`; its key is what `key` said."""

    @abstractmethod
    def reply(self, text: Text) -> Struct:
        """Return the request that brings a reply."""

    def limits(self, **given: float) -> Limits:
        """Return the limits of a session; tests are in a hurry."""
        return Limits(**{"unbind_timeout_seconds": 0.5, "bind_timeout_seconds": 5.0, **given})  # type: ignore[arg-type]

    # What is wrong -----------------------------------------------------------------------------------

    def session_of_wrong_version(self) -> ClientSession:
        """Return the session of a customer who asks for a version that nobody speaks."""
        raise NotImplementedError

    def bad_submits(self) -> Mapping[str, tuple[BadSubmit, ...]]:
        """Return, for each behaviour of bad input, submits that a carrier must refuse."""
        return {}


def mobile(number: int) -> str:
    """Return a mainland number without 86."""
    return str(number).removeprefix("86")


def e164(written: str) -> int:
    """Return the digits with 86."""
    digits = written.removeprefix("+").removeprefix("00")
    return int(digits if len(digits) > 11 else f"86{digits}")
