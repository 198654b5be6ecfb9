"""The message centre (SMSC) of a simulated carrier: SMPP 3.4 in front of what every carrier does.

It refuses what a strict centre refuses, by the codes of §5.1.3: numbers and lists that it does not know, flags and
times that are none, texts that no phone could show, and more than it can keep. Texts are delivered at once: whoever
wants one at a later time is refused rather than served too early.

What it has taken lately can be queried, withdrawn and replaced until it has reached its phone.
"""

import hmac
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from hongyan.wire.ends import ServerSession
from hongyan.wire.smpp.destinations import Address, Unsuccessful
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX, HEADER
from hongyan.wire.smpp.pdus import (
    V34,
    BindReceiver,
    BindTransmitter,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
)
from hongyan.wire.smpp.receipt import DELIVERY_RECEIPT, STATES, Receipt, format_receipt
from hongyan.wire.smpp.session import Bind, SmppServerSession
from hongyan.wire.smpp.statuses import CommandStatus, MessageState
from hongyan.wire.smpp.times import absolute_time, moment_of
from hongyan.wire.smpp.tlvs import NO_MESSAGE_TLVS, MessageTlvs

from .behaviour import Refusal
from .carrier import Carrier
from .face import BindAsk, BindRefusal, Face, ReportWish, Submission
from .login import Link, Peer
from .message_ids import MessageIds
from .numbering import e164_of
from .outcome import Outcome
from .reading import Coding
from .reply import ReplyPart
from .segment import Segment
from .times import report_stamp
from .user_data import Concatenation, split_header

REMEMBERED_MAX: Final = 10_000
"""Texts that can still be queried, withdrawn or replaced."""
_SEPTETS_MAX, _OCTETS_MAX = 160, 140
_MODE_BITS, _TRANSACTION, _TYPE_BITS, _UDHI = 0x03, 0x02, 0x3C, 0x40
"""esm_class (§5.2.12)."""
_PRIORITY_MAX: Final = 3
_GSM_NETWORK: Final = 3
_INTERNATIONAL, _ISDN = 1, 1
_WORD_TON: Final = 5
_RECEIPT_TEXT_OCTETS: Final = 20

_CODINGS: Final = {
    1: Coding.ASCII,
    2: Coding.BINARY,
    3: Coding.LATIN1,
    4: Coding.BINARY,
    8: Coding.UCS2,
    15: Coding.GBK,
    25: Coding.GBK,
}
"""data_coding (§5.2.19); GBK is what carriers in China make of two reserved numbers."""
_NUMBERS: Final = {Coding.ASCII: 1, Coding.LATIN1: 3, Coding.UCS2: 8, Coding.GBK: 15}
_DEFAULT_ALPHABETS: Final = {"gsm7": Coding.GSM7, "ascii": Coding.ASCII, "latin1": Coding.LATIN1}
_PACKED: Final = frozenset({Coding.GSM7, Coding.ASCII, Coding.LATIN1})
"""Codings of which 160 characters go into one message."""
_WISHES: Final = {0: ReportWish.NEVER, 1: ReportWish.ALWAYS, 2: ReportWish.ON_FAILURE}

_Message = SubmitSm | SubmitMulti | DataSm


