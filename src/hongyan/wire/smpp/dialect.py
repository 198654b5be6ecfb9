"""SMPP 3.4 on the wire: command ids, and the deviations of known peers."""

from enum import Enum, IntEnum
from typing import Final

import msgspec

from hongyan.wire.dialect import Dialect
from hongyan.wire.header import Header

from .pdus import (
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)

HEADER: Final = Header(has_status=True)
"""SMPP 3.4 §3.2: command_length, command_id, command_status, sequence_number."""
FRAME_SIZE_MAX: Final = 72 * 1024
"""A submit_multi to 254 destinations has 6.5 KiB before its message_payload, which may have 64 KiB."""
SEQUENCE_MAX: Final = 0x7FFF_FFFF
"""SMPP 3.4 §5.1.4; others, 0 among them, are taken from peers and echoed."""


class Command(IntEnum):
    """SMPP 3.4 §5.1.2.1."""

    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER = 0x00000002
    BIND_TRANSMITTER_RESP = 0x80000002
    QUERY_SM = 0x00000003
    QUERY_SM_RESP = 0x80000003
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    REPLACE_SM = 0x00000007
    REPLACE_SM_RESP = 0x80000007
    CANCEL_SM = 0x00000008
    CANCEL_SM_RESP = 0x80000008
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    OUTBIND = 0x0000000B
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    SUBMIT_MULTI = 0x00000021
    SUBMIT_MULTI_RESP = 0x80000021
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103
    DATA_SM_RESP = 0x80000103


class Quirk(Enum):
    """A known peer's deviation from the specification; each has its vector in `smpp34_quirks.json`.

    Those of them that lie in what fields hold (an id in deliver_sm_resp, a long password, the alphabet of data_coding
    0 and 1, receipts) cannot be switched off: they are read one way by everyone.
    """

    EMPTY_RESPONSE = "empty_response"
    """A response has no body although it tells of success: deliver_sm_resp above all."""
    BODY_BEHIND_HEADER = "body_behind_header"
    """A PDU that is a header only comes with a body."""
    TEXT_IN_DELIVER_SM_RESP = "text_in_deliver_sm_resp"
    """deliver_sm_resp has a message_id, which §4.6.2 leaves empty."""
    BODY_IN_ERROR = "body_in_error"
    """A response with an error has a body, which §4.4.2 leaves out."""
    TLVS_IN_RESPONSE = "tlvs_in_response"
    """A response has the optional parameters that 5.0 gave it."""
    LONG_PASSWORD = "long_password"  # noqa: S105 - the quirk's name
    """A password is longer than the eight characters of §5.2.2."""
    UNTERMINATED_TLV = "unterminated_tlv"
    """An optional parameter that is a C string comes without its NUL."""
    ALPHABET_OF_0 = "alphabet_of_0"
    """data_coding 0 means ASCII to some and GSM 7-bit to others; whoever reads it must be told which."""
    PLAIN_TEXT_AS_IA5 = "plain_text_as_ia5"
    """Plain texts, receipts among them, come as data_coding 1."""
    UNDECLARED_RECEIPT = "undeclared_receipt"
    """A receipt comes with the esm_class of a text."""
    RECEIPT_WORDS = "receipt_words"
    """A receipt's parts are missing, in another order or case, or have other separators."""
    INTERMEDIATE_NOTIFICATION = "intermediate_notification"
    """A receipt that is not final has the esm_class of an intermediate notification."""


SWITCHABLE: Final = frozenset({Quirk.EMPTY_RESPONSE, Quirk.BODY_BEHIND_HEADER})
TOLERANCES: Final = frozenset(Quirk)
"""What a session puts up with unless told otherwise: all of it, since none is ambiguous."""

_MAY_BE_EMPTY: Final[frozenset[type[msgspec.Struct]]] = frozenset(
    {
        BindTransmitterResp,
        BindReceiverResp,
        BindTransceiverResp,
        SubmitSmResp,
        SubmitMultiResp,
        DeliverSmResp,
        DataSmResp,
        QuerySmResp,
    }
)
_HEADER_ONLY: Final[frozenset[type[msgspec.Struct]]] = frozenset(
    {
        Unbind,
        UnbindResp,
        GenericNack,
        EnquireLink,
        EnquireLinkResp,
        CancelSmResp,
        ReplaceSmResp,
    }
)

PDUS: Final[dict[int, type[msgspec.Struct]]] = {
    Command.GENERIC_NACK: GenericNack,
    Command.BIND_RECEIVER: BindReceiver,
    Command.BIND_RECEIVER_RESP: BindReceiverResp,
    Command.BIND_TRANSMITTER: BindTransmitter,
    Command.BIND_TRANSMITTER_RESP: BindTransmitterResp,
    Command.QUERY_SM: QuerySm,
    Command.QUERY_SM_RESP: QuerySmResp,
    Command.SUBMIT_SM: SubmitSm,
    Command.SUBMIT_SM_RESP: SubmitSmResp,
    Command.DELIVER_SM: DeliverSm,
    Command.DELIVER_SM_RESP: DeliverSmResp,
    Command.UNBIND: Unbind,
    Command.UNBIND_RESP: UnbindResp,
    Command.REPLACE_SM: ReplaceSm,
    Command.REPLACE_SM_RESP: ReplaceSmResp,
    Command.CANCEL_SM: CancelSm,
    Command.CANCEL_SM_RESP: CancelSmResp,
    Command.BIND_TRANSCEIVER: BindTransceiver,
    Command.BIND_TRANSCEIVER_RESP: BindTransceiverResp,
    Command.OUTBIND: Outbind,
    Command.ENQUIRE_LINK: EnquireLink,
    Command.ENQUIRE_LINK_RESP: EnquireLinkResp,
    Command.SUBMIT_MULTI: SubmitMulti,
    Command.SUBMIT_MULTI_RESP: SubmitMultiResp,
    Command.ALERT_NOTIFICATION: AlertNotification,
    Command.DATA_SM: DataSm,
    Command.DATA_SM_RESP: DataSmResp,
}


def speak(quirks: frozenset[Quirk]) -> Dialect:
    """Return SMPP with these deviations tolerated."""
    return Dialect(
        HEADER,
        PDUS,
        may_be_empty=_MAY_BE_EMPTY if Quirk.EMPTY_RESPONSE in quirks else frozenset(),
        any_body=_HEADER_ONLY if Quirk.BODY_BEHIND_HEADER in quirks else frozenset(),
    )


SMPP: Final = speak(TOLERANCES)
