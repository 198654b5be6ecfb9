"""SGIP 1.2 as dispatch sees it: texts become SUBMITs, REPORTs and DELIVERs become reports and replies.

A SUBMIT's sequence number is its id: three decimal numbers with a blank between them, `3075512345 1122140126 7`.

A report has a state and an error number instead of CMPP's seven characters; they become such a stat:

    state 0                   DELIVRD
    state 1                   ENROUTE      waiting: another report will follow
    else, with an error       SG:0025      the number stays visible, in the form of CMPP's own `MA:xxxx`
    else, without one         UNDELIV

The gateway brings reports and replies over a connection of its own (§3.1): `reverse_session` is the end that it
connects to, `reverse_refusal` says whether it may. Some gateways use our connection instead, which is taken too.
"""

import hmac
import secrets
from collections.abc import Sequence
from itertools import count
from typing import Final

from msgspec import Struct

from hongyan.text.alphabets import Alphabet
from hongyan.text.segments import Limits, plan
from hongyan.wire.session import Limits as SessionLimits
from hongyan.wire.sgip import pdus
from hongyan.wire.sgip.dialect import LoginType
from hongyan.wire.sgip.sequences import sequence_of, text_of
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession
from hongyan.wire.sgip.statuses import Result, status_of
from hongyan.wire.statuses import Disposition as Answer
from hongyan.wire.statuses import Status

from .protocol import Disposition, Outgoing, ReplyFields, ReportFields, Stamp, Terms, Verdict
from .reading import FORMATS, international, source_number, split_content
from .settings import ChannelSettings
from .texts import limits_with, parts_with_header
from .times import ValidTime

STAT_PREFIX: Final = "SG:"
"""What stands before the error number of a failed report."""
_FORMATS: Final = {Alphabet.ASCII: 0, Alphabet.GSM7: 0, Alphabet.UCS2: 8, Alphabet.GBK: 15}
"""MessageCoding (§4.2.3.3)."""
_ASCII_SINGLE: Final = 160
_SOURCE_WIDTH: Final = 21
_CORP_ID_DIGITS: Final = 5
_CHARGE_THE_SP: Final = "0" * 21
_FREE: Final = 1
_ABOUT_A_SUBMIT: Final = 0
_DELIVERED, _WAITING = 0, 1
_DISPOSITIONS: Final = {
    Answer.ACCEPTED: Disposition.TAKEN,
    Answer.RETRY_LATER: Disposition.LATER,
    Answer.FINAL: Disposition.REFUSED,
}


