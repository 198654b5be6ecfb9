"""CMPP 2.0 and 3.0 as dispatch sees them: texts become SUBMITs, DELIVERs become reports and replies."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from hongyan.text.alphabets import Alphabet
from hongyan.text.segments import Limits, plan
from hongyan.wire.cmpp import pdus
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.cmpp.session import CmppClientSession
from hongyan.wire.cmpp.statuses import Disposition as Answer
from hongyan.wire.cmpp.statuses import submit_status
from hongyan.wire.session import Limits as SessionLimits
from hongyan.wire.statuses import Status

from .protocol import Disposition, Outgoing, ReplyFields, ReportFields, Stamp, Terms, Verdict
from .reading import FORMATS, international, national, source_number, split_content
from .settings import ChannelSettings
from .texts import limits_with, parts_with_header
from .times import ValidTime

_FORMATS: Final = {Alphabet.ASCII: 0, Alphabet.GSM7: 0, Alphabet.UCS2: 8, Alphabet.GBK: 15}
"""Msg_Fmt (CMPP 3.0 §7.4.3.1, field 12)."""
_ASCII_SINGLE: Final = 159
"""CMPP 2.0 §7.4.3.1 says "<160" for format 0, and gateways split at 160: 159 is the safe reading."""
_SOURCE_WIDTH: Final = 21
_FEE_USER_SP: Final = 2
_DISPOSITIONS: Final = {
    Answer.ACCEPTED: Disposition.TAKEN,
    Answer.RETRY_LATER: Disposition.LATER,
    Answer.FINAL: Disposition.REFUSED,
}
_REPORT: Final = 1
"""Registered_Delivery of a DELIVER that is a report."""


class Cmpp:
    """One version of CMPP."""

    def __init__(self, name: str, version: int) -> None:
        self.name = name
        self.version = version
        self._valid_time = ValidTime()

    def limits(self, settings: ChannelSettings) -> Limits:
        """Return how texts are cut into segments."""
        return limits_with(settings, Alphabet.ASCII, _ASCII_SINGLE)

    def session(self, terms: Terms, limits: SessionLimits, stamp: Stamp) -> CmppClientSession:
        """Return the session of a new connection of ours."""
        del stamp
        return CmppClientSession(terms.login, terms.password, version=self.version, limits=limits)

    def submits(self, terms: Terms, message: Outgoing) -> Sequence[pdus.Submit]:
        """Return a SUBMIT for each segment; one destination each, so that reports can be told apart (§7.4.3.1)."""
        settings = terms.settings
        segmentation = plan(message.content, self.limits(settings))
        contents = parts_with_header(segmentation, message.reference, settings)
        total = len(contents)
        source = source_number(
            terms.src_id, message.extension, width=_SOURCE_WIDTH, extension_digits_max=settings.extension_digits_max
        )
        return [
            pdus.Submit(
                pk_total=total,
                pk_number=number,
                registered_delivery=1,
                service_id=terms.service_id,
                fee_user_type=_FEE_USER_SP if settings.fee_user_type is None else settings.fee_user_type,
                fee_terminal_id=settings.fee_terminal_id,
                tp_udhi=int(total > 1),
                msg_fmt=_FORMATS[segmentation.alphabet],
                msg_src=settings.msg_src or terms.login,
                fee_type=settings.fee_type or "01",
                fee_code=settings.fee_code or "000000",
                valid_time=self._valid_time(message.expires_at),
                src_id=source,
                dest_terminal_id=(national(message.recipient),),
                msg_content=content,
            )
            for number, content in enumerate(contents, 1)
        ]

    def judge(self, sequence: int, response: Struct, terms: Terms | None = None) -> Verdict:
        """Say what a SUBMIT_RESP means."""
        del sequence, terms
        assert isinstance(response, pdus.SubmitResp)
        if response.result == 0:
            return Verdict(Disposition.TAKEN, 0, str(response.msg_id), "")
        status = self.status(response.result)
        return Verdict(
            _DISPOSITIONS[status.disposition], response.result, None, status.chinese, slows_down=status.slows_down
        )

    def status(self, result: int) -> Status:
        """Return what a SUBMIT_RESP's Result means."""
        return submit_status(result, self.version)

    def read(self, request: Struct, terms: Terms, sequence: int = 0) -> ReportFields | ReplyFields | None:
        """Return what a DELIVER reports or what a phone replied. DecodeError when a report is malformed."""
        del terms, sequence
        assert isinstance(request, pdus.Deliver)
        if request.registered_delivery != _REPORT:
            return _reply_of(request)
        report = decode_report(request.msg_content)
        recipient = report.dest_terminal_id or request.src_terminal_id
        return ReportFields(str(report.msg_id), report.stat, international(recipient))

    def acknowledgement(self, request: Struct) -> pdus.DeliverResp:
        """Return the DELIVER_RESP that takes a DELIVER."""
        assert isinstance(request, pdus.Deliver)
        return pdus.DeliverResp(request.msg_id)


def _reply_of(deliver: pdus.Deliver) -> ReplyFields | None:
    """Return what a phone sent; None when nobody can tell which phone."""
    number = international(deliver.src_terminal_id)
    if number is None:
        return None
    concatenation, content = split_content(deliver.msg_content, has_header=bool(deliver.tp_udhi & 1))
    return ReplyFields(
        from_number=number,
        destination=deliver.dest_id,
        content=content,
        alphabet=FORMATS.get(deliver.msg_fmt),
        concatenation=concatenation,
        carrier_message_id=str(deliver.msg_id),
    )


CMPP_20 = Cmpp("cmpp20", pdus.V20)
CMPP_30 = Cmpp("cmpp30", pdus.V30)
