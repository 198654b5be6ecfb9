"""The gateway (SMGW) of a simulated carrier: SMGP 3.0 in front of what every carrier does.

It refuses what a strict gateway refuses, by the numbers of SMGP 3.0 §6.2.6: a login mode that the carrier does not give
(21), a Submit over a login that only receives (11), a MsgType that is not 6 (30), a Priority above 3 (31), an unknown
MsgFormat (34), more than 140 octets (36), no number, one that is none, or more than 100 (47), a MsgSrc that is not the
login (69), and more than it can keep (1).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Final

from msgspec import Struct

from hongyan.kit.clock import Clock
from hongyan.wire.ends import ServerSession
from hongyan.wire.smgp.auth import is_authentic
from hongyan.wire.smgp.dialect import HEADER
from hongyan.wire.smgp.pdus import MT, NO_MSG_ID, Deliver, DeliverResp, Login, Query, QueryResp, Submit, SubmitResp
from hongyan.wire.smgp.report import Report, encode_report
from hongyan.wire.smgp.session import LoginMode, SmgpServerSession
from hongyan.wire.smgp.statuses import Code
from hongyan.wire.smgp.tlvs import NO_TLVS, SmgpTlvs

from .behaviour import BindRefusal, Refusal
from .carrier import Carrier
from .face import BindAsk, Face, ReportWish, Submission
from .login import Link, Peer
from .reading import Coding
from .reply import ReplyPart
from .segment import Segment
from .times import CHINA_TIME, expiry, report_stamp
from .user_data import Concatenation, split_header

CONTENT_SIZE_MAX: Final = 140
"""SMGP 3.0 §6.2.21: in every format."""
DESTINATIONS_MAX: Final = 100
PRIORITY_MAX: Final = 3
_PER_SECOND: Final = 16_666
"""Of the million sequences that a minute has (§6.2.26), so that a gateway that starts anew repeats none."""
_SEQUENCE_DIGITS: Final = 6
_TIME_DIGITS: Final = 8
_ID_DIGITS: Final = 20
_REPORT_TEXT_OCTETS: Final = 17
_COUNT_MAX: Final = 999

_CODINGS: Final = {
    0: Coding.ASCII,
    3: Coding.BINARY,
    4: Coding.BINARY,
    8: Coding.UCS2,
    15: Coding.GBK,
    246: Coding.BINARY,
}
_FORMATS: Final = {Coding.ASCII: 0, Coding.UCS2: 8, Coding.GBK: 15}


class MsgIds:
    """MsgIDs of one gateway, as the numbers that their twenty digits are."""

    def __init__(self, clock: Clock, gateway_code: int) -> None:
        self._clock = clock
        self._gateway = gateway_code * 10 ** (_TIME_DIGITS + _SEQUENCE_DIGITS)
        self._second = 0
        self._first = 0
        self._given = _PER_SECOND

    def next(self, count: int = 1) -> int:
        """Return the first of `count` ids in a row."""
        second = int(self._clock.now())
        if second > self._second:
            self._begin(second)
        elif self._given + count > _PER_SECOND:
            self._begin(self._second + 1)  # more than a second holds: borrow from the next rather than repeat
        first = self._first + self._given
        self._given += count
        return first

    def _begin(self, second: int) -> None:
        time = datetime.fromtimestamp(second, CHINA_TIME)
        minute = int(time.strftime("%m%d%H%M")) * 10**_SEQUENCE_DIGITS
        self._second = second
        self._first = self._gateway + minute + time.second * _PER_SECOND
        self._given = 0


class SmgpFace(Face):
    """A carrier's SMGP."""

    protocol = "smgp"
    header_size = HEADER.size
    septets_max = CONTENT_SIZE_MAX
    bind_codes: ClassVar[Mapping[BindRefusal, int]] = {
        BindRefusal.UNKNOWN_LOGIN: Code.AUTHENTICATION_ERROR,
        BindRefusal.WRONG_PASSWORD: Code.AUTHENTICATION_ERROR,
        BindRefusal.TOO_MANY_LINKS: Code.TOO_MANY_CONNECTIONS,
        BindRefusal.WRONG_VERSION: Code.VERSION_TOO_HIGH,
        BindRefusal.BUSY: Code.BUSY,
    }
    refusal_codes: ClassVar[Mapping[Refusal, int]] = {
        Refusal.BAD_NUMBER: Code.DEST_TERM_ID_ERROR,
        Refusal.BUSY: Code.BUSY,
    }

    def __init__(self, carrier: Carrier) -> None:
        self._ids = MsgIds(carrier.clock, carrier.config.smgp.gateway_code)
        super().__init__(carrier)

    def new_session(self, now: float) -> ServerSession:
        """Return a gateway's session."""
        return SmgpServerSession(limits=self.limits(), now=now)

    def bind_ask(self, request: Struct) -> BindAsk:
        """Read a Login (SMGP 3.0 §5.2.2.1); its mode says which way texts may go."""
        assert isinstance(request, Login)
        mode = request.login_mode
        is_given = mode in {LoginMode[name.upper()] for name in self.config.smgp.login_modes}
        return BindAsk(
            request.client_id,
            lambda password: is_given and is_authentic(request, password),
            sends=mode != LoginMode.RECEIVE,
            receives=mode != LoginMode.SEND,
        )

    def read_submit(self, peer: Peer, pdu: Struct) -> Submission | None:
        """Read a Submit (§5.2.2.2.1); that it begins with a header is known from TP_udhi alone."""
        if not isinstance(pdu, Submit):
            return None
        concatenation: Concatenation | None = None
        content, tlvs = pdu.msg_content, pdu.tlvs
        if (tlvs.tp_udhi or 0) & 1:
            concatenation, content = split_header(content)
        if concatenation is None and 1 <= (tlvs.pk_number or 0) <= (tlvs.pk_total or 0) > 1:
            concatenation = Concatenation(0, 0, tlvs.pk_total or 0, tlvs.pk_number or 0)
        return Submission(
            destinations=pdu.dest_term_id,
            sender=pdu.src_term_id,
            content=content,
            coding=_CODINGS.get(pdu.msg_format, Coding.UNKNOWN),
            concatenation=concatenation,
            wish=ReportWish.ALWAYS if pdu.need_report == 1 else ReportWish.NEVER,
            service=pdu.service_id,
            expires_at=expiry(pdu.valid_time, self.carrier.clock.now()) if pdu.valid_time else None,
            fault=_fault_of(pdu, peer.login.name) if peer.sends else Code.COMMAND_ERROR,
        )

    def message_ids(self, sequence: int, count: int) -> Sequence[int]:
        """Return ids in a row, of which the response says the first."""
        del sequence
        first = self._ids.next(count)
        return range(first, first + count)

    def submit_response(self, pdu: Struct, message_id: int, result: int) -> Struct:
        """Return a Submit_Resp."""
        del pdu
        return SubmitResp(NO_MSG_ID if result else _octets(message_id), result)

    def report(self, link: Link, segment: Segment) -> Struct:
        """Return the Deliver with a report (§6.2.63)."""
        del link
        report = Report(
            _octets(segment.message_id),
            segment.code.stat,
            sub="001",
            dlvrd="001" if segment.code.is_delivered else "000",
            submit_date=report_stamp(self.carrier.skewed(segment.submitted_at)),
            done_date=report_stamp(self.carrier.wall()),
            err=f"{segment.code.error:03}",
            text=_beginning(segment.content),
        )
        return Deliver(
            msg_id=_octets(self._ids.next()),
            is_report=1,
            recv_time=self._stamp(),
            src_term_id=segment.destination,
            dest_term_id=segment.sender,
            msg_content=encode_report(report),
        )

    def reply(self, link: Link, part: ReplyPart) -> Struct:
        """Return the Deliver with what a phone wrote."""
        del link
        return Deliver(
            msg_id=_octets(self._ids.next()),
            msg_format=_FORMATS[part.coding],
            recv_time=self._stamp(),
            src_term_id=part.source,
            dest_term_id=part.destination,
            msg_content=part.header + part.content,
            tlvs=SmgpTlvs(tp_udhi=1) if part.header else NO_TLVS,
        )

    def result_of(self, response: Struct) -> int:
        """Return the Status of a Deliver_Resp."""
        assert isinstance(response, DeliverResp)
        return response.status

    def take_other(self, peer: Peer, sequence: int, pdu: Struct) -> None:
        """Answer a Query with the texts taken so far."""
        assert isinstance(pdu, Query)
        texts = peer.login.counts.texts
        answer = QueryResp(pdu.query_time, pdu.query_type, pdu.query_code, mt_tlmsg=texts, mt_tlusr=texts, mt_scs=texts)
        peer.link.answer(sequence, answer)

    def id_text(self, message_id: int) -> str:
        """Return twenty digits."""
        return f"{message_id:0{_ID_DIGITS}}"

    def _stamp(self) -> str:
        return _second_stamp(int(self.carrier.wall()))