class SmppFace(Face):
    """A carrier's SMPP."""

    protocol = "smpp"
    header_size = HEADER.size
    bind_codes: ClassVar[Mapping[BindRefusal, int]] = {
        BindRefusal.UNKNOWN_LOGIN: CommandStatus.INVALID_SYSTEM_ID,
        BindRefusal.WRONG_PASSWORD: CommandStatus.INVALID_PASSWORD,
        BindRefusal.TOO_MANY_LINKS: CommandStatus.BIND_FAILED,
        BindRefusal.WRONG_VERSION: CommandStatus.BIND_FAILED,
        BindRefusal.BUSY: CommandStatus.SYSTEM_ERROR,
    }
    refusal_codes: ClassVar[Mapping[Refusal, int]] = {
        Refusal.BAD_NUMBER: CommandStatus.INVALID_DESTINATION_ADDRESS,
        Refusal.BUSY: CommandStatus.THROTTLED,
    }
    reply_codings = frozenset({Coding.ASCII, Coding.GSM7, Coding.LATIN1, Coding.UCS2, Coding.GBK})

    def __init__(self, carrier: Carrier) -> None:
        self._ids = MessageIds(carrier.clock, 0)
        self._recent: deque[Segment] = deque(maxlen=REMEMBERED_MAX)
        self._default_alphabet = _DEFAULT_ALPHABETS[carrier.config.smpp.default_alphabet]
        super().__init__(carrier)

    # Binding -----------------------------------------------------------------------------------------

    def new_session(self, now: float) -> ServerSession:
        """Return a centre's session, whose frames may carry a payload of 64 KiB."""
        limits = replace(self.limits(), frame_size_max=FRAME_SIZE_MAX)
        return SmppServerSession(limits=limits, now=now, system_id=self.config.smpp.system_id)

    def bind_ask(self, request: Struct) -> BindAsk:
        """Read a bind of any mode (SMPP 3.4 §4.1)."""
        assert isinstance(request, Bind)
        password = request.password.encode("latin-1")
        return BindAsk(
            request.system_id,
            lambda known: hmac.compare_digest(password, known.encode()),
            sends=not isinstance(request, BindReceiver),
            receives=not isinstance(request, BindTransmitter),
        )

    # Submits -----------------------------------------------------------------------------------------

    def read_submit(self, peer: Peer, pdu: Struct) -> Submission | None:
        """Read a submit_sm (§4.4), submit_multi (§4.5) or data_sm (§4.7)."""
        del peer
        if not isinstance(pdu, _Message):
            return None
        content = pdu.tlvs.message_payload or _short_message(pdu)
        concatenation = _part_of(pdu.tlvs)
        if pdu.esm_class & _UDHI:
            found, content = split_header(content)
            concatenation = found or concatenation
        return Submission(
            destinations=_phones(pdu),
            sender=pdu.source_addr,
            content=content,
            coding=self._coding(pdu.data_coding),
            concatenation=concatenation,
            wish=_WISHES.get(pdu.registered_delivery & 3, ReportWish.NEVER),
            service=pdu.service_type,
            expires_at=self._expiry(pdu),
            fault=self._fault_of(pdu),
        )

    def message_ids(self, sequence: int, count: int) -> Sequence[int]:
        """Return one id for all numbers of a submit (§4.5.2): reports tell them apart by their source."""
        del sequence
        return [self._ids.next()] * count

    def submit_response(self, pdu: Struct, message_id: int, result: int) -> Struct:
        """Return the response; that of a submit_multi names those it does not serve."""
        written = "" if result else self._written(message_id, is_report=False)
        match pdu:
            case SubmitSm():
                return SubmitSmResp(result, written)
            case SubmitMulti():
                return SubmitMultiResp(result, written, () if result else _unsuccessful(pdu))
            case _:
                return DataSmResp(result, written)

    # Reports and replies -----------------------------------------------------------------------------

    def report(self, link: Link, segment: Segment) -> Struct:
        """Return the deliver_sm with a receipt, as text, as parameters (§5.3.2) or as both."""
        code, settings = segment.code, self.config.smpp
        message_id = self._written(segment.message_id, is_report=True)
        content, tlvs = b"", NO_MESSAGE_TLVS
        if settings.receipts != "text" and link.version >= V34:
            tlvs = MessageTlvs(
                receipted_message_id=message_id,
                message_state=STATES.get(code.stat, MessageState.UNDELIVERABLE),
                network_error_code=bytes((_GSM_NETWORK, *code.error.to_bytes(2))) if code.error else None,
            )
        if settings.receipts != "tlvs" or tlvs is NO_MESSAGE_TLVS:
            content = format_receipt(
                Receipt(
                    message_id,
                    code.stat,
                    submit_date=report_stamp(self.carrier.skewed(segment.submitted_at)),
                    done_date=report_stamp(self.carrier.wall()),
                    err=f"{code.error:03}",
                    sub="001",
                    dlvrd="001" if code.is_delivered else "000",
                    text=_beginning(segment),
                )
            )
        return DeliverSm(
            service_type=segment.service,
            source_addr_ton=_INTERNATIONAL,
            source_addr_npi=_ISDN,
            source_addr=segment.destination,
            dest_addr_ton=0 if segment.sender.isdecimal() else _WORD_TON,
            destination_addr=segment.sender,
            esm_class=DELIVERY_RECEIPT,
            short_message=content,
            tlvs=tlvs,
        )

    def reply(self, link: Link, part: ReplyPart) -> Struct:
        """Return the deliver_sm with what a phone wrote."""
        del link
        coding = part.coding
        return DeliverSm(
            source_addr_ton=_INTERNATIONAL,
            source_addr_npi=_ISDN,
            source_addr=part.source,
            destination_addr=part.destination,
            esm_class=_UDHI if part.header else 0,
            data_coding=0 if coding is self._default_alphabet else _NUMBERS.get(coding, 0),
            short_message=part.header + part.content,
        )

    def result_of(self, response: Struct) -> int:
        """Return the command_status of a deliver_sm_resp, or of the generic_nack in its place."""
        assert isinstance(response, DeliverSmResp | GenericNack)
        if isinstance(response, GenericNack):
            return response.command_status or CommandStatus.UNKNOWN_ERROR
        return response.command_status

    def id_text(self, message_id: int) -> str:
        """Return an id as responses have it."""
        return self._written(message_id, is_report=False)

    def phone_text(self, number: int) -> str:
        """Return the international digits."""
        return str(number)

    # Queries -----------------------------------------------------------------------------------------

    def take_other(self, peer: Peer, sequence: int, pdu: Struct) -> None:
        """Answer a query_sm (§4.8), cancel_sm (§4.9) or replace_sm (§4.10)."""
        match pdu:
            case QuerySm():
                answer: Struct = self._queried(peer, pdu)
            case CancelSm():
                answer = CancelSmResp(self._cancelled(peer, pdu))
            case _:
                assert isinstance(pdu, ReplaceSm)
                answer = ReplaceSmResp(self._replaced(peer, pdu))
        peer.link.answer(sequence, answer)

    def _queried(self, peer: Peer, query: QuerySm) -> QuerySmResp:
        segment = next(self._found(peer, query.message_id, query.source_addr), None)
        if segment is None:
            return QuerySmResp(CommandStatus.INVALID_MESSAGE_ID, query.message_id)
        ended_at = _ended_at(segment)
        if ended_at is None:
            return QuerySmResp(message_id=query.message_id, message_state=MessageState.ENROUTE)
        return QuerySmResp(
            message_id=query.message_id,
            final_date=absolute_time(datetime.fromtimestamp(ended_at, UTC)),
            message_state=STATES.get(segment.code.stat, MessageState.UNDELIVERABLE),
            error_code=min(segment.code.error, 0xFF),
        )

    def _cancelled(self, peer: Peer, cancel: CancelSm) -> CommandStatus:
        """Withdraw a text, or all of those from a source to a destination where no id is given."""
        found = list(self._found(peer, cancel.message_id, cancel.source_addr))
        if not cancel.message_id:
            found = [segment for segment in found if segment.destination == cancel.destination_addr]
        elif not found:
            return CommandStatus.INVALID_MESSAGE_ID
        open_ones = [segment for segment in found if _ended_at(segment) is None]
        for segment in open_ones:
            segment.code = self.report_codes[Outcome.DELETED]
        return CommandStatus.OK if open_ones else CommandStatus.CANCEL_FAILED

    def _replaced(self, peer: Peer, replacement: ReplaceSm) -> CommandStatus:
        segment = next(self._found(peer, replacement.message_id, replacement.source_addr), None)
        if segment is None:
            return CommandStatus.INVALID_MESSAGE_ID
        if _ended_at(segment) is not None or segment.concatenation is not None:
            return CommandStatus.REPLACE_FAILED
        segment.content = replacement.short_message
        return CommandStatus.OK

    def _found(self, peer: Peer, written: str, sender: str) -> Iterator[Segment]:
        """Return the remembered texts of a login with that id (any with an empty one) and that source, newest first."""
        for segment in reversed(self._recent):
            if not segment.message_id or segment.login != peer.login.name or segment.sender != sender:
                continue
            if not written or self._written(segment.message_id, is_report=False) == written:
                yield segment

    # Inside ------------------------------------------------------------------------------------------

    def _segments(self, peer: Peer, sequence: int, submission: Submission) -> list[Segment]:
        segments = super()._segments(peer, sequence, submission)
        self._recent += segments
        return segments

    def _written(self, message_id: int, *, is_report: bool) -> str:
        form = self.config.smpp.ids
        is_hex = form in ("hex", "hex_in_receipts" if is_report else "hex_in_responses")
        return f"{message_id:x}" if is_hex else str(message_id)

    def _coding(self, data_coding: int) -> Coding:
        if data_coding & 0xF0 == 0xF0:  # 3GPP TS 23.038 §4: a message class; bit 2 tells octets from a text
            return Coding.BINARY if data_coding & 4 else Coding.GSM7
        return self._default_alphabet if data_coding == 0 else _CODINGS.get(data_coding, Coding.UNKNOWN)

    def _expiry(self, pdu: _Message) -> float | None:
        if isinstance(pdu, DataSm):
            seconds = pdu.tlvs.qos_time_to_live
            return None if seconds is None else self.carrier.clock.now() + seconds
        try:
            moment = moment_of(pdu.validity_period, datetime.fromtimestamp(self.carrier.clock.now(), UTC))
        except ValueError:
            return None
        return None if moment is None else moment.timestamp()

    def _fault_of(self, pdu: _Message) -> CommandStatus:
        """Return the code for what is wrong with a submit itself, OK when nothing is."""
        if pdu.registered_delivery & 3 not in _WISHES:
            return CommandStatus.INVALID_REGISTERED_DELIVERY
        if isinstance(pdu, DataSm):
            if pdu.tlvs.message_payload is None:
                return CommandStatus.EXPECTED_PARAMETER_MISSING
        elif fault := _fault_of_fields(pdu):
            return fault
        if isinstance(pdu, SubmitMulti) and not pdu.dest_address:
            return CommandStatus.INVALID_NUMBER_OF_DESTINATIONS
        return _fault_of_source(pdu) or self._fault_of_content(pdu)

    def _fault_of_content(self, pdu: _Message) -> CommandStatus:
        short, payload = _short_message(pdu), pdu.tlvs.message_payload
        coding = self._coding(pdu.data_coding)
        if coding is Coding.UNKNOWN:
            return CommandStatus.SUBMIT_FAILED  # §5.1.3 has no number for a coding
        if pdu.esm_class & _UDHI:
            if pdu.tlvs.sar_msg_ref_num is not None:
                return CommandStatus.OPTIONAL_PARAMETER_NOT_ALLOWED  # §5.2.12: one of them or the other
            content = payload or short
            if not content or content[0] >= len(content):
                return CommandStatus.INVALID_ESM_CLASS
        size_max = _SEPTETS_MAX if coding in _PACKED else _OCTETS_MAX
        if (short and payload is not None) or len(short) > size_max:
            return CommandStatus.INVALID_MESSAGE_LENGTH
        return CommandStatus.OK


