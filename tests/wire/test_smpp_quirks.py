"""Known deviations are read; those that can be switched off are errors then."""

import pytest

from hongyan.wire.errors import DecodeError
from hongyan.wire.smpp.dialect import SWITCHABLE, Quirk, speak
from hongyan.wire.smpp.pdus import V34, DeliverSm, DeliverSmResp, SubmitSmResp
from hongyan.wire.smpp.receipt import receipt_of

from .golden import Golden
from .golden_smpp import SMPP_QUIRKS

EVERY = pytest.mark.parametrize("golden", SMPP_QUIRKS, ids=lambda golden: golden.name)
SWITCHED = [golden for golden in SMPP_QUIRKS if Quirk(golden.entry["quirk"]) in SWITCHABLE]
STRICT = speak(frozenset())


@EVERY
def test_a_tolerated_deviation_reads_as_its_fields(golden: Golden) -> None:
    pdu = golden.decode()

    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name
    assert getattr(pdu, "command_status", 0) == golden.entry["fields"]["command_status"]


@EVERY
def test_a_deviation_is_tolerated_by_its_own_name(golden: Golden) -> None:
    dialect = speak(frozenset({Quirk(golden.entry["quirk"])}))

    dialect.codec(V34).decode(golden.command, golden.body, golden.words[2])


@pytest.mark.parametrize("golden", SWITCHED, ids=lambda golden: golden.name)
def test_a_deviation_is_an_error_to_a_dialect_that_does_not_tolerate_it(golden: Golden) -> None:
    with pytest.raises(DecodeError):
        STRICT.codec(V34).decode(golden.command, golden.body, golden.words[2])


def test_every_quirk_has_its_vector() -> None:
    assert {golden.entry["quirk"] for golden in SMPP_QUIRKS} == {quirk.value for quirk in Quirk}


def test_parameters_that_a_response_should_not_have_are_kept() -> None:
    responses = [golden.decode() for golden in SMPP_QUIRKS if golden.entry["quirk"] == "tlvs_in_response"]
    submit, deliver = responses
    assert isinstance(submit, SubmitSmResp)
    assert isinstance(deliver, DeliverSmResp)

    assert submit.tlvs.additional_status_info_text == "ok"
    assert deliver.tlvs.others == ((0x1400, b"\x01"),)


def test_a_receipt_whose_parameter_lacks_its_nul_names_its_message() -> None:
    [golden] = [golden for golden in SMPP_QUIRKS if golden.entry["quirk"] == "unterminated_tlv"]
    deliver = golden.decode()
    assert isinstance(deliver, DeliverSm)

    assert deliver.tlvs.receipted_message_id == "117"
    receipt = receipt_of(deliver)
    assert receipt is not None
    assert (receipt.message_id, receipt.stat) == ("117", "DELIVRD")


def test_an_error_of_ours_has_no_body_unless_it_says_more_than_its_number() -> None:
    codec = STRICT.codec(V34)

    assert codec.encode(SubmitSmResp(0x58), 8).hex() == "00000010800000040000005800000008"
    assert codec.encode(SubmitSmResp(0x45, "4711"), 8).hex() == "00000015800000040000004500000008" + b"4711\0".hex()
    assert codec.encode(SubmitSmResp(0), 8).hex() == "0000001180000004000000000000000800"
    assert codec.encode(DeliverSmResp(0), 8).hex() == "0000001180000005000000000000000800"


def received(quirk: Quirk) -> list[DeliverSm]:
    found = [golden.decode() for golden in SMPP_QUIRKS if golden.entry["quirk"] == quirk.value]
    return [pdu for pdu in found if isinstance(pdu, DeliverSm)]


@pytest.mark.parametrize(
    "quirk,stats",
    [
        (Quirk.ALPHABET_OF_0, [None, None]),
        (Quirk.PLAIN_TEXT_AS_IA5, [None, "DELIVRD"]),
        (Quirk.UNDECLARED_RECEIPT, ["DELIVRD", "DELIVRD"]),
        (Quirk.RECEIPT_WORDS, ["DELIVRD"]),
        (Quirk.INTERMEDIATE_NOTIFICATION, ["ENROUTE"]),
    ],
)
def test_a_receipt_is_told_from_a_text_whatever_it_looks_like(quirk: Quirk, stats: list[str | None]) -> None:
    receipts = [receipt_of(deliver) for deliver in received(quirk)]

    assert [None if receipt is None else receipt.stat for receipt in receipts] == stats
    assert {receipt.message_id for receipt in receipts if receipt is not None} <= {"npm00000001"}
