"""CMPP 2.0 and 3.0 with us as the ISMG: SUBMITs become facts, reports and replies become DELIVERs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from msgspec import Struct

from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import Capacity
from hongyan.wire.cmpp import msg_id, pdus
from hongyan.wire.cmpp.auth import is_authentic
from hongyan.wire.cmpp.dialect import VERSIONS
from hongyan.wire.cmpp.report import SIZE_SHORT, Report, encode_report
from hongyan.wire.cmpp.session import CmppServerSession
from hongyan.wire.cmpp.statuses import ConnectStatus, SubmitResult
from hongyan.wire.ends import ClientSession
from hongyan.wire.session import Limits

from .ids import split
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
"""Msg_Fmt (CMPP 3.0 §7.4.3.1); 25 is what some customers call GBK."""
_FORMATS: Final = {Alphabet.ASCII: 0, Alphabet.UCS2: 8, Alphabet.GBK: 15}
_OCTETS_MAX: Final = {Coding.ASCII: 160}
"""CMPP 3.0 §7.4.3.1 says "<160" for format 0 and 140 for the others; 160 is what many customers send."""
_OCTETS_MAX_ELSE: Final = 140
_ASCII: Final = Capacity(Alphabet.ASCII, 159, 153)
_WISHES: Final = {0: ReportWish.NEVER, 1: ReportWish.ALWAYS}
_NATIONAL_DIGITS: Final = 11
_MASK: Final = 0xFFFF_FFFF
_ID_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF
_PART_BITS: Final = 8

BIND_STATUSES: Final = {
    BindRefusal.MALFORMED: ConnectStatus.STRUCTURE_ERROR,
    BindRefusal.LOGIN_UNKNOWN: ConnectStatus.AUTHENTICATION_ERROR,
    BindRefusal.UNAUTHENTIC: ConnectStatus.AUTHENTICATION_ERROR,
    BindRefusal.ADDRESS_NOT_ALLOWED: ConnectStatus.ILLEGAL_SOURCE_ADDRESS,
    BindRefusal.VERSION_NOT_ALLOWED: ConnectStatus.VERSION_TOO_HIGH,
    BindRefusal.MODE_NOT_ALLOWED: ConnectStatus.OTHER,
    BindRefusal.DISABLED: ConnectStatus.OTHER,
    BindRefusal.LINKS_TOO_MANY: 6,
    BindRefusal.BUSY: 7,
}
"""Status of CONNECT_RESP; 5 and above are "other errors" (§7.4.1.2)."""

RESULTS: Final = {
    Refusal.MALFORMED: SubmitResult.STRUCTURE_ERROR,
    Refusal.COMMAND_UNSUPPORTED: SubmitResult.COMMAND_ERROR,
    Refusal.NOT_ALLOWED_HERE: SubmitResult.COMMAND_ERROR,
    Refusal.CLASS_UNSUPPORTED: SubmitResult.COMMAND_ERROR,
    Refusal.CODING_UNSUPPORTED: 101,
    Refusal.LENGTH_WRONG: SubmitResult.LENGTH_ERROR,
    Refusal.HEADER_WRONG: SubmitResult.STRUCTURE_ERROR,
    Refusal.TEXT_MISSING: SubmitResult.LENGTH_ERROR,
    Refusal.TEXT_TOO_LONG: SubmitResult.TOO_LONG,
    Refusal.SOURCE_NOT_ALLOWED: SubmitResult.SRC_ID_ERROR,
    Refusal.SENDER_WRONG: SubmitResult.MSG_SRC_ERROR,
    Refusal.DESTINATION_WRONG: SubmitResult.DEST_TERMINAL_ID_ERROR,
    Refusal.DESTINATION_UNROUTABLE: 106,
    Refusal.DESTINATIONS_WRONG: SubmitResult.STRUCTURE_ERROR,
    Refusal.VALIDITY_WRONG: 107,
    Refusal.SCHEDULE_UNSUPPORTED: 108,
    Refusal.FLOW_EXCEEDED: SubmitResult.FLOW_CONTROL,
    Refusal.TRY_LATER: SubmitResult.FLOW_CONTROL,
    Refusal.BALANCE_INSUFFICIENT: 104,
    Refusal.ACCOUNT_SUSPENDED: 105,
    Refusal.SIGNATURE_WRONG: 103,
    Refusal.TEXT_UNREGISTERED: 102,
    Refusal.INTERNAL: SubmitResult.FLOW_CONTROL,
}
"""Result of SUBMIT_RESP (§7.4.3.2); 100 to 199 are ours to define (§7.7.2). 8 asks the customer to slow down."""


class CmppServer:
    """CMPP 2.0 and 3.0 for customers."""

    family: ClassVar[str] = "cmpp"
    says_partial: ClassVar[bool] = False
    dials: ClassVar[bool] = False
    destinations_max: ClassVar[int] = 99
    login_length_max: ClassVar[int] = 6
    password_length_max: ClassVar[int] = 0

    def session(self, limits: Limits, stamp: Callable[[float], int], now: float) -> CmppServerSession:
        """Return the session of a connection just made."""
        del stamp
        return CmppServerSession(versions=VERSIONS, limits=limits, now=now)

    def bind(self, request: Struct) -> BindFacts:
        """Read a CONNECT; one connection carries both directions (§6.1)."""
        assert isinstance(request, pdus.Connect)
        return BindFacts(request.source_addr, request.version, lambda password: is_authentic(request, password))

    def version_allowed(self, version: int, settings: LoginSettings) -> bool:
        """Tell whether a login may use this version; 2.1 has the layout of 2.0."""
        return settings.versions == "any" or (settings.versions == "3.0") == (version >= pdus.V30)

    def bind_status(self, refusal: BindRefusal) -> int:
        """Return the Status of CONNECT_RESP."""
        return BIND_STATUSES[refusal]

    def read(self, request: Struct, sequence: int, terms: CustomerTerms) -> SubmitFacts | CountsAsked | Immediate:
        """Read a SUBMIT, QUERY or CANCEL; what is on its way cannot be withdrawn."""
        del sequence
        if isinstance(request, pdus.Query):
            return CountsAsked(request.time)
        if isinstance(request, pdus.Cancel):
            return Immediate(pdus.CancelResp(1))
        assert isinstance(request, pdus.Submit)
        return _read_submit(request, terms)

    def accepted(self, request: Struct, accepted: Accepted, terms: CustomerTerms) -> pdus.SubmitResp:
        """Return the SUBMIT_RESP; its Msg_Id stands for a range when there are several destinations (appendix 1)."""
        del request, terms
        return pdus.SubmitResp(written_id(accepted.first_id))

    def refused(self, request: Struct, refusal: Refusal, terms: CustomerTerms) -> Struct:
        """Return the response that refuses."""
        del terms
        if isinstance(request, pdus.Query):
            return self.counts(request, None)
        return pdus.SubmitResp(0, RESULTS[refusal])

    def counts(self, request: Struct, counts: Counts | None) -> pdus.QueryResp:
        """Return the QUERY_RESP; it cannot say that we do not know, so that it says nought."""
        assert isinstance(request, pdus.Query)
        known = counts or Counts()
        return pdus.QueryResp(
            request.time,
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
        """Return the DELIVER of a report; its own Msg_Id is a new one (§7.4.5.1)."""
        is_short = terms.version < pdus.V30 or terms.settings.report_size == SIZE_SHORT
        size = SIZE_SHORT if is_short else terms.settings.report_size
        content = Report(
            msg_id=written_id(facts.part_id),
            stat=facts.stat[:7],
            submit_time=report_digits(facts.submitted_at),
            done_time=report_digits(facts.done_at),
            dest_terminal_id=facts.destination[: 21 if is_short else 32],
            smsc_sequence=facts.push_id & _MASK,
        )
        return pdus.Deliver(
            msg_id=_pushed_id(facts.push_id, 0),
            dest_id=facts.source,
            src_terminal_id=facts.destination,
            registered_delivery=1,
            msg_content=encode_report(content, size),
        )

    def reply(self, facts: ReplyFacts, terms: CustomerTerms) -> Sequence[pdus.Deliver]:
        """Return the DELIVERs of a reply; the phone's number goes out as customers know it, without 86."""
        limits = reply_limits(_ASCII, terms.settings.reply_coding)
        segmentation, contents = reply_parts(facts.content, limits, facts.push_id)
        return [
            pdus.Deliver(
                msg_id=_pushed_id(facts.push_id, index),
                dest_id=facts.destination[:21],
                tp_udhi=int(len(contents) > 1),
                msg_fmt=_FORMATS[segmentation.alphabet],
                src_terminal_id=_national(facts.sender),
                msg_content=content,
            )
            for index, content in enumerate(contents)
        ]

    def taken(self, response: Struct) -> Taken:
        """Say what a DELIVER_RESP means: 8 is flow control, every other error is final (§7.4.3.2)."""
        assert isinstance(response, pdus.DeliverResp)
        if response.result == SubmitResult.OK:
            return Taken.YES
        return Taken.LATER if response.result == SubmitResult.FLOW_CONTROL else Taken.NEVER

    def reverse_session(self, terms: ReverseTerms, limits: Limits, stamp: Callable[[float], int]) -> ClientSession:
        """Refuse: in CMPP the customer connects to us."""
        raise NotImplementedError