def _fault_of_source(pdu: _Message) -> CommandStatus:
    """Return what is wrong with the sender and the class: words need their type, and there are no transactions here."""
    if pdu.source_addr_ton != _WORD_TON and not (pdu.source_addr.removeprefix("+") or "0").isdecimal():
        return CommandStatus.INVALID_SOURCE_ADDRESS
    if pdu.esm_class & _TYPE_BITS or pdu.esm_class & _MODE_BITS == _TRANSACTION:
        return CommandStatus.INVALID_ESM_CLASS
    return CommandStatus.OK


def _fault_of_fields(pdu: SubmitSm | SubmitMulti) -> CommandStatus:
    """Return what is wrong with the fields that data_sm does not have."""
    if pdu.priority_flag > _PRIORITY_MAX:
        return CommandStatus.INVALID_PRIORITY_FLAG
    if pdu.schedule_delivery_time:
        return CommandStatus.INVALID_SCHEDULE
    if not _is_time(pdu.validity_period):
        return CommandStatus.INVALID_EXPIRY
    if pdu.replace_if_present_flag:
        is_flag = pdu.replace_if_present_flag == 1
        return CommandStatus.INVALID_REPLACE_REQUEST if is_flag else CommandStatus.INVALID_REPLACE_FLAG
    return CommandStatus.INVALID_DEFAULT_MESSAGE_ID if pdu.sm_default_msg_id else CommandStatus.OK