class Sgip:
    """SGIP 1.2."""

    name = "sgip12"

    def __init__(self) -> None:
        # All links of a channel share its node, and a number that came twice in a second would be two messages' id.
        self._counter = count(secrets.randbits(32)).__next__
        self._expire_time = ValidTime()

    def limits(self, settings: ChannelSettings) -> Limits:
        """Return how texts are cut into segments."""
        return limits_with(settings, Alphabet.ASCII, _ASCII_SINGLE)

    def session(self, terms: Terms, limits: SessionLimits, stamp: Stamp) -> SgipClientSession:
        """Return the session of a new connection of ours."""
        return SgipClientSession(
            terms.login,
            terms.password,
            node=terms.settings.node,
            stamp=stamp,
            login_type=LoginType.SP_TO_SMG,
            limits=limits,
            counter=self._counter,
        )

    def submits(self, terms: Terms, message: Outgoing) -> Sequence[pdus.Submit]:
        """Return a SUBMIT for each segment; one number each, with 86 (§4.2.3.3)."""
        settings = terms.settings
        segmentation = plan(message.content, self.limits(settings))
        contents = parts_with_header(segmentation, message.reference, settings)
        source = source_number(
            terms.src_id, message.extension, width=_SOURCE_WIDTH, extension_digits_max=settings.extension_digits_max
        )
        return [
            pdus.Submit(
                sp_number=source,
                charge_number=settings.fee_terminal_id or _CHARGE_THE_SP,
                user_number=(str(message.recipient),),
                corp_id=settings.corp_id or _corp_id_in(settings.node),
                service_type=terms.service_id,
                fee_type=int(settings.fee_type) if settings.fee_type else _FREE,
                fee_value=settings.fee_code or "0",
                expire_time=self._expire_time(message.expires_at),
                tp_udhi=int(len(contents) > 1),
                message_coding=_FORMATS[segmentation.alphabet],
                message_content=content,
            )
            for content in contents
        ]

    def judge(self, sequence: int, response: Struct, terms: Terms | None = None) -> Verdict:
        """Say what a SUBMIT_RESP means; the id of a message that is taken is its SUBMIT's sequence number."""
        del terms
        assert isinstance(response, pdus.SubmitResp)
        if response.result == Result.OK:
            return Verdict(Disposition.TAKEN, Result.OK, text_of(sequence), "")
        status = status_of(response.result)
        return Verdict(
            _DISPOSITIONS[status.disposition], response.result, None, status.chinese, slows_down=status.slows_down
        )

    def status(self, result: int) -> Status:
        """Return what a SUBMIT_RESP's Result or a REPORT's ErrorCode means."""
        return status_of(result)

    def read(self, request: Struct, terms: Terms, sequence: int = 0) -> ReportFields | ReplyFields | None:
        """Return what a REPORT says or what a DELIVER brings; None for USERRPT and for reports on texts passed on."""
        del terms
        if isinstance(request, pdus.Report) and request.report_type == _ABOUT_A_SUBMIT:
            return ReportFields(
                text_of(sequence_of(request.submit_sequence_number)),
                stat_of(request.state, request.error_code),
                international(request.user_number),
            )
        return _reply_of(request, sequence) if isinstance(request, pdus.Deliver) else None

    def acknowledgement(self, request: Struct) -> Struct:
        """Return the response that takes a request; what only a gateway does is refused as no command of ours."""
        match request:
            case pdus.Report():
                return pdus.ReportResp()
            case pdus.Deliver():
                return pdus.DeliverResp()
            case pdus.UserRpt():
                return pdus.UserRptResp()
            case pdus.Submit():
                return pdus.SubmitResp(Result.MESSAGE_ID_ERROR)
            case _:
                assert isinstance(request, pdus.Trace)
                return pdus.TraceResp((pdus.TraceNode(Result.FUNCTION_NOT_OFFERED),))

    def reverse_session(
        self, node: int, limits: SessionLimits, stamp: Stamp, *, now: float, idle_seconds: float | None = None
    ) -> SgipServerSession:
        """Return the session of a connection that a gateway makes to our listener."""
        return SgipServerSession(
            node=node, stamp=stamp, limits=limits, now=now, counter=self._counter, idle_seconds=idle_seconds
        )


def stat_of(state: int, error_code: int) -> str:
    """Return the stat of a report: seven characters as CMPP has them."""
    if state == _DELIVERED:
        return "DELIVRD"
    if state == _WAITING:
        return "ENROUTE"
    return f"{STAT_PREFIX}{error_code:04}" if error_code else "UNDELIV"


def reverse_refusal(bind: pdus.Bind, terms: Terms) -> Result | None:
    """Return why a gateway that connected to us is not let in as this channel's, None when it is."""
    login = terms.settings.reverse_login or terms.login
    password = terms.settings.reverse_password or terms.password
    is_known = bind.login_name == login
    is_authentic = hmac.compare_digest(bind.login_password.encode(), password.encode())
    if not (is_known and is_authentic):
        return Result.ILLEGAL_LOGIN
    return None if bind.login_type == LoginType.SMG_TO_SP else Result.LOGIN_TYPE_ERROR


def _corp_id_in(node: int) -> str:
    """Return the company code QQQQQ at the end of an SP's node number 3AAAAQQQQQ (§3.4)."""
    return str(node)[-_CORP_ID_DIGITS:]


def _reply_of(deliver: pdus.Deliver, sequence: int) -> ReplyFields | None:
    """Return what a phone sent; None when nobody can tell which phone.

    Its id is the DELIVER's sequence number (§3.7.2.4.3: what comes again has the same), unless it is all zeros.
    """
    number = international(deliver.user_number)
    if number is None:
        return None
    concatenation, content = split_content(deliver.message_content, has_header=bool(deliver.tp_udhi & 1))
    return ReplyFields(
        from_number=number,
        destination=deliver.sp_number,
        content=content,
        alphabet=FORMATS.get(deliver.message_coding),
        concatenation=concatenation,
        carrier_message_id=text_of(sequence) if sequence else None,
    )


SGIP_12 = Sgip()
