"""SGIP 1.2 with us as the gateway (SMG): SUBMITs become facts, reports become REPORTs and replies DELIVERs.

The customer connects to send (login type 1); we connect to the customer's listener to push (login type 2), or push
over the customer's own connection where the login has `same_connection` (§3.1, and what some gateways do instead).

A submit has no id but its sequence number, which is kept as its reference: the report repeats it. A stat becomes a
state and an error number: `SG:0025` is an error 25 that came by SGIP itself, the words of CMPP take the nearest number.
"""

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar, Final

from msgspec import Struct

from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import Capacity
from hongyan.wire.ends import ClientSession
from hongyan.wire.session import Limits
from hongyan.wire.sgip import pdus
from hongyan.wire.sgip.dialect import LoginType
from hongyan.wire.sgip.sequences import SIZE, octets_of
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession
from hongyan.wire.sgip.statuses import Result, status_of
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
from .times import read_time

CODINGS: Final = {0: Coding.ASCII, 8: Coding.UCS2, 15: Coding.GBK, 25: Coding.GBK}
"""MessageCoding (§4.2.3.3); 25 is what some customers call GBK."""
_FORMATS: Final = {Alphabet.ASCII: 0, Alphabet.UCS2: 8, Alphabet.GBK: 15}
_OCTETS_MAX: Final = {Coding.ASCII: 160}
_OCTETS_MAX_ELSE: Final = 140
_ASCII: Final = Capacity(Alphabet.ASCII, 160, 153)
_WISHES: Final = {0: ReportWish.ON_FAILURE, 1: ReportWish.ALWAYS, 2: ReportWish.NEVER}
_IDLE_SECONDS: Final = 600.0
"""§3.1 lets a server end a connection that was idle for a minute; without heartbeat, that alone finds one that is dead."""
_NUMBER_WIDTH: Final = 21

BIND_STATUSES: Final = {
    BindRefusal.MALFORMED: Result.PARAMETER_ERROR,
    BindRefusal.LOGIN_UNKNOWN: Result.ILLEGAL_LOGIN,
    BindRefusal.UNAUTHENTIC: Result.ILLEGAL_LOGIN,
    BindRefusal.ADDRESS_NOT_ALLOWED: 57,
    BindRefusal.VERSION_NOT_ALLOWED: Result.PARAMETER_ERROR,
    BindRefusal.MODE_NOT_ALLOWED: Result.LOGIN_TYPE_ERROR,
    BindRefusal.DISABLED: Result.ILLEGAL_LOGIN,
    BindRefusal.LINKS_TOO_MANY: Result.TOO_MANY_CONNECTIONS,
    BindRefusal.BUSY: Result.NODE_BUSY,
}
"""Result of BIND_RESP (§5.2); 57 is the vendors' usual number for an address that was not registered."""

RESULTS: Final = {
    Refusal.MALFORMED: Result.PARAMETER_ERROR,
    Refusal.COMMAND_UNSUPPORTED: Result.MESSAGE_ID_ERROR,
    Refusal.NOT_ALLOWED_HERE: Result.LOGIN_TYPE_ERROR,
    Refusal.CLASS_UNSUPPORTED: Result.PARAMETER_ERROR,
    Refusal.CODING_UNSUPPORTED: Result.PARAMETER_ERROR,
    Refusal.LENGTH_WRONG: Result.LENGTH_ERROR,
    Refusal.HEADER_WRONG: Result.PARAMETER_ERROR,
    Refusal.TEXT_MISSING: Result.LENGTH_ERROR,
    Refusal.TEXT_TOO_LONG: Result.LENGTH_ERROR,
    Refusal.SOURCE_NOT_ALLOWED: 64,
    Refusal.SENDER_WRONG: 93,
    Refusal.DESTINATION_WRONG: Result.ILLEGAL_NUMBER,
    Refusal.DESTINATION_UNROUTABLE: Result.NO_ROUTE,
    Refusal.DESTINATIONS_WRONG: Result.PARAMETER_ERROR,
    Refusal.VALIDITY_WRONG: Result.PARAMETER_ERROR,
    Refusal.SCHEDULE_UNSUPPORTED: Result.FUNCTION_NOT_OFFERED,
    Refusal.FLOW_EXCEEDED: Result.SMSC_QUEUE_FULL,
    Refusal.TRY_LATER: Result.NODE_BUSY,
    Refusal.BALANCE_INSUFFICIENT: 204,
    Refusal.ACCOUNT_SUSPENDED: 205,
    Refusal.SIGNATURE_WRONG: 203,
    Refusal.TEXT_UNREGISTERED: 202,
    Refusal.INTERNAL: Result.NODE_BUSY,
}
"""Result of SUBMIT_RESP (§5.2). 11 and 33 ask the customer to slow down (33 is 1.3's "over the flow limit"); 64 and 93 are
the vendors' usual numbers for source and company, 202 to 205 our own."""

