"""What a customer of each protocol writes and reads, in words that are the same for all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar, NamedTuple

from msgspec import Struct, structs

from hongyan.carriers.downstream.sgip import state_of
from hongyan.link.client import SessionMaker
from hongyan.text.headers import Concatenation, concatenation_header
from hongyan.wire.cmpp import pdus as cmpp
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.cmpp.session import CmppClientSession
from hongyan.wire.session import Limits
from hongyan.wire.sgip import pdus as sgip
from hongyan.wire.sgip.sequences import octets_of
from hongyan.wire.sgip.session import SgipClientSession
from hongyan.wire.smgp import pdus as smgp
from hongyan.wire.smgp import report as smgp_report
from hongyan.wire.smgp.session import SmgpClientSession
from hongyan.wire.smgp.tlvs import NO_TLVS, SmgpTlvs
from hongyan.wire.smpp import pdus as smpp
from hongyan.wire.smpp.destinations import Address
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX
from hongyan.wire.smpp.receipt import STATES, receipt_of
from hongyan.wire.smpp.session import SmppClientSession

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
    bind_codes: ClassVar[dict[str, int]] = {}

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

    bind_codes: ClassVar = {"unauthentic": 3, "links": 6, "address": 2, "disabled": 5}

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
            case "class":
                return self.submit(TEXT, registered_delivery=2)
            case "header":
                return self.submit(b"\x05\x00\x03", tp_udhi=1)
            case _:
                return _wrong_text(self, why)

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


class SgipFace(Face):
    """SGIP, with reports over the customer's own connection."""

    name = family = "sgip"
    login = "sp-106001"
    settings: ClassVar = {"same_connection": "true"}
    bind_codes: ClassVar = {"unauthentic": 1, "links": 3, "address": 57, "disabled": 1}
    codes: ClassVar = {
        "flow": 33,
        "unregistered": 202,
        "source": 64,
        "coding": 5,
        "destination": 6,
        "balance": 204,
        "class": 5,
        "length": 8,
        "header": 5,
        "text": 8,
        "validity": 5,
    }

    def session(self, password: str = PASSWORD, **limits: Any) -> SessionMaker:
        patience = structs.replace(Limits(unbind_timeout_seconds=0.5), **limits)
        return lambda: SgipClientSession(self.login, password, node=3010012345, stamp=china_stamp, limits=patience)

    def submit(self, text: str | bytes, *numbers: str, part: Concatenation | None = None, **differences: Any) -> Struct:
        submit = sgip.Submit(
            sp_number=SOURCE,
            user_number=numbers or ("13800138000",),
            tp_udhi=int(part is not None),
            message_content=_content(text, part),
        )
        return structs.replace(submit, **differences)

    def wrong(self, why: str) -> Struct:
        match why:
            case "source":
                return self.submit(TEXT, sp_number="10650000")
            case "coding":
                return self.submit(b"\x01\x02", message_coding=4)
            case "class":
                return self.submit(TEXT, report_flag=3)
            case "header":
                return self.submit(b"\x05\x00\x03", tp_udhi=1)
            case _:
                return _wrong_text(self, why)

    def without_report(self, text: str) -> Struct:
        return self.submit(text, report_flag=2)

    def valid_until(self, text: str, moment: datetime) -> Struct:
        return self.submit(text, expire_time=moment.astimezone(CHINA).strftime("%y%m%d%H%M%S032+"))

    def range_of(self, known_as: str, count: int) -> list[str]:
        return [known_as] * count

    def stat(self, ours: str) -> str:
        return ours if ours == "DELIVRD" else f"SG:{state_of(ours)[1]:04d}"

    def number(self, international: str) -> str:
        return international

    def is_answer(self, response: Struct) -> bool:
        return isinstance(response, sgip.SubmitResp)

    def answer(self, sequence: int, response: Struct) -> Answer:
        assert isinstance(response, sgip.SubmitResp)
        return Answer(response.result, octets_of(sequence).hex())

    def read(self, request: Struct) -> Told | Heard:
        if isinstance(request, sgip.Report):
            stat = "DELIVRD" if request.state == 0 else f"SG:{request.error_code:04d}"
            return Told(request.submit_sequence_number.hex(), stat, request.user_number)
        assert isinstance(request, sgip.Deliver)
        return Heard(request.user_number, request.sp_number, request.message_content.decode("utf-16-be"))

    def acknowledge(self, request: Struct) -> Struct:
        return sgip.ReportResp() if isinstance(request, sgip.Report) else sgip.DeliverResp()


