"""Every captured frame reads as what is in it and is written again to the same octets."""

import pytest

from hongyan.wire.smpp.destinations import Address, DistributionList, Unsuccessful
from hongyan.wire.smpp.dialect import PDUS, SMPP
from hongyan.wire.smpp.pdus import (
    V34,
    AlertNotification,
    BindTransmitterResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
)
from hongyan.wire.smpp.receipt import receipt_of

from .golden import Golden
from .golden_smpp import SMPP_CAPTURED, SMPP_GOLDENS

EVERY = pytest.mark.parametrize("golden", SMPP_GOLDENS, ids=lambda golden: golden.name)
RECEIPTS = [golden for golden in SMPP_CAPTURED if golden.entry["pdu"] == "deliver_sm_receipt"]


def named(pdu: str) -> Golden:
    return next(golden for golden in SMPP_GOLDENS if golden.entry["pdu"] == pdu)


@EVERY
def test_a_frame_reads_as_its_fields(golden: Golden) -> None:
    pdu = golden.decode()

    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name
    assert getattr(pdu, "command_status", 0) == golden.entry["fields"]["command_status"]


@EVERY
def test_a_frame_is_written_again_to_the_octet(golden: Golden) -> None:
    assert SMPP.codec(V34).encode(golden.decode(), golden.sequence) == golden.frame


def test_every_pdu_has_a_vector() -> None:
    assert {golden.command for golden in SMPP_GOLDENS} == set(PDUS)


@pytest.mark.parametrize("golden", RECEIPTS, ids=lambda golden: golden.name)
def test_a_captured_receipt_names_its_message_and_its_state(golden: Golden) -> None:
    deliver = golden.decode()
    assert isinstance(deliver, DeliverSm)

    receipt = receipt_of(deliver)

    assert receipt is not None
    assert receipt.message_id in {"1176332709", "npm00000001"}
    assert (receipt.stat, receipt.submit_date, receipt.done_date) == ("DELIVRD", "2511221200", "2511221201")
    assert (receipt.err, receipt.sub, receipt.dlvrd, receipt.text) == ("000", "001", "001", "hello")


def test_captured_texts_from_phones_are_no_receipts() -> None:
    replies = [golden.decode() for golden in SMPP_CAPTURED if golden.entry["pdu"] == "deliver_sm_mo"]

    assert len(replies) == 2
    for reply in replies:
        assert isinstance(reply, DeliverSm)
        assert receipt_of(reply) is None


def test_tagged_parameters_are_read_by_name() -> None:
    sar, payload = named("submit_sm_sar").decode(), named("submit_sm_message_payload").decode()
    assert isinstance(sar, SubmitSm)
    assert isinstance(payload, SubmitSm)

    assert (sar.tlvs.sar_msg_ref_num, sar.tlvs.sar_total_segments, sar.tlvs.sar_segment_seqnum) == (300, 2, 1)
    assert payload.tlvs.message_payload is not None
    assert payload.tlvs.message_payload.decode("utf-16-be") == "用message_payload承载的长短信"


def test_parameters_of_responses_and_alerts_are_read_by_name() -> None:
    bound, refused = named("bind_transmitter_resp").decode(), named("data_sm_resp").decode()
    alert, data = named("alert_notification").decode(), named("data_sm").decode()
    assert isinstance(bound, BindTransmitterResp)
    assert isinstance(refused, DataSmResp)
    assert isinstance(alert, AlertNotification)
    assert isinstance(data, DataSm)

    assert bound.tlvs.sc_interface_version == 0x34
    assert (refused.command_status, refused.tlvs.network_error_code) == (0xFE, b"\x03\x00\x22")
    assert refused.tlvs.delivery_failure_reason == 0
    assert alert.tlvs.ms_availability_status == 0
    assert data.tlvs.message_payload == "你好".encode("utf-16-be")


def test_a_submit_to_many_names_phones_lists_and_those_refused() -> None:
    submit, response = named("submit_multi").decode(), named("submit_multi_resp").decode()
    assert isinstance(submit, SubmitMulti)
    assert isinstance(response, SubmitMultiResp)

    assert submit.dest_address == (
        Address("8613800138000", 1, 1),
        DistributionList("friends"),
        Address("13900139000", 0, 0),
    )
    assert response.unsuccess_sme == (Unsuccessful("13900139000", 0x0B),)
