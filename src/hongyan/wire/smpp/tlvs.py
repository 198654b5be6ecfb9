"""The optional parameters of SMPP 3.4 (§5.3.2), under the specification's names.

What belongs to which PDU is told in §4; peers do not keep to it, so that every message has room for all of
them. Parameters of vendors (0x1400 to 0x3FFF) and whatever else is not named here is kept in `others`.
"""

from typing import Annotated, Final

from msgspec import Struct

from hongyan.wire.fields import OCTETS, U8, U16, U32, CString, Tag, octets


class MessageTlvs(Struct, frozen=True, kw_only=True):
    """Of submit_sm (§4.4.1), submit_multi (§4.5.1), deliver_sm (§4.6.1) and data_sm (§4.7.1)."""

    dest_addr_subunit: Annotated[int | None, Tag(0x0005, U8)] = None
    """1 shows the text at once (flash)."""
    dest_network_type: Annotated[int | None, Tag(0x0006, U8)] = None
    dest_bearer_type: Annotated[int | None, Tag(0x0007, U8)] = None
    dest_telematics_id: Annotated[int | None, Tag(0x0008, U16)] = None
    source_addr_subunit: Annotated[int | None, Tag(0x000D, U8)] = None
    source_network_type: Annotated[int | None, Tag(0x000E, U8)] = None
    source_bearer_type: Annotated[int | None, Tag(0x000F, U8)] = None
    source_telematics_id: Annotated[int | None, Tag(0x0010, U8)] = None
    qos_time_to_live: Annotated[int | None, Tag(0x0017, U32)] = None
    """Seconds."""
    payload_type: Annotated[int | None, Tag(0x0019, U8)] = None
    receipted_message_id: Annotated[str | None, Tag(0x001E, CString(65))] = None
    """The message_id of submit_sm_resp."""
    ms_msg_wait_facilities: Annotated[int | None, Tag(0x0030, U8)] = None
    privacy_indicator: Annotated[int | None, Tag(0x0201, U8)] = None
    source_subaddress: Annotated[bytes | None, Tag(0x0202, OCTETS)] = None
    dest_subaddress: Annotated[bytes | None, Tag(0x0203, OCTETS)] = None
    user_message_reference: Annotated[int | None, Tag(0x0204, U16)] = None
    user_response_code: Annotated[int | None, Tag(0x0205, U8)] = None
    source_port: Annotated[int | None, Tag(0x020A, U16)] = None
    destination_port: Annotated[int | None, Tag(0x020B, U16)] = None
    sar_msg_ref_num: Annotated[int | None, Tag(0x020C, U16)] = None
    language_indicator: Annotated[int | None, Tag(0x020D, U8)] = None
    sar_total_segments: Annotated[int | None, Tag(0x020E, U8)] = None
    sar_segment_seqnum: Annotated[int | None, Tag(0x020F, U8)] = None
    """From 1."""
    callback_num_pres_ind: Annotated[int | None, Tag(0x0302, U8)] = None
    callback_num_atag: Annotated[bytes | None, Tag(0x0303, OCTETS)] = None
    number_of_messages: Annotated[int | None, Tag(0x0304, U8)] = None
    callback_num: Annotated[bytes | None, Tag(0x0381, OCTETS)] = None
    set_dpf: Annotated[int | None, Tag(0x0421, U8)] = None
    ms_availability_status: Annotated[int | None, Tag(0x0422, U8)] = None
    network_error_code: Annotated[bytes | None, Tag(0x0423, octets(3))] = None
    """The kind of network, then its code."""
    message_payload: Annotated[bytes | None, Tag(0x0424, OCTETS)] = None
    """The content, in place of short_message."""
    more_messages_to_send: Annotated[int | None, Tag(0x0426, U8)] = None
    message_state: Annotated[int | None, Tag(0x0427, U8)] = None
    ussd_service_op: Annotated[int | None, Tag(0x0501, U8)] = None
    display_time: Annotated[int | None, Tag(0x1201, U8)] = None
    sms_signal: Annotated[int | None, Tag(0x1203, U16)] = None
    ms_validity: Annotated[int | None, Tag(0x1204, U8)] = None
    alert_on_message_delivery: Annotated[bytes | None, Tag(0x130C, OCTETS)] = None
    """Empty in 3.4: that it is there says all."""
    its_reply_type: Annotated[int | None, Tag(0x1380, U8)] = None
    its_session_info: Annotated[int | None, Tag(0x1383, U16)] = None
    others: tuple[tuple[int, bytes], ...] = ()


class BindRespTlvs(Struct, frozen=True, kw_only=True):
    """Of bind_transmitter_resp, bind_receiver_resp and bind_transceiver_resp (§4.1.2)."""

    sc_interface_version: Annotated[int | None, Tag(0x0210, U8)] = None
    others: tuple[tuple[int, bytes], ...] = ()


class ResponseTlvs(Struct, frozen=True, kw_only=True):
    """Of data_sm_resp (§4.7.2), and of the other responses to messages where gateways of later versions add them."""

    additional_status_info_text: Annotated[str | None, Tag(0x001D, CString(256))] = None
    dpf_result: Annotated[int | None, Tag(0x0420, U8)] = None
    network_error_code: Annotated[bytes | None, Tag(0x0423, octets(3))] = None
    delivery_failure_reason: Annotated[int | None, Tag(0x0425, U8)] = None
    others: tuple[tuple[int, bytes], ...] = ()


class AlertTlvs(Struct, frozen=True, kw_only=True):
    """Of alert_notification (§4.12.1)."""

    ms_availability_status: Annotated[int | None, Tag(0x0422, U8)] = None
    others: tuple[tuple[int, bytes], ...] = ()


NO_MESSAGE_TLVS: Final = MessageTlvs()
NO_BIND_RESP_TLVS: Final = BindRespTlvs()
NO_RESPONSE_TLVS: Final = ResponseTlvs()
NO_ALERT_TLVS: Final = AlertTlvs()