class SmgpFace(Face):
    """SMGP, both ways over one connection."""

    name = family = "smgp"
    bind_codes: ClassVar = {"unauthentic": 21, "links": 2, "address": 20, "disabled": 76}
    codes: ClassVar = {
        "flow": 1,
        "unregistered": 202,
        "source": 46,
        "coding": 34,
        "destination": 47,
        "balance": 204,
        "class": 30,
        "length": 36,
        "header": 10,
        "text": 36,
        "validity": 44,
    }

    def session(self, password: str = PASSWORD, **limits: Any) -> SessionMaker:
        patience = structs.replace(Limits(unbind_timeout_seconds=0.5), **limits)
        return lambda: SmgpClientSession(self.login, password, limits=patience)

    def submit(self, text: str | bytes, *numbers: str, part: Concatenation | None = None, **differences: Any) -> Struct:
        tlvs = SmgpTlvs(tp_udhi=1, pk_total=part.total, pk_number=part.number) if part else NO_TLVS
        submit = smgp.Submit(
            src_term_id=SOURCE,
            dest_term_id=numbers or ("13800138000",),
            msg_content=_content(text, part),
            tlvs=tlvs,
        )
        return structs.replace(submit, **differences)

    def wrong(self, why: str) -> Struct:
        match why:
            case "source":
                return self.submit(TEXT, src_term_id="10650000")
            case "coding":
                return self.submit(b"\x01\x02", msg_format=4)
            case "class":
                return self.submit(TEXT, msg_type=7)
            case "header":
                return self.submit(b"\x05\x00\x03", tlvs=SmgpTlvs(tp_udhi=1))
            case _:
                return _wrong_text(self, why)

    def without_report(self, text: str) -> Struct:
        return self.submit(text, need_report=0)

    def valid_until(self, text: str, moment: datetime) -> Struct:
        return self.submit(text, valid_time=moment.astimezone(CHINA).strftime("%y%m%d%H%M%S032+"))

    def range_of(self, known_as: str, count: int) -> list[str]:
        return [f"{int(known_as) + n:020d}" for n in range(count)]

    def is_answer(self, response: Struct) -> bool:
        return isinstance(response, smgp.SubmitResp)

    def answer(self, sequence: int, response: Struct) -> Answer:
        assert isinstance(response, smgp.SubmitResp)
        return Answer(response.status, response.msg_id.hex())

    def read(self, request: Struct) -> Told | Heard:
        assert isinstance(request, smgp.Deliver)
        if request.is_report:
            report = smgp_report.decode_report(request.msg_content)
            return Told(report.msg_id.hex(), report.stat, request.src_term_id)
        return Heard(request.src_term_id, request.dest_term_id, request.msg_content.decode("utf-16-be"))

    def acknowledge(self, request: Struct) -> Struct:
        assert isinstance(request, smgp.Deliver)
        return smgp.DeliverResp(request.msg_id)


class SmppFace(Face):
    """SMPP, as a transceiver."""

    name = family = "smpp"
    says_partial = True
    bind_codes: ClassVar = {"unauthentic": 0x0E, "links": 0x05, "address": 0x0D, "disabled": 0x0D}
    codes: ClassVar = {
        "flow": 0x58,
        "unregistered": 0x402,
        "source": 0x0A,
        "coding": 0x45,
        "destination": 0x0B,
        "balance": 0x404,
        "class": 0x43,
        "length": 0x01,
        "header": 0x43,
        "text": 0x01,
        "validity": 0x62,
    }

    def session(self, password: str = PASSWORD, **limits: Any) -> SessionMaker:
        patience = structs.replace(Limits(unbind_timeout_seconds=0.5, frame_size_max=FRAME_SIZE_MAX), **limits)
        return lambda: SmppClientSession(self.login, password, limits=patience)

    def submit(self, text: str | bytes, *numbers: str, part: Concatenation | None = None, **differences: Any) -> Struct:
        shared = {
            "source_addr": SOURCE,
            "registered_delivery": 1,
            "data_coding": 8,
            "esm_class": 0x40 if part else 0,
            "short_message": _content(text, part),
            **differences,
        }
        if len(numbers) > 1:
            return smpp.SubmitMulti(dest_address=tuple(Address(number) for number in numbers), **shared)
        return smpp.SubmitSm(destination_addr=numbers[0] if numbers else "13800138000", **shared)

    def wrong(self, why: str) -> Struct:
        match why:
            case "source":
                return self.submit(TEXT, source_addr="10650000")
            case "coding":
                return self.submit(b"\x01\x02", data_coding=4)
            case "class":
                return self.submit(TEXT, esm_class=0x04)
            case "header":
                return self.submit(b"\x05\x00\x03", esm_class=0x40)
            case _:
                return _wrong_text(self, why)

    def without_report(self, text: str) -> Struct:
        return self.submit(text, registered_delivery=0)

    def valid_until(self, text: str, moment: datetime) -> Struct:
        return self.submit(text, validity_period=moment.astimezone(CHINA).strftime("%y%m%d%H%M%S032+"))

    def range_of(self, known_as: str, count: int) -> list[str]:
        return [known_as] * count

    def stat(self, ours: str) -> str:
        return ours if ours in STATES else "UNDELIV"

    def number(self, international: str) -> str:
        return international

    def is_answer(self, response: Struct) -> bool:
        return isinstance(response, smpp.SubmitSmResp | smpp.SubmitMultiResp)

    def answer(self, sequence: int, response: Struct) -> Answer:
        assert isinstance(response, smpp.SubmitSmResp | smpp.SubmitMultiResp)
        return Answer(response.command_status, response.message_id)

    def read(self, request: Struct) -> Told | Heard:
        assert isinstance(request, smpp.DeliverSm)
        receipt = receipt_of(request)
        if receipt is not None:
            return Told(receipt.message_id, receipt.stat, request.source_addr.removeprefix("86"))
        return Heard(request.source_addr, request.destination_addr, request.short_message.decode("utf-16-be"))

    def acknowledge(self, request: Struct) -> Struct:
        return smpp.DeliverSmResp()


def _wrong_text(face: Face, why: str) -> Struct:
    """Return a submit that is wrong in the same way in every protocol."""
    match why:
        case "destination":
            return face.submit(TEXT, "02088888888")
        case "unregistered":
            return face.submit("【鸿雁】没有报备的内容")
        case "length":
            return face.submit(b"\x4e")
        case _:
            return face.submit(b"")


def china_stamp(_: float) -> int:
    """Return MMDDhhmmss; the tests' moment does not matter."""
    return int(datetime.now(UTC).strftime("%m%d%H%M%S"))


CMPP20 = CmppFace(0x20)
CMPP30 = CmppFace(0x30)
SGIP = SgipFace()
SMGP = SmgpFace()
SMPP = SmppFace()
FACES: list[Face] = [CMPP20, CMPP30, SGIP, SMGP, SMPP]
NAMES: Callable[[Face], str] = lambda face: face.name  # noqa: E731 - pytest's `ids`
