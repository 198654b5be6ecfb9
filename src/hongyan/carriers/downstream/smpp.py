"""SMPP 3.4 with us as the SMSC: submit_sms, submit_multis and data_sms become facts, reports and replies deliver_sms.

A submit_multi has one id for all its destinations (§4.5.2), where the platform has one for each. So each part remembers
the destinations of its submit: its place among them leads from its own id back to the one that the customer knows.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import Capacity
from hongyan.wire.ends import ClientSession
from hongyan.wire.session import Limits
from hongyan.wire.smpp.destinations import DESTINATIONS_MAX, Address, DistributionList, Unsuccessful
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX
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
from hongyan.wire.smpp.statuses import CommandStatus, MessageState, command_status
from hongyan.wire.smpp.tlvs import NO_MESSAGE_TLVS, MessageTlvs
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
from .times import read_time, report_digits

CODINGS: Final = {
    1: Coding.ASCII,
    3: Coding.LATIN1,
    8: Coding.UCS2,
    15: Coding.GBK,
    25: Coding.GBK,
}
"""data_coding (§5.2.19) but for 0, which the login's settings explain; GBK is what customers in China make of two
reserved numbers."""
_DEFAULT_ALPHABETS: Final = {"gsm7": Coding.GSM7, "ascii": Coding.ASCII, "latin1": Coding.LATIN1}
_GSM7: Final = Capacity(Alphabet.GSM7, 160, 153)
_ASCII: Final = Capacity(Alphabet.ASCII, 160, 153)
_PACKED: Final = frozenset({Coding.GSM7, Coding.ASCII, Coding.LATIN1})
_SEPTETS_MAX, _OCTETS_MAX = 160, 140
_MODE_BITS, _TRANSACTION, _TYPE_BITS, _UDHI = 0x03, 0x02, 0x3C, 0x40
"""esm_class (§5.2.12)."""
_CLASS_BITS, _CLASS_OF_OCTETS = 0xF0, 0x04
"""A data_coding with a message class (3GPP TS 23.038 §4)."""
_UNKNOWN, _INTERNATIONAL, _NATIONAL = 0, 1, 2
_ISDN: Final = 1
_WISHES: Final = {0: ReportWish.NEVER, 1: ReportWish.ALWAYS, 2: ReportWish.ON_FAILURE}
_CHINA, _MAINLAND_DIGITS = "86", 11
_ADDRESS_WIDTH: Final = 20
_STAT_WIDTH: Final = 7
_SEPARATOR: Final = b"\0"

BIND_STATUSES: Final = {
    BindRefusal.MALFORMED: CommandStatus.BIND_FAILED,
    BindRefusal.LOGIN_UNKNOWN: CommandStatus.INVALID_PASSWORD,
    BindRefusal.UNAUTHENTIC: CommandStatus.INVALID_PASSWORD,
    BindRefusal.ADDRESS_NOT_ALLOWED: CommandStatus.BIND_FAILED,
    BindRefusal.VERSION_NOT_ALLOWED: CommandStatus.BIND_FAILED,
    BindRefusal.MODE_NOT_ALLOWED: CommandStatus.INVALID_SYSTEM_TYPE,
    BindRefusal.DISABLED: CommandStatus.BIND_FAILED,
    BindRefusal.LINKS_TOO_MANY: CommandStatus.ALREADY_BOUND,
    BindRefusal.BUSY: CommandStatus.SYSTEM_ERROR,
}
"""command_status of a bind's response (§5.1.3)."""

RESULTS: Final = {
    Refusal.MALFORMED: CommandStatus.INVALID_COMMAND_LENGTH,
    Refusal.COMMAND_UNSUPPORTED: CommandStatus.INVALID_COMMAND_ID,
    Refusal.NOT_ALLOWED_HERE: CommandStatus.WRONG_BIND_STATE,
    Refusal.CLASS_UNSUPPORTED: CommandStatus.INVALID_ESM_CLASS,
    Refusal.CODING_UNSUPPORTED: CommandStatus.SUBMIT_FAILED,
    Refusal.LENGTH_WRONG: CommandStatus.INVALID_MESSAGE_LENGTH,
    Refusal.HEADER_WRONG: CommandStatus.INVALID_ESM_CLASS,
    Refusal.TEXT_MISSING: CommandStatus.INVALID_MESSAGE_LENGTH,
    Refusal.TEXT_TOO_LONG: CommandStatus.INVALID_MESSAGE_LENGTH,
    Refusal.SOURCE_NOT_ALLOWED: CommandStatus.INVALID_SOURCE_ADDRESS,
    Refusal.SENDER_WRONG: CommandStatus.INVALID_SOURCE_ADDRESS,
    Refusal.DESTINATION_WRONG: CommandStatus.INVALID_DESTINATION_ADDRESS,
    Refusal.DESTINATION_UNROUTABLE: 0x406,
    Refusal.DESTINATIONS_WRONG: CommandStatus.INVALID_NUMBER_OF_DESTINATIONS,
    Refusal.VALIDITY_WRONG: CommandStatus.INVALID_EXPIRY,
    Refusal.SCHEDULE_UNSUPPORTED: CommandStatus.INVALID_SCHEDULE,
    Refusal.FLOW_EXCEEDED: CommandStatus.THROTTLED,
    Refusal.TRY_LATER: CommandStatus.MESSAGE_QUEUE_FULL,
    Refusal.BALANCE_INSUFFICIENT: 0x404,
    Refusal.ACCOUNT_SUSPENDED: 0x405,
    Refusal.SIGNATURE_WRONG: 0x403,
    Refusal.TEXT_UNREGISTERED: 0x402,
    Refusal.INTERNAL: CommandStatus.SYSTEM_ERROR,
}
"""command_status of a submit's response (§5.1.3); 0x400 to 0x4FF are ours to define."""