_DONE, _WAITING, _FAILED = 0, 1, 2
_ERRORS: Final = {"EXPIRED": Result.USER_UNREACHABLE, "UNDELIV": Result.PHONE_RECEPTION_ERROR}
_ERROR_ELSE: Final = Result.DESTINATION_UNREACHABLE
_ERROR_MAX: Final = 255
_numbered = re.compile(r"SG:([0-9]{4})").fullmatch


class SgipServer:
    """SGIP 1.2 for customers."""

    family: ClassVar[str] = "sgip"
    says_partial: ClassVar[bool] = False
    dials: ClassVar[bool] = True
    destinations_max: ClassVar[int] = 100
    login_length_max: ClassVar[int] = 16
    password_length_max: ClassVar[int] = 16

    def __init__(self) -> None:
        # A number is given once, whichever connection it goes out on (§3.4).
        self._counter = count(secrets.randbits(32)).__next__

    def session(self, limits: Limits, stamp: Callable[[float], int], now: float) -> SgipServerSession:
        """Return the session of a connection just made; what we push over it bears the customer's own node."""
        return SgipServerSession(
            node=0, stamp=stamp, limits=limits, now=now, counter=self._counter, idle_seconds=_IDLE_SECONDS
        )

    def bind(self, request: Struct) -> BindFacts:
        """Read a BIND; customers come as SPs (login type 1)."""
        assert isinstance(request, pdus.Bind)
        return BindFacts(
            request.login_name,
            pdus.V12,
            lambda password: hmac.compare_digest(request.login_password.encode(), password.encode()),
            mode_is_allowed=request.login_type == LoginType.SP_TO_SMG,
        )

    def version_allowed(self, version: int, settings: LoginSettings) -> bool:
        """Allow it: no PDU says a version."""
        del settings
        return version == pdus.V12

    def bind_status(self, refusal: BindRefusal) -> int:
        """Return the Result of BIND_RESP."""
        return BIND_STATUSES[refusal]

    def read(self, request: Struct, sequence: int, terms: CustomerTerms) -> SubmitFacts | CountsAsked | Immediate:
        """Read a SUBMIT; of the rest, a REPORT on a text that we passed on is taken and what only gateways send refused."""
        del terms
        match request:
            case pdus.Submit():
                return _read_submit(request, sequence)
            case pdus.Report():
                return Immediate(pdus.ReportResp())
            case pdus.Trace():
                return Immediate(_answer_to(request, Result.FUNCTION_NOT_OFFERED))
            case _:
                return Immediate(_answer_to(request, Result.MESSAGE_ID_ERROR))

    def accepted(self, request: Struct, accepted: Accepted, terms: CustomerTerms) -> pdus.SubmitResp:
        """Return the SUBMIT_RESP, which has no id."""
        del request, accepted, terms
        return pdus.SubmitResp()

    def refused(self, request: Struct, refusal: Refusal, terms: CustomerTerms) -> Struct:
        """Return the response that refuses, whatever was asked."""
        del terms
        return _answer_to(request, RESULTS[refusal])

    def counts(self, request: Struct, counts: Counts | None) -> Struct:
        """Refuse: SGIP has no such request."""
        raise NotImplementedError

    def report(self, facts: ReportFacts, terms: CustomerTerms) -> pdus.Report:
        """Return the REPORT; it repeats the SUBMIT's sequence number and the phone as it was written there."""
        del terms
        state, error_code = state_of(facts.stat)
        return pdus.Report(
            facts.reference or bytes(SIZE),
            user_number=facts.destination[:_NUMBER_WIDTH],
            state=state,
            error_code=error_code,
        )

    def reply(self, facts: ReplyFacts, terms: CustomerTerms) -> Sequence[pdus.Deliver]:
        """Return the DELIVERs of a reply; the phone's number has 86 (§4.2.3.4)."""
        limits = reply_limits(_ASCII, terms.settings.reply_coding)
        segmentation, contents = reply_parts(facts.content, limits, facts.push_id)
        return [
            pdus.Deliver(
                user_number=facts.sender[:_NUMBER_WIDTH],
                sp_number=facts.destination[:_NUMBER_WIDTH],
                tp_udhi=int(len(contents) > 1),
                message_coding=_FORMATS[segmentation.alphabet],
                message_content=content,
            )
            for content in contents
        ]

    def taken(self, response: Struct) -> Taken:
        """Say what a REPORT_RESP or DELIVER_RESP means."""
        assert isinstance(response, pdus.ReportResp | pdus.DeliverResp)
        match status_of(response.result).disposition:
            case Disposition.ACCEPTED:
                return Taken.YES
            case Disposition.RETRY_LATER:
                return Taken.LATER
            case Disposition.FINAL:
                return Taken.NEVER

    def reverse_session(self, terms: ReverseTerms, limits: Limits, stamp: Callable[[float], int]) -> ClientSession:
        """Return the session of a connection that we make to the customer's listener."""
        return SgipClientSession(
            terms.login,
            terms.password,
            node=terms.node,
            stamp=stamp,
            login_type=LoginType.SMG_TO_SP,
            limits=limits,
            counter=self._counter,
        )


