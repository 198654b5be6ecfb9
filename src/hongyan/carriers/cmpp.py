"""CMPP 2.0 and 3.0 as dispatch sees them: texts become SUBMITs, DELIVERs become reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from msgspec import Struct

from hongyan.text.alphabets import Alphabet
from hongyan.text.segments import CMPP, encode_parts, plan
from hongyan.wire.cmpp import pdus
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.cmpp.statuses import Disposition as Answer
from hongyan.wire.cmpp.statuses import submit_status

from .protocol import Disposition, Outgoing, ReportFields, Terms, Verdict

_FORMATS: Final = {Alphabet.ASCII: 0, Alphabet.UCS2: 8}
"""Msg_Fmt (CMPP 3.0 §7.4.3.1, field 12)."""
_DISPOSITIONS: Final = {
    Answer.ACCEPTED: Disposition.TAKEN,
    Answer.RETRY_LATER: Disposition.LATER,
    Answer.FINAL: Disposition.REFUSED,
}
_CHINA_TIME: Final = timezone(timedelta(hours=8))
_CHINA: Final = 8_600_000_000_000
_NATIONAL_DIGITS: Final = 11
_NATIONAL_MAX: Final = 10**_NATIONAL_DIGITS
_E164_DIGITS_MAX: Final = 15
_REPORT: Final = 1
"""Registered_Delivery of a DELIVER that is a report."""


class Cmpp:
    """One version of CMPP."""

    limits = CMPP

    def __init__(self, name: str, version: int) -> None:
        self.name = name
        self.version = version
        self._valid_time: tuple[str, datetime | None] = ("", None)

    def submits(self, terms: Terms, message: Outgoing) -> Sequence[pdus.Submit]:
        """Return a SUBMIT for each segment; one destination each, so that reports can be told apart (§7.4.3.1)."""
        segmentation = plan(message.content, CMPP)
        contents = encode_parts(segmentation, message.reference & 0xFF)
        total = len(contents)
        return [
            pdus.Submit(
                pk_total=total,
                pk_number=number,
                registered_delivery=1,
                service_id=terms.service_id,
                tp_udhi=int(total > 1),
                msg_fmt=_FORMATS[segmentation.alphabet],
                msg_src=terms.login,
                valid_time=self._valid_until(message.expires_at),
                src_id=terms.src_id,
                dest_terminal_id=(_national(message.recipient),),
                msg_content=content,
            )
            for number, content in enumerate(contents, 1)
        ]

    def judge(self, response: Struct) -> Verdict:
        """Say what a SUBMIT_RESP means."""
        assert isinstance(response, pdus.SubmitResp)
        if response.result == 0:
            return Verdict(Disposition.TAKEN, 0, str(response.msg_id), "")
        status = submit_status(response.result, self.version)
        return Verdict(_DISPOSITIONS[status.disposition], response.result, None, status.chinese)

    def report(self, request: Struct) -> ReportFields | None:
        """Return what a DELIVER reports; None for a reply. DecodeError when a report is malformed."""
        assert isinstance(request, pdus.Deliver)
        if request.registered_delivery != _REPORT:
            return None
        report = decode_report(request.msg_content)
        recipient = report.dest_terminal_id or request.src_terminal_id
        return ReportFields(str(report.msg_id), report.stat, _international(recipient))

    def acknowledgement(self, request: Struct) -> pdus.DeliverResp:
        """Return the DELIVER_RESP that takes a DELIVER."""
        assert isinstance(request, pdus.Deliver)
        return pdus.DeliverResp(request.msg_id)

    def _valid_until(self, expires_at: datetime) -> str:
        """Return ValId_Time: YYMMDDhhmmss, tenths, quarters of an hour from UTC, + (SMPP 3.3 form).

        Messages of one moment share it, so the last one is kept.
        """
        moment = expires_at.replace(microsecond=0)
        text, known = self._valid_time
        if known != moment:
            text = moment.astimezone(_CHINA_TIME).strftime("%y%m%d%H%M%S032+")
            self._valid_time = (text, moment)
        return text


def _national(recipient: int) -> str:
    """Return a mainland number without its country code, as gateways want it."""
    national = recipient - _CHINA
    return str(national) if 0 < national < _NATIONAL_MAX else str(recipient)


def _international(written: str) -> int | None:
    """Return E.164 digits; None for what is no number, such as the many digits that a field has room for."""
    digits = written.strip().removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _E164_DIGITS_MAX):
        return None
    national = digits.removeprefix("86")
    return _CHINA + int(national) if len(national) == _NATIONAL_DIGITS else int(digits)


CMPP_20 = Cmpp("cmpp20", pdus.V20)
CMPP_30 = Cmpp("cmpp30", pdus.V30)