def _octets(message_id: int) -> bytes:
    """Return the ten octets of an id: two digits in each (§6.2.26)."""
    return bytes.fromhex(f"{message_id:0{_ID_DIGITS}}")


def _beginning(content: bytes) -> bytes:
    """Return what a report says of the text: three digits that count it and its first octets."""
    return b"%03d" % min(len(content), _COUNT_MAX) + content[:_REPORT_TEXT_OCTETS]


@lru_cache(maxsize=16)
def _second_stamp(unix_seconds: int) -> str:
    """Return YYYYMMDDHHMMSS in China."""
    return datetime.fromtimestamp(unix_seconds, CHINA_TIME).strftime("%Y%m%d%H%M%S")


def _fault_of(pdu: Submit, login: str) -> Code:
    """Return the number for what is wrong with a Submit itself, OK when nothing is."""
    if pdu.msg_type != MT:
        return Code.MSG_TYPE_ERROR
    if pdu.priority > PRIORITY_MAX:
        return Code.PRIORITY_ERROR
    if pdu.msg_format not in _CODINGS:
        return Code.MSG_FORMAT_ERROR
    if len(pdu.msg_content) > CONTENT_SIZE_MAX:
        return Code.MSG_LENGTH_ERROR
    if len(pdu.dest_term_id) > DESTINATIONS_MAX:
        return Code.DEST_TERM_ID_ERROR
    if pdu.tlvs.msg_src is not None and pdu.tlvs.msg_src != login:
        return Code.SP_ID_ERROR
    return Code.OK