@lru_cache(maxsize=256)
def _is_time(text: str) -> bool:
    try:
        moment_of(text, datetime.fromtimestamp(0, UTC))
    except ValueError:
        return False
    return True


def _short_message(pdu: _Message) -> bytes:
    return b"" if isinstance(pdu, DataSm) else pdu.short_message


def _part_of(tlvs: MessageTlvs) -> Concatenation | None:
    """Return what the sar parameters say (§5.3.2.22 to 24), where they are all there and make sense."""
    reference, total, number = tlvs.sar_msg_ref_num, tlvs.sar_total_segments or 0, tlvs.sar_segment_seqnum or 0
    return None if reference is None or not 1 <= number <= total else Concatenation(0, reference, total, number)


def _phones(pdu: _Message) -> list[str]:
    """Return whom a submit is for; of a submit_multi only those that are served, where there are any."""
    if not isinstance(pdu, SubmitMulti):
        return [pdu.destination_addr]
    addresses = [item.destination_addr for item in pdu.dest_address if isinstance(item, Address)]
    return [address for address in addresses if e164_of(address)] or addresses[:1]


def _unsuccessful(pdu: SubmitMulti) -> tuple[Unsuccessful, ...]:
    """Return those whom a submit_multi does not reach: addresses that are none, and all lists, since there are none."""
    refused = []
    for item in pdu.dest_address:
        if not isinstance(item, Address):
            refused.append(Unsuccessful(item.dl_name, CommandStatus.INVALID_LIST_NAME))
        elif not e164_of(item.destination_addr):
            code = CommandStatus.INVALID_DESTINATION_ADDRESS
            refused.append(Unsuccessful(item.destination_addr, code, item.dest_addr_ton, item.dest_addr_npi))
    return tuple(refused)


def _ended_at(segment: Segment) -> float | None:
    """Return when the outcome of a text was known, None while it is not."""
    return segment.rang_at if segment.rang_at is not None else segment.reported_at


def _beginning(segment: Segment) -> str:
    """Return what a receipt says of the text: its first characters, where they are plain ones."""
    is_plain = segment.coding in _PACKED and segment.content.isascii()
    return segment.content[:_RECEIPT_TEXT_OCTETS].decode("ascii") if is_plain else ""
