"""SMGP 3.0 as dispatch sees it: texts become Submits, Delivers become reports and replies."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from hongyan.text.alphabets import Alphabet
from hongyan.text.segments import Limits, plan
from hongyan.wire.session import Limits as SessionLimits
from hongyan.wire.smgp import pdus
from hongyan.wire.smgp.report import decode_report
from hongyan.wire.smgp.session import LoginMode, SmgpClientSession
from hongyan.wire.smgp.statuses import status_of
from hongyan.wire.smgp.tlvs import SmgpTlvs
from hongyan.wire.statuses import Disposition as Answer
from hongyan.wire.statuses import Status

from .protocol import Disposition, Outgoing, ReplyFields, ReportFields, Stamp, Terms, Verdict
from .reading import FORMATS, international, national, source_number, split_content
from .settings import ChannelSettings
from .texts import limits_with, parts_with_header
from .times import ValidTime

_FORMATS: Final = {Alphabet.ASCII: 0, Alphabet.UCS2: 8, Alphabet.GBK: 15}
"""MsgFormat (SMGP 3.0 §6.2.16)."""
_OCTETS_MAX: Final = 140
"""SMGP 3.0 §6.2.21: of a text to a phone, in whatever format, ASCII too."""
_SOURCE_WIDTH: Final = 21
_LOGIN_MODES: Final = {"send": LoginMode.SEND, "receive": LoginMode.RECEIVE, "both": LoginMode.BOTH}
_DISPOSITIONS: Final = {
    Answer.ACCEPTED: Disposition.TAKEN,
    Answer.RETRY_LATER: Disposition.LATER,
    Answer.FINAL: Disposition.REFUSED,
}
_REPORT: Final = 1
"""IsReport of a Deliver that is a report."""


class Smgp:
    """SMGP, in the one version that carriers speak."""

    def __init__(self, name: str, version: int) -> None:
        self.name = name
        self.version = version
        self._valid_time = ValidTime()

    def limits(self, settings: ChannelSettings) -> Limits:
        """Return how texts are cut into segments."""
        return limits_with(settings, Alphabet.ASCII, _OCTETS_MAX)

    def session(self, terms: Terms, limits: SessionLimits, stamp: Stamp) -> SmgpClientSession:
        """Return the session of a new connection of ours, in the channel's login mode (§6.2.3).

        Where each way has connections of its own, the mode is what this one is for.
        """
        del stamp
        mode = terms.direction if terms.settings.login_mode == "each" else terms.settings.login_mode
        return SmgpClientSession(
            terms.login, terms.password, login_mode=_LOGIN_MODES[mode], version=self.version, limits=limits
        )

    def submits(self, terms: Terms, message: Outgoing) -> Sequence[pdus.Submit]:
        """Return a Submit for each segment; one destination each, so that reports can be told apart."""
        settings = terms.settings
        segmentation = plan(message.content, self.limits(settings))
        contents = parts_with_header(segmentation, message.reference, settings)
        source = source_number(
            terms.src_id, message.extension, width=_SOURCE_WIDTH, extension_digits_max=settings.extension_digits_max
        )
        return [
            pdus.Submit(
                service_id=terms.service_id,
                fee_type=settings.fee_type or "00",
                fee_code=settings.fee_code or "000000",
                msg_format=_FORMATS[segmentation.alphabet],
                valid_time=self._valid_time(message.expires_at),
                src_term_id=source,
                charge_term_id=settings.fee_terminal_id,
                dest_term_id=(national(message.recipient),),
                msg_content=content,
                tlvs=_tlvs(terms, number, len(contents)),
            )
            for number, content in enumerate(contents, 1)
        ]

    def judge(self, sequence: int, response: Struct, terms: Terms | None = None) -> Verdict:
        """Say what a Submit_Resp means; the carrier's id is its ten octets in hexadecimal (§6.2.26)."""
        del sequence, terms
        assert isinstance(response, pdus.SubmitResp)
        if response.status == 0:
            return Verdict(Disposition.TAKEN, 0, response.msg_id.hex(), "")
        status = self.status(response.status)
        return Verdict(
            _DISPOSITIONS[status.disposition], response.status, None, status.chinese, slows_down=status.slows_down
        )

    def status(self, result: int) -> Status:
        """Return what a Submit_Resp's Status means."""
        return status_of(result)

    def read(self, request: Struct, terms: Terms, sequence: int = 0) -> ReportFields | ReplyFields | None:
        """Return what a Deliver reports or what a phone replied. DecodeError when a report is malformed."""
        del terms, sequence
        assert isinstance(request, pdus.Deliver)
        if request.is_report != _REPORT:
            return _reply_of(request)
        report = decode_report(request.msg_content)
        return ReportFields(report.msg_id.hex(), report.stat, international(request.src_term_id))

    def acknowledgement(self, request: Struct) -> pdus.DeliverResp:
        """Return the Deliver_Resp that takes a Deliver."""
        assert isinstance(request, pdus.Deliver)
        return pdus.DeliverResp(request.msg_id)


def _tlvs(terms: Terms, number: int, total: int) -> SmgpTlvs:
    """Return what trails a Submit: who we are, and where the part of a long text belongs (§6.3)."""
    settings = terms.settings
    source = settings.msg_src or terms.login
    if total == 1:
        return SmgpTlvs(charge_user_type=settings.fee_user_type, msg_src=source)
    return SmgpTlvs(
        tp_udhi=1, charge_user_type=settings.fee_user_type, pk_total=total, pk_number=number, msg_src=source
    )


def _reply_of(deliver: pdus.Deliver) -> ReplyFields | None:
    """Return what a phone sent; None when nobody can tell which phone."""
    number = international(deliver.src_term_id)
    if number is None:
        return None
    concatenation, content = split_content(deliver.msg_content, has_header=bool((deliver.tlvs.tp_udhi or 0) & 1))
    return ReplyFields(
        from_number=number,
        destination=deliver.dest_term_id,
        content=content,
        alphabet=FORMATS.get(deliver.msg_format),
        concatenation=concatenation,
        carrier_message_id=deliver.msg_id.hex(),
    )


SMGP_30: Final = Smgp("smgp30", pdus.V30)