_RESPONSES: Final[dict[type[Struct], type[Struct]]] = {
    SubmitSm: SubmitSmResp,
    SubmitMulti: SubmitMultiResp,
    DataSm: DataSmResp,
    QuerySm: QuerySmResp,
    CancelSm: CancelSmResp,
    ReplaceSm: ReplaceSmResp,
}

_Message = SubmitSm | SubmitMulti | DataSm


class SmppServer:
    """SMPP 3.4 for customers."""

    family: ClassVar[str] = "smpp"
    says_partial: ClassVar[bool] = True
    dials: ClassVar[bool] = False
    destinations_max: ClassVar[int] = DESTINATIONS_MAX
    login_length_max: ClassVar[int] = 15
    password_length_max: ClassVar[int] = 8

    def session(self, limits: Limits, stamp: Callable[[float], int], now: float) -> SmppServerSession:
        """Return the session of a connection just made, whose frames may carry a payload of 64 KiB."""
        del stamp
        return SmppServerSession(limits=replace(limits, frame_size_max=FRAME_SIZE_MAX), now=now)

    def bind(self, request: Struct) -> BindFacts:
        """Read a bind; what it is for says its command (§4.1)."""
        assert isinstance(request, Bind)
        given = request.password.encode("latin-1")
        return BindFacts(
            request.system_id,
            request.interface_version,
            lambda password: hmac.compare_digest(given, password.encode()),
            sends=not isinstance(request, BindReceiver),
            receives=not isinstance(request, BindTransmitter),
            system_type=request.system_type,
        )

    def version_allowed(self, version: int, settings: LoginSettings) -> bool:
        """Let any version in: clients give wrong ones, and all that follows from it is whether we send parameters."""
        del version, settings
        return True

    def bind_status(self, refusal: BindRefusal) -> int:
        """Return the command_status of the bind's response."""
        return BIND_STATUSES[refusal]

    def read(self, request: Struct, sequence: int, terms: CustomerTerms) -> SubmitFacts | CountsAsked | Immediate:
        """Read a submit; what is on its way can be neither queried nor withdrawn nor replaced."""
        del sequence
        match request:
            case QuerySm():
                return Immediate(QuerySmResp(CommandStatus.QUERY_FAILED))
            case CancelSm():
                return Immediate(CancelSmResp(CommandStatus.CANCEL_FAILED))
            case ReplaceSm():
                return Immediate(ReplaceSmResp(CommandStatus.REPLACE_FAILED))
            case _:
                assert isinstance(request, _Message)
                return _read_submit(request, terms)

    def accepted(self, request: Struct, accepted: Accepted, terms: CustomerTerms) -> Struct:
        """Return the response to a submit; that of a submit_multi names the destinations that were not taken."""
        written = _written_id(accepted.first_id, terms.settings.id_form)
        match request:
            case SubmitSm():
                return SubmitSmResp(message_id=written)
            case DataSm():
                return DataSmResp(message_id=written)
            case _:
                assert isinstance(request, SubmitMulti)
                return SubmitMultiResp(message_id=written, unsuccess_sme=_unsuccessful(request, accepted))

    def refused(self, request: Struct, refusal: Refusal, terms: CustomerTerms) -> Struct:
        """Return the response that refuses."""
        del terms
        return _RESPONSES[type(request)](RESULTS[refusal])

    def counts(self, request: Struct, counts: Counts | None) -> Struct:
        """Refuse: SMPP asks for no counts."""
        raise NotImplementedError

    def report(self, facts: ReportFacts, terms: CustomerTerms) -> DeliverSm:
        """Return the deliver_sm with a receipt (appendix B); what is no state of SMPP is said in its text as well."""
        settings = terms.settings
        form = settings.id_form if settings.receipt_id_form == "same" else settings.receipt_id_form
        message_id = _written_id(_response_id(facts), form)
        stat = facts.stat[:_STAT_WIDTH]
        known = stat if stat in STATES else "UNDELIV"
        receipt = Receipt(
            message_id,
            known,
            submit_date=report_digits(facts.submitted_at),
            done_date=report_digits(facts.done_at),
            err=_error_of(stat),
            sub="001",
            dlvrd="001" if facts.is_delivered else "000",
            text="" if stat == known else stat,
        )
        tlvs = NO_MESSAGE_TLVS
        if settings.receipt_tlvs and terms.version >= V34:
            state = STATES.get(stat, MessageState.UNDELIVERABLE)
            tlvs = MessageTlvs(receipted_message_id=message_id, message_state=state)
        source, ton = _written_number(facts.destination, settings)
        return DeliverSm(
            source_addr_ton=ton,
            source_addr_npi=_ISDN,
            source_addr=source,
            destination_addr=facts.source[:_ADDRESS_WIDTH],
            esm_class=DELIVERY_RECEIPT,
            short_message=format_receipt(receipt),
            tlvs=tlvs,
        )

    def reply(self, facts: ReplyFacts, terms: CustomerTerms) -> Sequence[DeliverSm]:
        """Return the deliver_sms of a reply; long ones go in parts with headers, which every client can read."""
        settings = terms.settings
        narrow = _GSM7 if settings.default_alphabet == "gsm7" else _ASCII
        segmentation, contents = reply_parts(facts.content, reply_limits(narrow, "ucs2"), facts.push_id)
        source, ton = _written_number(f"+{facts.sender}", settings)
        return [
            DeliverSm(
                source_addr_ton=ton,
                source_addr_npi=_ISDN,
                source_addr=source,
                destination_addr=facts.destination[:_ADDRESS_WIDTH],
                esm_class=_UDHI if len(contents) > 1 else 0,
                data_coding=8 if segmentation.alphabet is Alphabet.UCS2 else 0,
                short_message=content,
            )
            for content in contents
        ]

    def taken(self, response: Struct) -> Taken:
        """Say what a deliver_sm_resp means, or the generic_nack in its place: 0x64 and the like ask for another try."""
        assert isinstance(response, DeliverSmResp | GenericNack)
        match command_status(response.command_status).disposition:
            case Disposition.RETRY_LATER:
                return Taken.LATER
            case Disposition.ACCEPTED if isinstance(response, DeliverSmResp):
                return Taken.YES
            case _:
                return Taken.NEVER

    def reverse_session(self, terms: ReverseTerms, limits: Limits, stamp: Callable[[float], int]) -> ClientSession:
        """Refuse: in SMPP the customer connects to us."""
        raise NotImplementedError


