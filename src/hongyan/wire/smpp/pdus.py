"""The PDUs of SMPP 3.4, in the specification's order and under its names.

`command_status` lies in the header; a request's is 0 and not among its fields. Texts are C strings whose greatest
length stands in the table, the NUL that ends them included. Times are the sixteen characters of `times`, or empty.
A length that precedes what it counts (sm_length, number_of_dests, no_unsuccess) is no field of its own.
"""

from typing import Annotated, Final

from msgspec import Struct

from hongyan.wire.fields import STATUS, U8, CString, Sized, Tlvs

from .destinations import DESTINATIONS, UNSUCCESSFUL, Destination, Unsuccessful
from .tlvs import (
    NO_ALERT_TLVS,
    NO_BIND_RESP_TLVS,
    NO_MESSAGE_TLVS,
    NO_RESPONSE_TLVS,
    AlertTlvs,
    BindRespTlvs,
    MessageTlvs,
    ResponseTlvs,
)

V33: Final = 0x33
V34: Final = 0x34

PASSWORD: Final = CString(65)
"""SMPP 3.4 §5.2.2 has room for 8 characters; carriers hand out longer ones, and a server that knows none refuses it."""


class BindTransmitter(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.1.1: an ESME asks to send."""

    system_id: Annotated[str, CString(16)]
    password: Annotated[str, PASSWORD] = ""
    system_type: Annotated[str, CString(13)] = ""
    interface_version: Annotated[int, U8] = V34
    addr_ton: Annotated[int, U8] = 0
    addr_npi: Annotated[int, U8] = 0
    address_range: Annotated[str, CString(41)] = ""


class BindTransmitterResp(Struct, frozen=True):
    """SMPP 3.4 §4.1.2; without a body where the status is not 0."""

    command_status: Annotated[int, STATUS] = 0
    system_id: Annotated[str, CString(16)] = ""
    tlvs: Annotated[BindRespTlvs, Tlvs(BindRespTlvs)] = NO_BIND_RESP_TLVS


class BindReceiver(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.1.3: an ESME asks to receive."""

    system_id: Annotated[str, CString(16)]
    password: Annotated[str, PASSWORD] = ""
    system_type: Annotated[str, CString(13)] = ""
    interface_version: Annotated[int, U8] = V34
    addr_ton: Annotated[int, U8] = 0
    addr_npi: Annotated[int, U8] = 0
    address_range: Annotated[str, CString(41)] = ""


class BindReceiverResp(Struct, frozen=True):
    """SMPP 3.4 §4.1.4."""

    command_status: Annotated[int, STATUS] = 0
    system_id: Annotated[str, CString(16)] = ""
    tlvs: Annotated[BindRespTlvs, Tlvs(BindRespTlvs)] = NO_BIND_RESP_TLVS


class BindTransceiver(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.1.5: an ESME asks for both directions."""

    system_id: Annotated[str, CString(16)]
    password: Annotated[str, PASSWORD] = ""
    system_type: Annotated[str, CString(13)] = ""
    interface_version: Annotated[int, U8] = V34
    addr_ton: Annotated[int, U8] = 0
    addr_npi: Annotated[int, U8] = 0
    address_range: Annotated[str, CString(41)] = ""


class BindTransceiverResp(Struct, frozen=True):
    """SMPP 3.4 §4.1.6."""

    command_status: Annotated[int, STATUS] = 0
    system_id: Annotated[str, CString(16)] = ""
    tlvs: Annotated[BindRespTlvs, Tlvs(BindRespTlvs)] = NO_BIND_RESP_TLVS


class Outbind(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.1.7: the SMSC asks an ESME to bind as a receiver. Has no response."""

    system_id: Annotated[str, CString(16)]
    password: Annotated[str, PASSWORD] = ""


class Unbind(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.2.1: the end of a session is asked for."""


class UnbindResp(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.2.2."""

    command_status: Annotated[int, STATUS] = 0


class GenericNack(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.3.1: what was not understood is refused; answers any request."""

    command_status: Annotated[int, STATUS] = 0


class SubmitSm(Struct, frozen=True):
    """SMPP 3.4 §4.4.1: a short message from an ESME."""

    service_type: Annotated[str, CString(6)] = ""
    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(21)] = ""
    dest_addr_ton: Annotated[int, U8] = 0
    dest_addr_npi: Annotated[int, U8] = 0
    destination_addr: Annotated[str, CString(21)] = ""
    esm_class: Annotated[int, U8] = 0
    protocol_id: Annotated[int, U8] = 0
    priority_flag: Annotated[int, U8] = 0
    schedule_delivery_time: Annotated[str, CString(17)] = ""
    validity_period: Annotated[str, CString(17)] = ""
    registered_delivery: Annotated[int, U8] = 0
    replace_if_present_flag: Annotated[int, U8] = 0
    data_coding: Annotated[int, U8] = 0
    sm_default_msg_id: Annotated[int, U8] = 0
    short_message: Annotated[bytes, Sized(U8)] = b""
    """At most 254 octets; empty where message_payload holds the content."""
    tlvs: Annotated[MessageTlvs, Tlvs(MessageTlvs)] = NO_MESSAGE_TLVS


class SubmitSmResp(Struct, frozen=True):
    """SMPP 3.4 §4.4.2: the SMSC's id for the message; without a body where the status is not 0."""

    command_status: Annotated[int, STATUS] = 0
    message_id: Annotated[str, CString(65)] = ""
    tlvs: Annotated[ResponseTlvs, Tlvs(ResponseTlvs)] = NO_RESPONSE_TLVS
    """Not in 3.4; gateways that speak 5.0 add them."""


class SubmitMulti(Struct, frozen=True):
    """SMPP 3.4 §4.5.1: one short message to up to 254 destinations."""

    service_type: Annotated[str, CString(6)] = ""
    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(21)] = ""
    dest_address: Annotated[tuple[Destination, ...], DESTINATIONS] = ()
    esm_class: Annotated[int, U8] = 0
    protocol_id: Annotated[int, U8] = 0
    priority_flag: Annotated[int, U8] = 0
    schedule_delivery_time: Annotated[str, CString(17)] = ""
    validity_period: Annotated[str, CString(17)] = ""
    registered_delivery: Annotated[int, U8] = 0
    replace_if_present_flag: Annotated[int, U8] = 0
    data_coding: Annotated[int, U8] = 0
    sm_default_msg_id: Annotated[int, U8] = 0
    short_message: Annotated[bytes, Sized(U8)] = b""
    tlvs: Annotated[MessageTlvs, Tlvs(MessageTlvs)] = NO_MESSAGE_TLVS


class SubmitMultiResp(Struct, frozen=True):
    """SMPP 3.4 §4.5.2: one id for all, and those who were refused."""

    command_status: Annotated[int, STATUS] = 0
    message_id: Annotated[str, CString(65)] = ""
    unsuccess_sme: Annotated[tuple[Unsuccessful, ...], UNSUCCESSFUL] = ()
    tlvs: Annotated[ResponseTlvs, Tlvs(ResponseTlvs)] = NO_RESPONSE_TLVS
    """Not in 3.4; gateways that speak 5.0 add them."""


class DeliverSm(Struct, frozen=True):
    """SMPP 3.4 §4.6.1: a text from a phone, or a report; `esm_class` says which."""

    service_type: Annotated[str, CString(6)] = ""
    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(21)] = ""
    dest_addr_ton: Annotated[int, U8] = 0
    dest_addr_npi: Annotated[int, U8] = 0
    destination_addr: Annotated[str, CString(21)] = ""
    esm_class: Annotated[int, U8] = 0
    protocol_id: Annotated[int, U8] = 0
    priority_flag: Annotated[int, U8] = 0
    schedule_delivery_time: Annotated[str, CString(17)] = ""
    validity_period: Annotated[str, CString(17)] = ""
    registered_delivery: Annotated[int, U8] = 0
    replace_if_present_flag: Annotated[int, U8] = 0
    data_coding: Annotated[int, U8] = 0
    sm_default_msg_id: Annotated[int, U8] = 0
    short_message: Annotated[bytes, Sized(U8)] = b""
    tlvs: Annotated[MessageTlvs, Tlvs(MessageTlvs)] = NO_MESSAGE_TLVS


class DeliverSmResp(Struct, frozen=True):
    """SMPP 3.4 §4.6.2: taken, or not."""

    command_status: Annotated[int, STATUS] = 0
    message_id: Annotated[str, CString(65)] = ""
    """Means nothing and should be empty; some peers send a text, some no body at all."""
    tlvs: Annotated[ResponseTlvs, Tlvs(ResponseTlvs)] = NO_RESPONSE_TLVS
    """Not in 3.4; peers that speak 5.0 add them."""


class DataSm(Struct, frozen=True):
    """SMPP 3.4 §4.7.1: a message in either direction whose content is in the TLV message_payload."""

    service_type: Annotated[str, CString(6)] = ""
    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(65)] = ""
    dest_addr_ton: Annotated[int, U8] = 0
    dest_addr_npi: Annotated[int, U8] = 0
    destination_addr: Annotated[str, CString(65)] = ""
    esm_class: Annotated[int, U8] = 0
    registered_delivery: Annotated[int, U8] = 0
    data_coding: Annotated[int, U8] = 0
    tlvs: Annotated[MessageTlvs, Tlvs(MessageTlvs)] = NO_MESSAGE_TLVS


class DataSmResp(Struct, frozen=True):
    """SMPP 3.4 §4.7.2."""

    command_status: Annotated[int, STATUS] = 0
    message_id: Annotated[str, CString(65)] = ""
    tlvs: Annotated[ResponseTlvs, Tlvs(ResponseTlvs)] = NO_RESPONSE_TLVS


class QuerySm(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.8.1: what has become of a message; the source must be the one that it was sent with."""

    message_id: Annotated[str, CString(65)]
    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(21)] = ""


class QuerySmResp(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.8.2."""

    command_status: Annotated[int, STATUS] = 0
    message_id: Annotated[str, CString(65)] = ""
    final_date: Annotated[str, CString(17)] = ""
    """Empty until the state is final."""
    message_state: Annotated[int, U8] = 0
    error_code: Annotated[int, U8] = 0


class CancelSm(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.9.1: a message is to be withdrawn; with an empty id all of those from source to destination."""

    service_type: Annotated[str, CString(6)] = ""
    message_id: Annotated[str, CString(65)] = ""
    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(21)] = ""
    dest_addr_ton: Annotated[int, U8] = 0
    dest_addr_npi: Annotated[int, U8] = 0
    destination_addr: Annotated[str, CString(21)] = ""


class CancelSmResp(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.9.2."""

    command_status: Annotated[int, STATUS] = 0


class ReplaceSm(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.10.1: another text for a message that has not left yet."""

    message_id: Annotated[str, CString(65)]
    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(21)] = ""
    schedule_delivery_time: Annotated[str, CString(17)] = ""
    validity_period: Annotated[str, CString(17)] = ""
    registered_delivery: Annotated[int, U8] = 0
    sm_default_msg_id: Annotated[int, U8] = 0
    short_message: Annotated[bytes, Sized(U8)] = b""


class ReplaceSmResp(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.10.2."""

    command_status: Annotated[int, STATUS] = 0


class EnquireLink(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.11.1: are you there."""


class EnquireLinkResp(Struct, frozen=True, gc=False):
    """SMPP 3.4 §4.11.2: yes."""

    command_status: Annotated[int, STATUS] = 0


class AlertNotification(Struct, frozen=True):
    """SMPP 3.4 §4.12.1: a phone can be reached again. Has no response."""

    source_addr_ton: Annotated[int, U8] = 0
    source_addr_npi: Annotated[int, U8] = 0
    source_addr: Annotated[str, CString(65)] = ""
    esme_addr_ton: Annotated[int, U8] = 0
    esme_addr_npi: Annotated[int, U8] = 0
    esme_addr: Annotated[str, CString(65)] = ""
    tlvs: Annotated[AlertTlvs, Tlvs(AlertTlvs)] = NO_ALERT_TLVS