def state_of(stat: str) -> tuple[int, int]:
    """Return State and ErrorCode of a REPORT (§4.2.3.5, §5.4)."""
    if stat == "DELIVRD":
        return _DONE, Result.OK
    if stat in ("ACCEPTD", "ENROUTE"):
        return _WAITING, Result.OK
    numbered = _numbered(stat)
    if numbered is not None and 0 < int(numbered[1]) <= _ERROR_MAX:
        return _FAILED, int(numbered[1])
    return _FAILED, _ERRORS.get(stat, _ERROR_ELSE)


def _answer_to(request: Struct, result: int) -> Struct:
    """Return the response to any request, with that result."""
    match request:
        case pdus.Submit():
            return pdus.SubmitResp(result)
        case pdus.Report():
            return pdus.ReportResp(result)
        case pdus.Deliver():
            return pdus.DeliverResp(result)
        case pdus.UserRpt():
            return pdus.UserRptResp(result)
        case _:
            assert isinstance(request, pdus.Trace)
            return pdus.TraceResp((pdus.TraceNode(result),))


def _read_submit(submit: pdus.Submit, sequence: int) -> SubmitFacts:
    wish = _WISHES.get(submit.report_flag)
    if wish is None:
        raise SubmitRefused(Refusal.CLASS_UNSUPPORTED, f"ReportFlag {submit.report_flag}")
    if submit.message_type:
        raise SubmitRefused(Refusal.CLASS_UNSUPPORTED, f"MessageType {submit.message_type}")
    if not 0 < len(submit.user_number) <= SgipServer.destinations_max:
        raise SubmitRefused(Refusal.DESTINATIONS_WRONG, f"UserCount {len(submit.user_number)}")
    coding, concatenation, payload = _read_content(submit)
    return SubmitFacts(
        source=submit.sp_number,
        destinations=submit.user_number,
        content=payload,
        coding=coding,
        concatenation=concatenation,
        report=wish,
        valid_until=_time(submit.expire_time, Refusal.VALIDITY_WRONG),
        deliver_at=_time(submit.schedule_time, Refusal.SCHEDULE_UNSUPPORTED),
        reference=octets_of(sequence),
    )


def _read_content(submit: pdus.Submit) -> tuple[Coding, Concatenation | None, bytes]:
    coding = CODINGS.get(submit.message_coding)
    if coding is None:
        raise SubmitRefused(Refusal.CODING_UNSUPPORTED, f"MessageCoding {submit.message_coding}")
    content = submit.message_content
    if len(content) > _OCTETS_MAX.get(coding, _OCTETS_MAX_ELSE):
        raise SubmitRefused(Refusal.LENGTH_WRONG, f"MessageLength {len(content)}")
    if not submit.tp_udhi & 1:
        return coding, None, content
    concatenation, payload = take_header(content)
    return coding, whole_or_part(concatenation), payload


def _time(written: str, refusal: Refusal) -> datetime | timedelta | None:
    try:
        return read_time(written)
    except ValueError:
        raise SubmitRefused(refusal, "a time that cannot be read") from None


SGIP_SERVER: Final = SgipServer()