def _read_submit(submit: _Message, terms: CustomerTerms) -> SubmitFacts:
    wish = _WISHES.get(submit.registered_delivery & 3)
    is_transaction = submit.esm_class & _MODE_BITS == _TRANSACTION
    if wish is None or is_transaction or submit.esm_class & _TYPE_BITS:
        flags = f"esm_class {submit.esm_class}, registered_delivery {submit.registered_delivery}"
        raise SubmitRefused(Refusal.CLASS_UNSUPPORTED, flags)
    destinations = _destinations(submit)
    if not destinations:
        raise SubmitRefused(Refusal.DESTINATIONS_WRONG, "no destination")
    coding, concatenation, payload = _read_content(submit, terms.settings)
    if isinstance(submit, DataSm):
        valid_until, deliver_at = _time_to_live(submit), None
    else:
        valid_until = _time(submit.validity_period, Refusal.VALIDITY_WRONG)
        deliver_at = _time(submit.schedule_delivery_time, Refusal.SCHEDULE_UNSUPPORTED)
    return SubmitFacts(
        source=submit.source_addr,
        destinations=destinations,
        content=payload,
        coding=coding,
        concatenation=concatenation,
        report=wish,
        valid_until=valid_until,
        deliver_at=deliver_at,
        reference=_SEPARATOR.join(map(str.encode, destinations)) if len(destinations) > 1 else None,
    )


def _destinations(submit: _Message) -> list[str]:
    """Return each number once, as written, with a + where its type says that it is international."""
    if not isinstance(submit, SubmitMulti):
        return [_dialled(submit.destination_addr, submit.dest_addr_ton)]
    phones = [item for item in submit.dest_address if isinstance(item, Address)]
    return list(dict.fromkeys(_dialled(phone.destination_addr, phone.dest_addr_ton) for phone in phones))


def _dialled(address: str, ton: int) -> str:
    return f"+{address}" if ton == _INTERNATIONAL and address and not address.startswith(("+", "00")) else address