def written_id(part_id: int) -> int:
    """Return the Msg_Id of one of our ids (§7.4.3.2); neighbours in a range stay neighbours."""
    parts = split(part_id)
    moment = datetime.fromtimestamp(parts.unix_seconds, UTC).astimezone(CHINA)
    return msg_id.compose(
        msg_id.MsgId(
            month=moment.month,
            day=moment.day,
            hour=moment.hour,
            minute=moment.minute,
            second=moment.second,
            gateway=parts.node,
            sequence=parts.sequence,
        )
    )


def _pushed_id(push_id: int, index: int) -> int:
    """Return the Msg_Id of what we push; the parts of a long reply differ, since customers pass over what they know."""
    return (push_id << _PART_BITS | index) & _ID_MASK


def _read_submit(submit: pdus.Submit, terms: CustomerTerms) -> SubmitFacts:
    wish = _WISHES.get(submit.registered_delivery)
    if wish is None:
        raise SubmitRefused(Refusal.CLASS_UNSUPPORTED, f"Registered_Delivery {submit.registered_delivery}")
    if submit.msg_src and submit.msg_src != terms.login:
        raise SubmitRefused(Refusal.SENDER_WRONG, "Msg_src is not the login")
    if not 0 < len(submit.dest_terminal_id) <= CmppServer.destinations_max:
        raise SubmitRefused(Refusal.DESTINATIONS_WRONG, f"DestUsr_tl {len(submit.dest_terminal_id)}")
    coding, concatenation, payload = _read_content(submit)
    return SubmitFacts(
        source=submit.src_id,
        destinations=submit.dest_terminal_id,
        content=payload,
        coding=coding,
        concatenation=concatenation,
        report=wish,
        valid_until=_time(submit.valid_time, Refusal.VALIDITY_WRONG),
        deliver_at=_time(submit.at_time, Refusal.SCHEDULE_UNSUPPORTED),
    )


