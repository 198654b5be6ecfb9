"""SMPP 3.4 as dispatch sees it: texts become submit_sms, deliver_sms and data_sms become reports and replies.

Carriers agree on the PDUs and on little else, so that nearly all that is written here follows the channel's settings: the
alphabet of data_coding 0, how long texts go, how numbers are written and of what type they are, and how the id in a
receipt relates to the one in the response.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from hongyan.text.alphabets import Alphabet, encode
from hongyan.text.headers import Concatenation
from hongyan.text.segments import Limits, SegmentPlan, plan
from hongyan.wire.errors import DecodeError
from hongyan.wire.session import Limits as SessionLimits
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX
from hongyan.wire.smpp.pdus import (
    AlertNotification,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    Outbind,
    SubmitSm,
    SubmitSmResp,
)
from hongyan.wire.smpp.receipt import receipt_of
from hongyan.wire.smpp.session import BindMode, SmppClientSession
from hongyan.wire.smpp.statuses import CommandStatus, command_status
from hongyan.wire.smpp.times import absolute_time
from hongyan.wire.smpp.tlvs import NO_MESSAGE_TLVS, MessageTlvs
from hongyan.wire.statuses import Disposition as Answer
from hongyan.wire.statuses import Status

from .protocol import Disposition, Outgoing, ReplyFields, ReportFields, Stamp, Terms, Verdict
from .reading import international, national, source_number, split_content
from .settings import ChannelSettings
from .texts import limits_with, parts_with_header

_SINGLE: Final = 160
_SOURCE_WIDTH: Final = 20
_WORD_WIDTH: Final = 11
"""Characters of a sender that is a word (3GPP TS 23.040 §9.1.2.5)."""
_UDHI: Final = 0x40
_DEFAULT_CODING, _IA5_CODING = 0, 1
_CODINGS: Final = {Alphabet.GSM7: _DEFAULT_CODING, Alphabet.UCS2: 8, Alphabet.GBK: 15}
"""data_coding (SMPP 3.4 §5.2.19); GBK has no number there, and 15 is what carriers in China take."""
_ALPHABETS: Final = {1: Alphabet.ASCII, 8: Alphabet.UCS2, 15: Alphabet.GBK, 25: Alphabet.GBK}
_OTHER_CODECS: Final = {3: "latin-1", 5: "shift_jis", 6: "iso8859-5", 7: "iso8859-8", 14: "euc-kr"}
"""Texts in these are turned to UCS-2, which holds them all."""
_CLASS_BITS: Final = 0xF0
"""The upper half of a data_coding with a message class (3GPP TS 23.038 §4); bit 2 tells octets from a text."""
_MODES: Final = {"send": BindMode.TRANSMITTER, "receive": BindMode.RECEIVER, "both": BindMode.TRANSCEIVER}
_UNKNOWN, _INTERNATIONAL, _NATIONAL, _WORD = 0, 1, 2, 5
"""Types of number (SMPP 3.4 §5.2.5)."""
_ISDN: Final = 1
"""Numbering plan E.164 (SMPP 3.4 §5.2.6)."""
_DISPOSITIONS: Final = {
    Answer.ACCEPTED: Disposition.TAKEN,
    Answer.RETRY_LATER: Disposition.LATER,
    Answer.FINAL: Disposition.REFUSED,
}
_hexadecimal = re.compile(r"(0[xX])?[0-9A-Fa-f]+").fullmatch
_decimal = re.compile(r"[0-9]+").fullmatch


class Smpp:
    """SMPP 3.4."""

    name = "smpp34"

    def __init__(self) -> None:
        self._validity: tuple[str, datetime | None] = ("", None)

    def limits(self, settings: ChannelSettings) -> Limits:
        """Return how texts are cut into segments; ASCII goes wherever the default alphabet holds it."""
        plain = Alphabet.GSM7 if settings.default_alphabet == "gsm7" else Alphabet.ASCII
        return limits_with(settings, plain, _SINGLE)

    def session(self, terms: Terms, limits: SessionLimits, stamp: Stamp) -> SmppClientSession:
        """Return the session of a new connection of ours, bound as its direction says."""
        del stamp
        return SmppClientSession(
            terms.login,
            terms.password,
            bind=_MODES[terms.direction],
            system_type=terms.settings.system_type,
            limits=replace(limits, frame_size_max=FRAME_SIZE_MAX),
        )

    def submits(self, terms: Terms, message: Outgoing) -> Sequence[SubmitSm]:
        """Return a submit_sm for each segment, or a single one where the carrier cuts the text itself."""
        settings = terms.settings
        segmentation = plan(message.content, self.limits(settings))
        source, source_ton, source_npi = _source(terms, message.extension)
        validity = self._valid_until(message.expires_at)
        coding = _coding_of(segmentation.alphabet, settings)
        recipient = _written(message.recipient, settings)
        return [
            SubmitSm(
                service_type=terms.service_id,
                source_addr_ton=source_ton,
                source_addr_npi=source_npi,
                source_addr=source,
                dest_addr_ton=settings.dest_ton,
                dest_addr_npi=settings.dest_npi,
                destination_addr=recipient,
                esm_class=esm_class,
                validity_period=validity,
                registered_delivery=1,
                data_coding=coding,
                short_message=content,
                tlvs=tlvs,
            )
            for content, esm_class, tlvs in _contents(message, segmentation, settings)
        ]

    def judge(self, sequence: int, response: Struct, terms: Terms) -> Verdict:
        """Say what a submit_sm_resp means, or the generic_nack that came in its place."""
        del sequence
        assert isinstance(response, SubmitSmResp | GenericNack)
        code = response.command_status
        if isinstance(response, SubmitSmResp) and code == CommandStatus.OK:
            known_as = _by_number(response.message_id, terms.settings, of_report=False)
            return Verdict(Disposition.TAKEN, code, known_as or None, "")
        status = self.status(code or CommandStatus.UNKNOWN_ERROR)
        return Verdict(
            _DISPOSITIONS[status.disposition], status.code, None, status.chinese, slows_down=status.slows_down
        )

    def status(self, result: int) -> Status:
        """Return what a command_status means."""
        return command_status(result)

    def read(self, request: Struct, terms: Terms, sequence: int = 0) -> ReportFields | ReplyFields | None:
        """Return what the carrier reports or a phone replied; None for alerts. DecodeError when it names no message."""
        del sequence
        if isinstance(request, AlertNotification | Outbind):
            return None
        assert isinstance(request, DeliverSm | DataSm)
        receipt = receipt_of(request)
        if receipt is None:
            return _reply_of(request, terms.settings)
        if not receipt.message_id:
            raise DecodeError("a receipt that names no message")
        known_as = _by_number(receipt.message_id, terms.settings, of_report=True)
        return ReportFields(known_as, receipt.stat, _reported_number(request, terms))

    def acknowledgement(self, request: Struct) -> DeliverSmResp | DataSmResp | None:
        """Return the response that takes a deliver_sm or data_sm; an alert has none."""
        if isinstance(request, DeliverSm):
            return DeliverSmResp()
        return DataSmResp() if isinstance(request, DataSm) else None

    def _valid_until(self, expires_at: datetime) -> str:
        """Return validity_period; messages of one moment share it, so the last one is kept."""
        moment = expires_at.replace(microsecond=0)
        text, known = self._validity
        if known != moment:
            text = absolute_time(moment)
            self._validity = (text, moment)
        return text


def _contents(
    message: Outgoing, segmentation: SegmentPlan, settings: ChannelSettings
) -> list[tuple[bytes, int, MessageTlvs]]:
    """Return short_message, esm_class and tagged parameters of each PDU."""
    alphabet, parts = segmentation.alphabet, segmentation.parts
    total = len(parts)
    if total == 1:
        return [(encode(parts[0], alphabet), 0, NO_MESSAGE_TLVS)]
    match settings.long_text:
        case "payload":
            return [(b"", 0, MessageTlvs(message_payload=encode(message.content, alphabet)))]
        case "sar":
            return [
                (encode(part, alphabet), 0, _sar(Concatenation(message.reference, total, number)))
                for number, part in enumerate(parts, 1)
            ]
        case _:
            contents = parts_with_header(segmentation, message.reference, settings)
            return [(content, _UDHI, NO_MESSAGE_TLVS) for content in contents]


def _sar(part: Concatenation) -> MessageTlvs:
    """Return the three parameters of SMPP 3.4 §5.3.2.22 to 24, which never go together with a header."""
    return MessageTlvs(
        sar_msg_ref_num=part.reference & 0xFFFF, sar_total_segments=part.total, sar_segment_seqnum=part.number
    )


def _coding_of(alphabet: Alphabet, settings: ChannelSettings) -> int:
    """Return data_coding; ASCII is named by its own number where 0 means another alphabet."""
    if alphabet is Alphabet.ASCII:
        return _IA5_CODING if settings.default_alphabet == "gsm7" else _DEFAULT_CODING
    return _CODINGS[alphabet]


def _source(terms: Terms, extension: str) -> tuple[str, int, int]:
    """Return what phones show as the sender, its type and its plan: a word, an international number or a code."""
    settings, written = terms.settings, terms.src_id
    if not written.removeprefix("+").isdecimal():
        source, ton, npi = written[:_WORD_WIDTH], _WORD, 0
    else:
        ton, npi = (_INTERNATIONAL, _ISDN) if written.startswith("+") else (_UNKNOWN, 0)
        digits = written.removeprefix("+")
        most = settings.extension_digits_max
        source = source_number(digits, extension, width=_SOURCE_WIDTH, extension_digits_max=most)
    return (
        source,
        ton if settings.source_ton is None else settings.source_ton,
        npi if settings.source_npi is None else settings.source_npi,
    )


def _written(recipient: int, settings: ChannelSettings) -> str:
    """Return a number as the carrier wants it."""
    if settings.number_form == "national":
        return national(recipient)
    return f"+{recipient}" if settings.number_form == "plus" else str(recipient)


def _number(written: str, ton: int, settings: ChannelSettings) -> int | None:
    """Return E.164 digits. Eleven of them are a number of China's only where numbers are written without their country."""
    if settings.number_form == "national" or ton == _NATIONAL:
        return international(written)
    digits = written.strip().removeprefix("+").removeprefix("00")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def _by_number(written: str, settings: ChannelSettings, *, of_report: bool) -> str:
    """Return the id by which a submit is known: the decimal one where response and report write it differently.

    An id that is not a number there stays as it is.
    """
    if settings.id_form == "same":
        return written
    is_hex = of_report is (settings.id_form == "decimal_to_hex")
    is_number = (_hexadecimal if is_hex else _decimal)(written)
    return str(int(written, 16 if is_hex else 10)) if is_number else written