def _unsuccessful(submit: SubmitMulti, accepted: Accepted) -> tuple[Unsuccessful, ...]:
    """Return whom a submit_multi does not reach (§4.5.2.1): lists, since we keep none, and refused numbers."""
    refused = [
        Unsuccessful(item.dl_name, CommandStatus.INVALID_LIST_NAME)
        for item in submit.dest_address
        if isinstance(item, DistributionList)
    ]
    refusals = {_destinations(submit)[position]: refusal for position, refusal in accepted.refusals.items()}
    for item in submit.dest_address:
        if isinstance(item, Address):
            refusal = refusals.pop(_dialled(item.destination_addr, item.dest_addr_ton), None)
            if refusal is not None:
                code = RESULTS[refusal]
                refused.append(Unsuccessful(item.destination_addr, code, item.dest_addr_ton, item.dest_addr_npi))
    return tuple(refused)


def _read_content(submit: _Message, settings: LoginSettings) -> tuple[Coding, Concatenation | None, bytes]:
    coding = _coding(submit.data_coding, settings)
    short = b"" if isinstance(submit, DataSm) else submit.short_message
    payload = submit.tlvs.message_payload
    size_max = _SEPTETS_MAX if coding in _PACKED else _OCTETS_MAX
    if len(short) > size_max or (short and payload is not None):
        raise SubmitRefused(Refusal.LENGTH_WRONG, f"sm_length {len(short)}")
    content = payload if payload is not None else short
    part = _sar(submit.tlvs)
    if not submit.esm_class & _UDHI:
        return coding, part, content
    if submit.tlvs.sar_msg_ref_num is not None:
        raise SubmitRefused(Refusal.HEADER_WRONG, "a header and sar parameters at once")
    concatenation, text = take_header(content)
    return coding, whole_or_part(concatenation), text


def _coding(data_coding: int, settings: LoginSettings) -> Coding:
    if data_coding & _CLASS_BITS == _CLASS_BITS and not data_coding & _CLASS_OF_OCTETS:
        return Coding.GSM7
    coding = CODINGS.get(data_coding) if data_coding else _DEFAULT_ALPHABETS[settings.default_alphabet]
    if coding is None:
        raise SubmitRefused(Refusal.CODING_UNSUPPORTED, f"data_coding {data_coding}")
    return coding


def _sar(tlvs: MessageTlvs) -> Concatenation | None:
    """Return what the sar parameters say (§5.3.2.22 to 24)."""
    reference, total, number = tlvs.sar_msg_ref_num, tlvs.sar_total_segments, tlvs.sar_segment_seqnum
    if reference is None and total is None and number is None:
        return None
    if reference is None or total is None or number is None or not 1 <= number <= total:
        raise SubmitRefused(Refusal.HEADER_WRONG, f"sar_segment_seqnum {number} of {total}")
    return whole_or_part(Concatenation(reference, total, number))


def _time(written: str, refusal: Refusal) -> datetime | timedelta | None:
    try:
        return read_time(written)
    except ValueError:
        raise SubmitRefused(refusal, "a time that cannot be read") from None


def _time_to_live(submit: DataSm) -> datetime | timedelta | None:
    seconds = submit.tlvs.qos_time_to_live
    return None if seconds is None else timedelta(seconds=seconds)


def _response_id(facts: ReportFacts) -> int:
    """Return the id that the response to the submit said: its first destination's."""
    if facts.reference is None:
        return facts.part_id
    destinations = facts.reference.split(_SEPARATOR)
    return facts.part_id - destinations.index(facts.destination.encode())


def _written_id(part_id: int, form: str) -> str:
    return f"{part_id:x}" if form == "hex" else str(part_id)


def _written_number(written: str, settings: LoginSettings) -> tuple[str, int]:
    """Return a phone's number as the customer wants it, and its type; what is none stays as it is."""
    digits = written.removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdecimal()):
        return written[:_ADDRESS_WIDTH], _UNKNOWN
    is_mainland = digits == written and len(digits) == _MAINLAND_DIGITS
    e164 = f"{_CHINA}{digits}" if is_mainland else digits
    if settings.number_form == "national" and e164.startswith(_CHINA) and len(e164) == len(_CHINA) + _MAINLAND_DIGITS:
        return e164.removeprefix(_CHINA), _NATIONAL
    return (f"+{e164}" if settings.number_form == "plus" else e164)[:_ADDRESS_WIDTH], _INTERNATIONAL


def _error_of(stat: str) -> str:
    """Return three digits: none, those at the end of a stat of our own or a carrier's, or 999 for what is not known."""
    if stat == "DELIVRD":
        return "000"
    return stat[-3:] if stat[-3:].isdecimal() else "999"


SMPP_SERVER: Final = SmppServer()
