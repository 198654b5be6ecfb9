"""SMGP 3.0 with us as the gateway (SMGW): Submits become facts, reports and replies become Delivers.

A MsgID is ten octets without meaning to its reader (§6.2.26). Ours are the digits of our own number, so that the ids of
several destinations are neighbours and nothing has to be looked up.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final

from msgspec import Struct

from hongyan.carriers.reading import national
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import Capacity
from hongyan.wire.ends import ClientSession
from hongyan.wire.errors import DecodeError
from hongyan.wire.session import Limits
from hongyan.wire.smgp import pdus
from hongyan.wire.smgp.auth import is_authentic
from hongyan.wire.smgp.msg_id import of_number
from hongyan.wire.smgp.parts import part_of
from hongyan.wire.smgp.report import Report, encode_report
from hongyan.wire.smgp.session import LoginMode, SmgpServerSession
from hongyan.wire.smgp.statuses import Code, status_of
from hongyan.wire.smgp.tlvs import NO_TLVS, SmgpTlvs
from hongyan.wire.statuses import Disposition

from .protocol import (
    Accepted,
    BindFacts,
    BindRefusal,
    Coding,
    Counts,
    CountsAsked,
    CustomerTerms,
    Immediate,
    Refusal,
    ReplyFacts,
    ReportFacts,
    ReportWish,
    ReverseTerms,
    SubmitFacts,
    SubmitRefused,
    Taken,
)
from .settings import LoginSettings
from .texts import reply_limits, reply_parts, take_header, whole_or_part
from .times import CHINA, read_time, report_digits

CODINGS: Final = {0: Coding.ASCII, 8: Coding.UCS2, 15: Coding.GBK, 25: Coding.GBK}
"""MsgFormat (§6.2.16); 25 is what some customers call GBK."""
_FORMATS: Final = {Alphabet.ASCII: 0, Alphabet.UCS2: 8, Alphabet.GBK: 15}
_OCTETS_MAX: Final = 140
_ASCII: Final = Capacity(Alphabet.ASCII, 140, 134)
_WISHES: Final = {0: ReportWish.NEVER, 1: ReportWish.ALWAYS}
_NUMBER_WIDTH: Final = 21
_STAT_WIDTH: Final = 7
_PART_BITS: Final = 8
_MASK: Final = 0xFFFF_FFFF

BIND_STATUSES: Final = {
    BindRefusal.MALFORMED: Code.STRUCTURE_ERROR,
    BindRefusal.LOGIN_UNKNOWN: Code.AUTHENTICATION_ERROR,
    BindRefusal.UNAUTHENTIC: Code.AUTHENTICATION_ERROR,
    BindRefusal.ADDRESS_NOT_ALLOWED: Code.IP_ERROR,
    BindRefusal.VERSION_NOT_ALLOWED: Code.VERSION_TOO_HIGH,
    BindRefusal.MODE_NOT_ALLOWED: Code.SP_ACCESS_TYPE_ERROR,
    BindRefusal.DISABLED: Code.ACCOUNT_EXPIRED,
    BindRefusal.LINKS_TOO_MANY: Code.TOO_MANY_CONNECTIONS,
    BindRefusal.BUSY: Code.BUSY,
}
"""Status of Login_Resp (§6.2.6)."""

RESULTS: Final = {
    Refusal.MALFORMED: Code.STRUCTURE_ERROR,
    Refusal.COMMAND_UNSUPPORTED: Code.COMMAND_ERROR,
    Refusal.NOT_ALLOWED_HERE: Code.COMMAND_ERROR,
    Refusal.CLASS_UNSUPPORTED: Code.MSG_TYPE_ERROR,
    Refusal.CODING_UNSUPPORTED: Code.MSG_FORMAT_ERROR,
    Refusal.LENGTH_WRONG: Code.MSG_LENGTH_ERROR,
    Refusal.HEADER_WRONG: Code.STRUCTURE_ERROR,
    Refusal.TEXT_MISSING: Code.MSG_LENGTH_ERROR,
    Refusal.TEXT_TOO_LONG: Code.MSG_LENGTH_ERROR,
    Refusal.SOURCE_NOT_ALLOWED: Code.SRC_TERM_ID_ERROR,
    Refusal.SENDER_WRONG: Code.SP_ID_ERROR,
    Refusal.DESTINATION_WRONG: Code.DEST_TERM_ID_ERROR,
    Refusal.DESTINATION_UNROUTABLE: Code.NO_ROUTE,
    Refusal.DESTINATIONS_WRONG: Code.DEST_TERM_ID_ERROR,
    Refusal.VALIDITY_WRONG: Code.VALID_TIME_ERROR,
    Refusal.SCHEDULE_UNSUPPORTED: Code.AT_TIME_ERROR,
    Refusal.FLOW_EXCEEDED: Code.BUSY,
    Refusal.TRY_LATER: Code.BUSY,
    Refusal.BALANCE_INSUFFICIENT: 204,
    Refusal.ACCOUNT_SUSPENDED: 205,
    Refusal.SIGNATURE_WRONG: 203,
    Refusal.TEXT_UNREGISTERED: 202,
    Refusal.INTERNAL: Code.BUSY,
}
"""Status of Submit_Resp (§6.2.6); 128 to 255 are ours to define. 1 asks the customer to slow down."""

_ERRS: Final = {"DELIVRD": "000", "EXPIRED": "001", "UNDELIV": "006", "DELETED": "006", "REJECTD": "006"}
_ERR_ELSE: Final = "999"
"""Unknown (§6.2.63.2): the stat itself says more."""


class SmgpServer:
    """SMGP 3.0 for customers."""

    family: ClassVar[str] = "smgp"
    says_partial: ClassVar[bool] = False
    dials: ClassVar[bool] = False
    destinations_max: ClassVar[int] = 100
    login_length_max: ClassVar[int] = 8
    password_length_max: ClassVar[int] = 15

    def session(self, limits: Limits, stamp: Callable[[float], int], now: float) -> SmgpServerSession:
        """Return the session of a connection just made."""
        del stamp
        return SmgpServerSession(limits=limits, now=now)

    def bind(self, request: Struct) -> BindFacts:
        """Read a Login; its mode says which way texts may go over this connection (§6.2.3)."""
        assert isinstance(request, pdus.Login)
        return BindFacts(
            request.client_id,
            request.client_version,
            lambda password: is_authentic(request, password),
            sends=request.login_mode != LoginMode.RECEIVE,
            receives=request.login_mode != LoginMode.SEND,
            mode_is_allowed=request.login_mode in LoginMode.__members__.values(),
        )

    def version_allowed(self, version: int, settings: LoginSettings) -> bool:
        """Tell whether a login may use this version: there is only one that gets this far."""
        del version, settings
        return True

    def bind_status(self, refusal: BindRefusal) -> int:
        """Return the Status of Login_Resp."""
        return BIND_STATUSES[refusal]

    def read(self, request: Struct, sequence: int, terms: CustomerTerms) -> SubmitFacts | CountsAsked | Immediate:
        """Read a Submit or a Query."""
        del sequence
        if isinstance(request, pdus.Query):
            return CountsAsked(request.query_time)
        assert isinstance(request, pdus.Submit)
        return _read_submit(request, terms)

    def accepted(self, request: Struct, accepted: Accepted, terms: CustomerTerms) -> pdus.SubmitResp:
        """Return the Submit_Resp; its MsgID is that of the first destination."""
        del request, terms
        return pdus.SubmitResp(of_number(accepted.first_id))

    def refused(self, request: Struct, refusal: Refusal, terms: CustomerTerms) -> Struct:
        """Return the response that refuses."""
        del terms
        if isinstance(request, pdus.Query):
            return self.counts(request, None)
        return pdus.SubmitResp(pdus.NO_MSG_ID, RESULTS[refusal])

    def counts(self, request: Struct, counts: Counts | None) -> pdus.QueryResp:
        """Return the Query_Resp; it cannot say that we do not know, so that it says nought."""
        assert isinstance(request, pdus.Query)
        known = counts or Counts()
        return pdus.QueryResp(
            request.query_time,
            request.query_type,
            request.query_code,
            known.messages & _MASK,
            known.recipients & _MASK,
            known.submitted & _MASK,
            known.waiting & _MASK,
            known.failed & _MASK,
            known.replies_delivered & _MASK,
            known.replies_waiting & _MASK,
            known.replies_failed & _MASK,
        )

    def report(self, facts: ReportFacts, terms: CustomerTerms) -> pdus.Deliver:
        """Return the Deliver of a report (§6.2.63); its own MsgID is a new one."""
        del terms
        stat = facts.stat[:_STAT_WIDTH]
        content = Report(
            of_number(facts.part_id),
            stat,
            dlvrd="001" if facts.is_delivered else "000",
            submit_date=report_digits(facts.submitted_at),
            done_date=report_digits(facts.done_at),
            err=_ERRS.get(stat, _ERR_ELSE),
            text=b"000",
        )
        return pdus.Deliver(
            msg_id=_pushed_id(facts.push_id, 0),
            is_report=1,
            recv_time=_stamp(facts.done_at),
            src_term_id=facts.destination[:_NUMBER_WIDTH],
            dest_term_id=facts.source[:_NUMBER_WIDTH],
            msg_content=encode_report(content),
        )

    def reply(self, facts: ReplyFacts, terms: CustomerTerms) -> Sequence[pdus.Deliver]:
        """Return the Delivers of a reply; the phone's number goes out as customers know it, without 86."""
        limits = reply_limits(_ASCII, terms.settings.reply_coding)
        segmentation, contents = reply_parts(facts.content, limits, facts.push_id)
        return [
            pdus.Deliver(
                msg_id=_pushed_id(facts.push_id, index),
                msg_format=_FORMATS[segmentation.alphabet],
                recv_time=_stamp(facts.received_at),
                src_term_id=national(int(facts.sender)),
                dest_term_id=facts.destination[:_NUMBER_WIDTH],
                msg_content=content,
                tlvs=SmgpTlvs(tp_udhi=1) if len(contents) > 1 else NO_TLVS,
            )
            for index, content in enumerate(contents)
        ]

    def taken(self, response: Struct) -> Taken:
        """Say what a Deliver_Resp means: what is busy now may take it later, every other error is final (§6.2.6)."""
        assert isinstance(response, pdus.DeliverResp)
        match status_of(response.status).disposition:
            case Disposition.ACCEPTED:
                return Taken.YES
            case Disposition.RETRY_LATER:
                return Taken.LATER
            case Disposition.FINAL:
                return Taken.NEVER

    def reverse_session(self, terms: ReverseTerms, limits: Limits, stamp: Callable[[float], int]) -> ClientSession:
        """Refuse: in SMGP the customer connects to us."""
        raise NotImplementedError


