"""The gateway (SMG) of a simulated carrier: SGIP 1.2 in front of what every carrier does.

Customers bring their SUBMITs over connections of their own (login type 1). Reports and replies go over connections
that the gateway dials to a login's listener (login type 2, `dial_back`), or over the customer's own where the login
has `same_connection`, as some gateways do; a login that has neither never hears of its texts.

It refuses what a strict gateway refuses, by the numbers of SGIP 1.2 §5.2: another login type (4), fields that
hold what they may not (5), a number without 86 (6), a text that is too long (8), and more than it can keep (11).
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import ClassVar, Final

from msgspec import Struct

from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import ServerLink
from hongyan.wire.ends import ServerSession
from hongyan.wire.sgip.dialect import HEADER, LoginType
from hongyan.wire.sgip.pdus import (
    Bind,
    Deliver,
    DeliverResp,
    Report,
    ReportResp,
    Submit,
    SubmitResp,
    Trace,
    TraceNode,
    TraceResp,
    UserRpt,
    UserRptResp,
)
from hongyan.wire.sgip.sequences import octets_of, text_of
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession
from hongyan.wire.sgip.statuses import Result

from .behaviour import Refusal
from .carrier import Carrier
from .config import DialBack
from .face import BindAsk, BindRefusal, Face, ReportWish, Submission
from .login import Link, Login, Peer
from .outcome import Outcome, ReportCode
from .reading import Coding
from .reply import ReplyPart
from .segment import Segment
from .times import CHINA_TIME, expiry
from .user_data import Concatenation, split_header

USERS_MAX: Final = 100
"""SGIP 1.2 §4.2.3.3: UserCount is 1 to 100."""
ASCII_SIZE_MAX: Final = 160
CONTENT_SIZE_MAX: Final = 140

_CODINGS: Final = {
    0: Coding.ASCII,
    3: Coding.BINARY,
    4: Coding.BINARY,
    8: Coding.UCS2,
    15: Coding.GBK,
}
_FORMATS: Final = {Coding.ASCII: 0, Coding.UCS2: 8, Coding.GBK: 15}
_WISHES: Final = {0: ReportWish.ON_FAILURE, 1: ReportWish.ALWAYS, 2: ReportWish.NEVER}
_DONE, _WAITING, _FAILED = 0, 1, 2
_ERROR_MAX: Final = 255
_COUNTRY: Final = "86"


class SgipFace(Face):
    """A carrier's SGIP."""

    protocol = "sgip"
    header_size = HEADER.size
    bind_codes: ClassVar[Mapping[BindRefusal, int]] = {
        BindRefusal.UNKNOWN_LOGIN: Result.ILLEGAL_LOGIN,
        BindRefusal.WRONG_PASSWORD: Result.ILLEGAL_LOGIN,
        BindRefusal.TOO_MANY_LINKS: Result.TOO_MANY_CONNECTIONS,
        BindRefusal.WRONG_VERSION: Result.PARAMETER_ERROR,
        BindRefusal.BUSY: Result.NODE_BUSY,
    }
    refusal_codes: ClassVar[Mapping[Refusal, int]] = {
        Refusal.BAD_NUMBER: Result.ILLEGAL_NUMBER,
        Refusal.BUSY: Result.NODE_BUSY,
    }
    report_codes: ClassVar[Mapping[Outcome, ReportCode]] = {
        Outcome.DELIVERED: ReportCode("DELIVRD"),
        Outcome.ACCEPTED: ReportCode("ACCEPTD"),
        Outcome.EXPIRED: ReportCode("EXPIRED", Result.USER_UNREACHABLE),
        Outcome.DELETED: ReportCode("DELETED"),
        Outcome.UNDELIVERED: ReportCode("UNDELIV", Result.PHONE_RECEPTION_ERROR),
        Outcome.UNKNOWN: ReportCode("UNKNOWN"),
        Outcome.REJECTED: ReportCode("REJECTD", Result.FUNCTION_NOT_OFFERED),
        Outcome.EMPTY_NUMBER: ReportCode("UNDELIV", Result.UNKNOWN_USER),
        Outcome.MEMORY_FULL: ReportCode("EXPIRED", Result.PHONE_MEMORY_FULL),
    }

    def __init__(self, carrier: Carrier) -> None:
        self._counter = count(1).__next__
        """Of all links: a sequence number is given once (§3.4)."""
        super().__init__(carrier)

    def new_session(self, now: float) -> ServerSession:
        """Return the gateway's session of a connection that a customer made."""
        return SgipServerSession(
            node=self.config.sgip.node, stamp=self._stamp, limits=self.limits(), now=now, counter=self._counter
        )

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        """Let in who knows the password and connects as an SP (§4.2.3.1)."""
        assert isinstance(request, Bind)
        if request.login_type == LoginType.SP_TO_SMG:
            super().bind_requested(link, request)
            return
        login = self.carrier.logins.get(request.login_name)
        if login is not None:
            login.counts.binds_refused += 1
        link.refuse_bind(Result.LOGIN_TYPE_ERROR)

    def bind_ask(self, request: Struct) -> BindAsk:
        """Read a BIND; reports and replies take that way only where the login says so."""
        assert isinstance(request, Bind)
        login = self.carrier.logins.get(request.login_name)
        return BindAsk(
            request.login_name,
            lambda password: hmac.compare_digest(request.login_password.encode(), password.encode()),
            receives=login is not None and login.config.same_connection,
        )

    def read_submit(self, peer: Peer, pdu: Struct) -> Submission | None:
        """Read a SUBMIT (§4.2.3.3)."""
        if not isinstance(pdu, Submit):
            return None
        concatenation: Concatenation | None = None
        content = pdu.message_content
        if pdu.tp_udhi & 1:
            concatenation, content = split_header(content)
        return Submission(
            destinations=pdu.user_number,
            sender=pdu.sp_number,
            content=content,
            coding=_CODINGS.get(pdu.message_coding, Coding.UNKNOWN),
            concatenation=concatenation,
            wish=_WISHES.get(pdu.report_flag, ReportWish.NEVER),
            service=pdu.service_type,
            expires_at=expiry(pdu.expire_time, self.carrier.clock.now()) if pdu.expire_time else None,
            fault=_fault_of(pdu) if peer.sends else Result.LOGIN_TYPE_ERROR,
        )

    def message_ids(self, sequence: int, count: int) -> Sequence[int]:
        """Return the SUBMIT's own number for each: reports share it and differ by their phone (§4.2.3.5)."""
        return [sequence] * count

    def submit_response(self, pdu: Struct, message_id: int, result: int) -> Struct:
        """Return a SUBMIT_RESP, which has no id."""
        del pdu, message_id
        return SubmitResp(result)

    def report(self, link: Link, segment: Segment) -> Struct:
        """Return the REPORT (§4.2.3.5)."""
        del link
        return Report(
            octets_of(segment.message_id),
            user_number=segment.destination,
            state=_state_of(segment.code),
            error_code=min(segment.code.error, _ERROR_MAX),
        )

    def reply(self, link: Link, part: ReplyPart) -> Struct:
        """Return the DELIVER with what a phone wrote; its number has 86."""
        del link
        return Deliver(
            user_number=str(part.number),
            sp_number=part.destination,
            tp_udhi=1 if part.header else 0,
            message_coding=_FORMATS[part.coding],
            message_content=part.header + part.content,
        )

    def result_of(self, response: Struct) -> int:
        """Return the Result of a REPORT_RESP or a DELIVER_RESP."""
        assert isinstance(response, ReportResp | DeliverResp)
        return response.result

    def take_other(self, peer: Peer, sequence: int, pdu: Struct) -> None:
        """Answer TRACE with this node alone, and refuse what only a gateway sends (7)."""
        match pdu:
            case Trace():
                answer: Struct = TraceResp((TraceNode(node_id=b"%06d" % (self.config.sgip.node % 1_000_000)),))
            case Deliver():
                answer = DeliverResp(Result.MESSAGE_ID_ERROR)
            case Report():
                answer = ReportResp(Result.MESSAGE_ID_ERROR)
            case _:
                assert isinstance(pdu, UserRpt)
                answer = UserRptResp(Result.MESSAGE_ID_ERROR)
        peer.link.answer(sequence, answer)

    def id_text(self, message_id: int) -> str:
        """Return three decimal numbers: node, time and counter."""
        return text_of(message_id)

    def dialled_links(self, login: Login) -> Sequence[LinkClient]:
        """Return the connections to the login's listener."""
        where = login.config.dial_back
        if where is None:
            return ()
        return [self._dialled_link(login, where, -number) for number in range(1, where.links + 1)]

    def _dialled_link(self, login: Login, where: DialBack, index: int) -> LinkClient:
        def session() -> SgipClientSession:
            return SgipClientSession(
                where.login or login.name,
                where.password or login.config.password,
                node=self.config.sgip.node,
                stamp=self._stamp,
                login_type=LoginType.SMG_TO_SP,
                limits=self.limits(),
                counter=self._counter,
            )

        return LinkClient(
            LinkConfig(host=where.host, port=where.port, name=self.config.name, backoff_max_seconds=5.0),
            session=session,
            observer=self,
            clock=self.carrier.clock,
            index=index,
            wrap=self.wrap,
        )

    def _stamp(self, now: float) -> int:
        """Return MMDDhhmmss by the carrier's own clock, whatever it shows."""
        del now
        return _second_stamp(int(self.carrier.wall()))


