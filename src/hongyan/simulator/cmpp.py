"""The gateway (ISMG) of a simulated carrier: CMPP 2.0 and 3.0 in front of what every carrier does.

It refuses what a strict gateway refuses, by the codes of CMPP 3.0 §7.4.3.2: a Msg_src that is not the
login's (11), no number or one that is none (13), a text that is too long (6), and more than it can keep (8).
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from msgspec import Struct

from hongyan.wire.cmpp.auth import is_authentic
from hongyan.wire.cmpp.dialect import V20, V21, V30
from hongyan.wire.cmpp.pdus import (
    Cancel,
    CancelResp,
    Connect,
    Deliver,
    DeliverResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
)
from hongyan.wire.cmpp.report import SIZE_SHORT, Report, encode_report
from hongyan.wire.cmpp.session import CmppServerSession
from hongyan.wire.cmpp.statuses import ConnectStatus, SubmitResult
from hongyan.wire.ends import ServerSession

from .behaviour import Refusal
from .carrier import Carrier
from .face import BindAsk, BindRefusal, Face, ReportWish, Submission
from .login import Link, Peer
from .message_ids import MessageIds
from .outcome import STAT_CODES, Outcome, ReportCode
from .reading import Coding
from .reply import ReplyPart
from .segment import Segment
from .times import expiry, report_stamp
from .user_data import Concatenation, split_header

ASCII_SIZE_MAX: Final = 160
"""CMPP 3.0 §7.4.3.1 says "<160"; gateways in the field take 160."""
CONTENT_SIZE_MAX: Final = 140

_CODINGS: Final = {
    0: Coding.ASCII,
    3: Coding.BINARY,
    4: Coding.BINARY,
    8: Coding.UCS2,
    15: Coding.GBK,
    25: Coding.GBK,
}
_FORMATS: Final = {Coding.ASCII: 0, Coding.UCS2: 8, Coding.GBK: 15}


class CmppFace(Face):
    """A carrier's CMPP."""

    protocol = "cmpp"
    header_size = 12
    bind_codes: ClassVar[Mapping[BindRefusal, int]] = {
        BindRefusal.UNKNOWN_LOGIN: ConnectStatus.ILLEGAL_SOURCE_ADDRESS,
        BindRefusal.WRONG_PASSWORD: ConnectStatus.AUTHENTICATION_ERROR,
        BindRefusal.WRONG_VERSION: ConnectStatus.VERSION_TOO_HIGH,
        BindRefusal.TOO_MANY_LINKS: ConnectStatus.OTHER,
        BindRefusal.BUSY: ConnectStatus.OTHER,
    }
    refusal_codes: ClassVar[Mapping[Refusal, int]] = {
        Refusal.BAD_NUMBER: SubmitResult.DEST_TERMINAL_ID_ERROR,
        Refusal.BUSY: SubmitResult.FLOW_CONTROL,
    }
    report_codes: ClassVar[Mapping[Outcome, ReportCode]] = {
        **STAT_CODES,
        # CMPP 3.0 table 1: the SMSC's error, here by its number in 3GPP TS 29.002 §17.6 (unknown subscriber, SM delivery failure).
        Outcome.EMPTY_NUMBER: ReportCode("MK:0001"),
        Outcome.MEMORY_FULL: ReportCode("MK:0032"),
    }

    def __init__(self, carrier: Carrier) -> None:
        self._ids = MessageIds(carrier.clock, carrier.config.cmpp.gateway_code)
        super().__init__(carrier)

    def new_session(self, now: float) -> ServerSession:
        """Return an ISMG's session that lets in the versions of the settings."""
        return CmppServerSession(versions=self._versions(), limits=self.limits(), now=now)

    def bind_ask(self, request: Struct) -> BindAsk:
        """Read a CONNECT (CMPP 3.0 §7.4.1)."""
        assert isinstance(request, Connect)
        return BindAsk(request.source_addr, lambda password: is_authentic(request, password))

    def read_submit(self, peer: Peer, pdu: Struct) -> Submission | None:
        """Read a SUBMIT (§7.4.3.1)."""
        if not isinstance(pdu, Submit):
            return None
        concatenation: Concatenation | None = None
        content = pdu.msg_content
        if pdu.tp_udhi & 1:
            concatenation, content = split_header(content)
        if concatenation is None and 1 <= pdu.pk_number <= pdu.pk_total > 1:
            concatenation = Concatenation(0, 0, pdu.pk_total, pdu.pk_number)
        return Submission(
            destinations=pdu.dest_terminal_id,
            sender=pdu.src_id,
            content=content,
            coding=_CODINGS.get(pdu.msg_fmt, Coding.UNKNOWN),
            concatenation=concatenation,
            wish=ReportWish.ALWAYS if pdu.registered_delivery == 1 else ReportWish.NEVER,
            service=pdu.service_id,
            expires_at=expiry(pdu.valid_time, self.carrier.clock.now()) if pdu.valid_time else None,
            fault=_fault_of(pdu, peer.login.name),
        )

    def message_ids(self, sequence: int, count: int) -> Sequence[int]:
        """Return ids in a row: the response stands for the first and those that follow it (CMPP 3.0, appendix 1)."""
        del sequence
        first = self._ids.next(count)
        return range(first, first + count)

    def submit_response(self, pdu: Struct, message_id: int, result: int) -> Struct:
        """Return a SUBMIT_RESP."""
        del pdu
        return SubmitResp(message_id, result)

    def report(self, link: Link, segment: Segment) -> Struct:
        """Return the DELIVER with a report (§7.4.5.1); in 2.0 it always has 60 octets."""
        report = Report(
            segment.message_id,
            segment.code.stat,
            report_stamp(self.carrier.skewed(segment.submitted_at)),
            report_stamp(self.carrier.wall()),
            segment.destination,
            segment.sequence,
        )
        return Deliver(
            msg_id=self._ids.next(),
            dest_id=segment.sender,
            service_id=segment.service,
            src_terminal_id=segment.destination,
            registered_delivery=1,
            msg_content=encode_report(report, self.config.cmpp.report_size if link.version >= V30 else SIZE_SHORT),
        )

    def reply(self, link: Link, part: ReplyPart) -> Struct:
        """Return the DELIVER with what a phone wrote."""
        del link
        return Deliver(
            msg_id=self._ids.next(),
            dest_id=part.destination,
            tp_udhi=1 if part.header else 0,
            msg_fmt=_FORMATS[part.coding],
            src_terminal_id=part.source,
            msg_content=part.header + part.content,
        )

    def result_of(self, response: Struct) -> int:
        """Return the Result of a DELIVER_RESP."""
        assert isinstance(response, DeliverResp)
        return response.result

    def take_other(self, peer: Peer, sequence: int, pdu: Struct) -> None:
        """Answer QUERY with the texts taken so far, and CANCEL with a no."""
        if isinstance(pdu, Cancel):
            peer.link.answer(sequence, CancelResp(1))  # §7.4.6.2: it could not be withdrawn; real gateways seldom can
        elif isinstance(pdu, Query):
            texts = peer.login.counts.texts
            answer = QueryResp(pdu.time, pdu.query_type, pdu.query_code, mt_tlmsg=texts, mt_tlusr=texts, mt_scs=texts)
            peer.link.answer(sequence, answer)

    def _versions(self) -> frozenset[int]:
        versions = {version.number for version in self.config.cmpp.versions}
        return frozenset(versions | ({V21} if V20 in versions else set()))


def _fault_of(pdu: Submit, login: str) -> SubmitResult:
    """Return the code for what is wrong with a submit itself, OK when nothing is."""
    if pdu.msg_src != login:
        return SubmitResult.MSG_SRC_ERROR
    if len(pdu.msg_content) > (CONTENT_SIZE_MAX if pdu.msg_fmt else ASCII_SIZE_MAX):
        return SubmitResult.TOO_LONG
    return SubmitResult.OK