def _read_submit(submit: pdus.Submit, terms: CustomerTerms) -> SubmitFacts:
    wish = _WISHES.get(submit.need_report)
    if submit.msg_type != pdus.MT or wish is None:
        raise SubmitRefused(Refusal.CLASS_UNSUPPORTED, f"MsgType {submit.msg_type}, NeedReport {submit.need_report}")
    if submit.tlvs.msg_src and submit.tlvs.msg_src != terms.login:
        raise SubmitRefused(Refusal.SENDER_WRONG, "MsgSrc is not the login")
    if not 0 < len(submit.dest_term_id) <= SmgpServer.destinations_max:
        raise SubmitRefused(Refusal.DESTINATIONS_WRONG, f"DestTermIDCount {len(submit.dest_term_id)}")
    coding, concatenation, payload = _read_content(submit)
    return SubmitFacts(
        source=submit.src_term_id,
        destinations=submit.dest_term_id,
        content=payload,
        coding=coding,
        concatenation=concatenation,
        report=wish,
        valid_until=_time(submit.valid_time, Refusal.VALIDITY_WRONG),
        deliver_at=_time(submit.at_time, Refusal.SCHEDULE_UNSUPPORTED),
    )


def _read_content(submit: pdus.Submit) -> tuple[Coding, Concatenation | None, bytes]:
    """Return coding, part and text; where there is a header, PkNumber is not asked: some count it from 0 (§6.3)."""
    coding = CODINGS.get(submit.msg_format)
    if coding is None:
        raise SubmitRefused(Refusal.CODING_UNSUPPORTED, f"MsgFormat {submit.msg_format}")
    content = submit.msg_content
    if len(content) > _OCTETS_MAX:
        raise SubmitRefused(Refusal.LENGTH_WRONG, f"MsgLength {len(content)}")
    if not (submit.tlvs.tp_udhi or 0) & 1:
        return coding, _numbered(submit), content
    concatenation, payload = take_header(content)
    return coding, whole_or_part(concatenation), payload


def _numbered(submit: pdus.Submit) -> Concatenation | None:
    """Return what PkTotal and PkNumber say by themselves: without a header, they are all that ties parts together."""
    try:
        part = part_of(submit.tlvs)
    except DecodeError as error:
        raise SubmitRefused(Refusal.HEADER_WRONG, str(error)) from None
    return None if part is None else Concatenation(0, part.total, part.number)


def _time(written: str, refusal: Refusal) -> datetime | timedelta | None:
    try:
        return read_time(written)
    except ValueError:
        raise SubmitRefused(refusal, "a time that cannot be read") from None


def _pushed_id(push_id: int, index: int) -> bytes:
    """Return the MsgID of what we push; the parts of a long reply differ, since customers pass over what they know."""
    return of_number(push_id << _PART_BITS | index)


def _stamp(moment: datetime) -> str:
    """Return YYYYMMDDHHMMSS in Chinese time."""
    return moment.astimezone(CHINA).strftime("%Y%m%d%H%M%S")


SMGP_SERVER: Final = SmgpServer()