@lru_cache(maxsize=256)
def _second_stamp(unix_seconds: int) -> int:
    return int(datetime.fromtimestamp(unix_seconds, CHINA_TIME).strftime("%m%d%H%M%S"))


def _state_of(code: ReportCode) -> int:
    if code.is_delivered:
        return _DONE
    return _FAILED if code.is_final else _WAITING


def _fault_of(pdu: Submit) -> Result:
    """Return the code for what is wrong with a submit itself, OK when nothing is."""
    if len(pdu.user_number) > USERS_MAX or pdu.message_type or pdu.report_flag not in _WISHES:
        return Result.PARAMETER_ERROR
    if pdu.message_coding not in _CODINGS or not (pdu.sp_number.isascii() and pdu.sp_number.isdigit()):
        return Result.PARAMETER_ERROR
    if not all(number.startswith(_COUNTRY) for number in pdu.user_number):
        return Result.ILLEGAL_NUMBER
    if pdu.tp_udhi & 1 and len(split_header(pdu.message_content)[1]) == len(pdu.message_content):
        return Result.PARAMETER_ERROR  # the header that is announced runs beyond the content
    if len(pdu.message_content) > (CONTENT_SIZE_MAX if pdu.message_coding else ASCII_SIZE_MAX):
        return Result.LENGTH_ERROR
    return Result.OK