def _reported_number(request: DeliverSm | DataSm, terms: Terms) -> int | None:
    """Return whom a receipt is about: it comes from the phone, though some carriers leave both ends as submitted."""
    source, ours = request.source_addr.removeprefix("+"), terms.src_id.removeprefix("+")
    if ours and source.startswith(ours):
        return _number(request.destination_addr, request.dest_addr_ton, terms.settings)
    return _number(source, request.source_addr_ton, terms.settings)


def _reply_of(request: DeliverSm | DataSm, settings: ChannelSettings) -> ReplyFields | None:
    """Return what a phone sent; None when nobody can tell which phone."""
    number = _number(request.source_addr, request.source_addr_ton, settings)
    if number is None:
        return None
    tlvs = request.tlvs
    content = tlvs.message_payload or (request.short_message if isinstance(request, DeliverSm) else b"")
    concatenation, content = split_content(content, has_header=bool(request.esm_class & _UDHI))
    alphabet, content = _text_of(content, request.data_coding, settings)
    return ReplyFields(
        from_number=number,
        destination=request.destination_addr.removeprefix("+"),
        content=content,
        alphabet=alphabet,
        concatenation=concatenation or _part_of(tlvs),
    )


def _part_of(tlvs: MessageTlvs) -> Concatenation | None:
    """Return what the sar parameters say; None where they are not all there or contradict each other."""
    reference, total, number = tlvs.sar_msg_ref_num, tlvs.sar_total_segments, tlvs.sar_segment_seqnum
    if reference is None or total is None or number is None or not 1 <= number <= total or total == 1:
        return None
    return Concatenation(reference, total, number)


def _text_of(content: bytes, data_coding: int, settings: ChannelSettings) -> tuple[Alphabet | None, bytes]:
    """Return the alphabet of a text and its octets in it; None for what is no text (binary, or unknown)."""
    if data_coding & _CLASS_BITS == _CLASS_BITS:
        data_coding = 4 if data_coding & 4 else _DEFAULT_CODING
    codec = _OTHER_CODECS.get(data_coding)
    if data_coding == _DEFAULT_CODING:
        if settings.default_alphabet != "latin1":
            return Alphabet(settings.default_alphabet), content
        codec = "latin-1"
    if codec is None:
        return _ALPHABETS.get(data_coding), content
    return Alphabet.UCS2, content.decode(codec, "replace").encode("utf-16-be")


SMPP_34: Final = Smpp()
