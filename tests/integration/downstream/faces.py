"""What a customer of each protocol writes and reads, in words that are the same for all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar, NamedTuple

from msgspec import Struct, structs

from hongyan.link.client import SessionMaker
from hongyan.text.headers import Concatenation, concatenation_header
from hongyan.wire.cmpp import pdus as cmpp
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.cmpp.session import CmppClientSession
from hongyan.wire.session import Limits

CHINA = timezone(timedelta(hours=8))
TEXT = "【鸿雁】您的验证码是123456，请勿告诉他人。"
SOURCE = "10690001"
PASSWORD = "pass1234"


class Answer(NamedTuple):
    """The response to a submit."""

    code: int
    known_as: str
    """What reports will call it."""


class Told(NamedTuple):
    """A report."""

    known_as: str
    stat: str
    destination: str


class Heard(NamedTuple):
    """A reply."""

    sender: str
    destination: str
    text: str


class Face:
    """One protocol as its customer speaks it."""

    name = ""
    family = ""
    login = "106001"
    settings: ClassVar[dict[str, str]] = {}
    codes: ClassVar[dict[str, int]] = {}

    says_partial = False

    def session(self, password: str = PASSWORD, **limits: Any) -> SessionMaker:
        raise NotImplementedError

    def submit(self, text: str | bytes, *numbers: str, part: Concatenation | None = None, **differences: Any) -> Struct:
        raise NotImplementedError

    def wrong(self, why: str) -> Struct:
        """Return a submit with one thing wrong."""
        raise NotImplementedError

    def without_report(self, text: str) -> Struct:
        """Return a submit that wants no report."""
        raise NotImplementedError

    def valid_until(self, text: str, moment: datetime) -> Struct:
        """Return a submit whose validity ends then."""
        raise NotImplementedError

    def range_of(self, known_as: str, count: int) -> list[str]:
        """Return what the reports of a submit to several numbers call it."""
        raise NotImplementedError

    def stat(self, ours: str) -> str:
        """Return what the protocol can say of one of our stats."""
        return ours

    def number(self, international: str) -> str:
        """Return how a reply's sender is written."""
        return international.removeprefix("86")

    def is_answer(self, response: Struct) -> bool:
        """Tell whether a response is a submit's."""
        raise NotImplementedError

    def answer(self, sequence: int, response: Struct) -> Answer:
        raise NotImplementedError

    def read(self, request: Struct) -> Told | Heard:
        raise NotImplementedError

    def acknowledge(self, request: Struct) -> Struct:
        raise NotImplementedError


def _content(text: str | bytes, part: Concatenation | None) -> bytes:
    content = text if isinstance(text, bytes) else text.encode("utf-16-be")
    return content if part is None else concatenation_header(part) + content


class CmppFace(Face):
    """CMPP 2.0 or 3.0."""

    family = "cmpp"
    codes: ClassVar = {
        "flow": 8,
        "unregistered": 102,
        "source": 10,
        "coding": 101,
        "destination": 13,
        "balance": 104,
        "class": 2,
        "length": 4,
        "header": 1,
        "text": 4,
        "validity": 107,
    }

    def __init__(self, version: int) -> None:
        self.version = version
        self.name = f"cmpp{version:x}"

    def session(self, password: str = PASSWORD, **limits: Any) -> SessionMaker:
        patience = structs.replace(Limits(unbind_timeout_seconds=0.5), **limits)
        return lambda: CmppClientSession(self.login, password, version=self.version, limits=patience)

    def submit(self, text: str | bytes, *numbers: str, part: Concatenation | None = None, **differences: Any) -> Struct:
        submit = cmpp.Submit(
            pk_total=part.total if part else 1,
            pk_number=part.number if part else 1,
            tp_udhi=int(part is not None),
            msg_fmt=8,
            msg_src=self.login,
            src_id=SOURCE,
            dest_terminal_id=numbers or ("13800138000",),
            msg_content=_content(text, part),
        )
        return structs.replace(submit, **differences)

    def wrong(self, why: str) -> Struct:
        match why:
            case "source":
                return self.submit(TEXT, src_id="10650000")
            case "coding":
                return self.submit(b"\x01\x02", msg_fmt=4)
            case "destination":
                return self.submit(TEXT, "02088888888")
            case "unregistered":
                return self.submit("【鸿雁】没有报备的内容")
            case "class":
                return self.submit(TEXT, registered_delivery=2)
            case "length":
                return self.submit(b"\x4e")
            case "header":
                return self.submit(b"\x05\x00\x03", tp_udhi=1)
            case _:
                return self.submit(b"")

    def without_report(self, text: str) -> Struct:
        return self.submit(text, registered_delivery=0)

    def valid_until(self, text: str, moment: datetime) -> Struct:
        return self.submit(text, valid_time=moment.astimezone(CHINA).strftime("%y%m%d%H%M%S032+"))

    def range_of(self, known_as: str, count: int) -> list[str]:
        return [str(int(known_as) + n) for n in range(count)]

    def is_answer(self, response: Struct) -> bool:
        return isinstance(response, cmpp.SubmitResp)

    def answer(self, sequence: int, response: Struct) -> Answer:
        assert isinstance(response, cmpp.SubmitResp)
        return Answer(response.result, str(response.msg_id))

    def read(self, request: Struct) -> Told | Heard:
        assert isinstance(request, cmpp.Deliver)
        if request.registered_delivery:
            report = decode_report(request.msg_content)
            return Told(str(report.msg_id), report.stat, report.dest_terminal_id)
        coding = "utf-16-be" if request.msg_fmt == 8 else "ascii"
        return Heard(request.src_terminal_id, request.dest_id, request.msg_content.decode(coding))

    def acknowledge(self, request: Struct) -> Struct:
        assert isinstance(request, cmpp.Deliver)
        return cmpp.DeliverResp(request.msg_id)


def china_stamp(_: float) -> int:
    """Return MMDDhhmmss; the tests' moment does not matter."""
    return int(datetime.now(UTC).strftime("%m%d%H%M%S"))


CMPP20 = CmppFace(0x20)
CMPP30 = CmppFace(0x30)
FACES: list[Face] = [CMPP20, CMPP30]
NAMES: Callable[[Face], str] = lambda face: face.name  # noqa: E731 - pytest's `ids`