def _read_content(submit: pdus.Submit) -> tuple[Coding, Concatenation | None, bytes]:
    coding = CODINGS.get(submit.msg_fmt)
    if coding is None:
        raise SubmitRefused(Refusal.CODING_UNSUPPORTED, f"Msg_Fmt {submit.msg_fmt}")
    content = submit.msg_content
    if len(content) > _OCTETS_MAX.get(coding, _OCTETS_MAX_ELSE):
        raise SubmitRefused(Refusal.LENGTH_WRONG, f"Msg_Length {len(content)}")
    if not submit.tp_udhi & 1:
        return coding, whole_or_part(_numbered(submit)), content
    concatenation, payload = take_header(content)
    return coding, whole_or_part(concatenation), payload


def _numbered(submit: pdus.Submit) -> Concatenation | None:
    """Return what Pk_total and Pk_number say by themselves: without a header, they are all that ties parts together."""
    if submit.pk_total <= 1:
        return None
    if not 1 <= submit.pk_number <= submit.pk_total:
        raise SubmitRefused(Refusal.HEADER_WRONG, f"Pk_number {submit.pk_number} of {submit.pk_total}")
    return Concatenation(0, submit.pk_total, submit.pk_number)


def _time(written: str, refusal: Refusal) -> datetime | timedelta | None:
    try:
        return read_time(written)
    except ValueError:
        raise SubmitRefused(refusal, "a time that cannot be read") from None


def _national(sender: str) -> str:
    national = sender.removeprefix("86")
    return national if len(national) == _NATIONAL_DIGITS else sender


CMPP_SERVER: Final = CmppServer()
