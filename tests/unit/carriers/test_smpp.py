"""SMPP as dispatch sees it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hongyan.carriers import PROTOCOLS, limits_of
from hongyan.carriers.protocol import Disposition, Outgoing, ReplyFields, ReportFields, Terms
from hongyan.carriers.reading import text_of
from hongyan.carriers.settings import ChannelSettings
from hongyan.carriers.smpp import SMPP_34
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import count
from hongyan.wire.errors import DecodeError
from hongyan.wire.session import Limits
from hongyan.wire.smpp.pdus import (
    AlertNotification,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    SubmitSm,
    SubmitSmResp,
)
from hongyan.wire.smpp.session import BindMode
from hongyan.wire.smpp.tlvs import NO_MESSAGE_TLVS, MessageTlvs

EXPIRES_AT = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)
RECEIPT = b"id:4711 sub:001 dlvrd:001 submit date:2511221200 done date:2511221201 stat:DELIVRD err:000 text:"


def terms(src_id: str = "10690001", **settings: Any) -> Terms:
    return Terms("901234", src_id, "CMT", ChannelSettings(**settings), "pass123")


def outgoing(content: str, recipient: int = 447700900123, extension: str = "") -> Outgoing:
    return Outgoing(recipient, content, 0x1ABCD, EXPIRES_AT, extension)


def sent(content: str, **settings: Any) -> list[SubmitSm]:
    return list(SMPP_34.submits(terms(**settings), outgoing(content)))


def reply(**given: Any) -> DeliverSm:
    fields = {"source_addr": "447700900123", "destination_addr": "10690001", "short_message": b"TD"}
    return DeliverSm(**{**fields, **given})


def reply_fields(pdu: DeliverSm | DataSm, **settings: Any) -> ReplyFields:
    fields = SMPP_34.read(pdu, terms(**settings))
    assert isinstance(fields, ReplyFields)
    return fields


def report_fields(pdu: DeliverSm | DataSm, **settings: Any) -> ReportFields:
    fields = SMPP_34.read(pdu, terms(**settings))
    assert isinstance(fields, ReportFields)
    return fields


def test_it_is_known_by_its_own_name() -> None:
    assert PROTOCOLS["smpp34"] is SMPP_34
    assert SMPP_34.name == "smpp34"


# Binding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "direction,mode",
    [("both", BindMode.TRANSCEIVER), ("send", BindMode.TRANSMITTER), ("receive", BindMode.RECEIVER)],
)
def test_a_connection_binds_as_what_it_is_for(direction: Any, mode: BindMode) -> None:
    agreed = Terms("901234", "1069", "", ChannelSettings(system_type="SMS"), "pass123", direction)

    session = SMPP_34.session(agreed, Limits(window_size=7), lambda _: 0)

    assert session.bind_mode is mode
    assert session.window_size == 7
    session.bind(0, 0.0)
    assert session.data_to_send()[16:] == b"901234\0pass123\0SMS\0\x34\0\0\0"


def test_frames_may_be_as_long_as_a_payload() -> None:
    session = SMPP_34.session(terms(), Limits(), lambda _: 0)
    session.bind(0, 0.0)

    session.receive(bytes.fromhex("00011000000000050000000000000001"), 0.0)

    assert session.events() == []


# Texts ----------------------------------------------------------------------------------------------


def test_a_short_chinese_text_is_one_submit_in_ucs2() -> None:
    [submit] = sent("你好")

    assert submit == SubmitSm(
        service_type="CMT",
        source_addr="10690001",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="447700900123",
        validity_period="261122135518000+",
        registered_delivery=1,
        data_coding=8,
        short_message=b"\x4f\x60\x59\x7d",
    )


def test_a_plain_text_goes_in_gsm_7_bit_one_septet_an_octet() -> None:
    [submit] = sent("hello @€{GSM}")

    assert (submit.data_coding, submit.short_message.hex()) == (0, "68656c6c6f20001b651b2847534d1b29")


@pytest.mark.parametrize(
    "settings,coding,octets",
    [
        ({"default_alphabet": "ascii"}, 0, b"a@{b}"),
        ({"default_alphabet": "latin1"}, 0, b"a@{b}"),
        ({"plain_coding": "ascii"}, 1, b"a@{b}"),
        ({"plain_coding": "gsm7"}, 0, b"a\0\x1b\x28b\x1b\x29"),
        ({"plain_coding": "ucs2"}, 8, "a@{b}".encode("utf-16-be")),
    ],
)
def test_the_default_alphabet_and_its_number_are_the_carriers(
    settings: dict[str, Any], coding: int, octets: bytes
) -> None:
    [submit] = sent("a@{b}", **settings)

    assert (submit.data_coding, submit.short_message) == (coding, octets)


def test_gbk_is_a_setting() -> None:
    [submit] = sent("你好abc", text_coding="gbk")

    assert (submit.data_coding, submit.short_message) == (15, b"\xc4\xe3\xba\xc3abc")


def test_what_gbk_cannot_hold_goes_in_ucs2() -> None:
    [submit] = sent("😀", text_coding="gbk")

    assert (submit.data_coding, submit.short_message.hex()) == (8, "d83dde00")


@pytest.mark.parametrize(
    "content,segments",
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("{" * 80, 1),
        ("{" * 81, 2),
        ("鸿" * 70, 1),
        ("鸿" * 71, 2),
    ],
)
def test_texts_are_cut_as_the_air_wants(content: str, segments: int) -> None:
    assert len(sent(content)) == segments
    assert count(content, limits_of("smpp34")) == segments


def test_a_long_text_goes_with_headers_of_eight_bits() -> None:
    submits = sent("鸿" * 71)

    assert [submit.short_message[:6].hex() for submit in submits] == ["050003cd0201", "050003cd0202"]
    assert [submit.esm_class for submit in submits] == [0x40, 0x40]
    assert b"".join(submit.short_message[6:] for submit in submits).decode("utf-16-be") == "鸿" * 71


def test_a_long_text_goes_with_headers_of_sixteen_bits() -> None:
    submits = sent("鸿" * 67, long_text="udh16") + sent("鸿" * 71, long_text="udh16")

    assert [submit.short_message[:7].hex() for submit in submits[1:]] == ["060804abcd0201", "060804abcd0202"]
    assert [len(submit.short_message) for submit in submits] == [134, 139, 17]


def test_a_long_text_goes_with_sar_parameters_and_no_header() -> None:
    submits = sent("a" * 161, long_text="sar")

    assert [submit.tlvs for submit in submits] == [
        MessageTlvs(sar_msg_ref_num=0xABCD, sar_total_segments=2, sar_segment_seqnum=1),
        MessageTlvs(sar_msg_ref_num=0xABCD, sar_total_segments=2, sar_segment_seqnum=2),
    ]
    assert [submit.esm_class for submit in submits] == [0, 0]
    assert [len(submit.short_message) for submit in submits] == [153, 8]


def test_a_long_text_goes_whole_as_a_payload_and_a_short_one_as_ever() -> None:
    [long] = sent("鸿" * 300, long_text="payload")
    [short] = sent("鸿" * 70, long_text="payload")

    assert (long.short_message, long.tlvs.message_payload) == (b"", ("鸿" * 300).encode("utf-16-be"))
    assert short.tlvs is NO_MESSAGE_TLVS
    assert count("鸿" * 300, limits_of("smpp34", ChannelSettings(long_text="payload"))) == 5


# Numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form,recipient,written",
    [
        ("international", 8613800138000, "8613800138000"),
        ("plus", 8613800138000, "+8613800138000"),
        ("national", 8613800138000, "13800138000"),
        ("national", 447700900123, "447700900123"),
    ],
)
def test_recipients_are_written_as_the_carrier_wants(form: str, recipient: int, written: str) -> None:
    settings = terms(number_form=form, dest_ton=2, dest_npi=8)

    [submit] = SMPP_34.submits(settings, outgoing("hi", recipient))

    assert (submit.destination_addr, submit.dest_addr_ton, submit.dest_addr_npi) == (written, 2, 8)


@pytest.mark.parametrize(
    "src_id,extension,source",
    [
        ("10690001", "", ("10690001", 0, 0)),
        ("10690001", "888", ("10690001888", 0, 0)),
        ("10690001", "123456789012345", ("10690001123456789012", 0, 0)),
        ("+85261234567", "", ("85261234567", 1, 1)),
        ("HONGYAN", "888", ("HONGYAN", 5, 0)),
        ("HONGYAN-TRAVEL", "", ("HONGYAN-TRA", 5, 0)),
    ],
)
def test_the_type_of_the_source_follows_its_form(src_id: str, extension: str, source: tuple[str, int, int]) -> None:
    [submit] = SMPP_34.submits(terms(src_id), outgoing("hi", extension=extension))

    assert (submit.source_addr, submit.source_addr_ton, submit.source_addr_npi) == source


def test_the_type_of_the_source_may_be_set() -> None:
    [submit] = sent("hi", source_ton=3, source_npi=9)

    assert (submit.source_addr_ton, submit.source_addr_npi) == (3, 9)


def test_an_extension_is_cut_to_what_the_carrier_allows() -> None:
    agreed = terms(extension_digits_max=2)

    [submit] = SMPP_34.submits(agreed, outgoing("hi", extension="888"))

    assert submit.source_addr == "1069000188"


# Answers --------------------------------------------------------------------------------------------


def test_status_0_means_taken_and_names_the_message() -> None:
    verdict = SMPP_34.judge(1, SubmitSmResp(message_id="a0B1"), terms())

    assert (verdict.disposition, verdict.result, verdict.carrier_message_id) == (Disposition.TAKEN, 0, "a0B1")


def test_a_carrier_that_gives_no_id_has_taken_it_all_the_same() -> None:
    verdict = SMPP_34.judge(1, SubmitSmResp(), terms())

    assert (verdict.disposition, verdict.carrier_message_id) == (Disposition.TAKEN, None)


@pytest.mark.parametrize(
    "code,disposition,slows_down",
    [
        (0x08, Disposition.LATER, False),
        (0x14, Disposition.LATER, True),
        (0x58, Disposition.LATER, True),
        (0x0B, Disposition.REFUSED, False),
        (0x45, Disposition.REFUSED, False),
        (0x400, Disposition.REFUSED, False),
    ],
)
def test_a_refusal_says_what_to_do(code: int, disposition: Disposition, *, slows_down: bool) -> None:
    for response in (SubmitSmResp(code), GenericNack(code)):
        verdict = SMPP_34.judge(1, response, terms())

        assert (verdict.disposition, verdict.result, verdict.slows_down) == (disposition, code, slows_down)
        assert verdict.carrier_message_id is None
        assert verdict.meaning == SMPP_34.status(code).chinese


def test_a_generic_nack_without_an_error_is_one_all_the_same() -> None:
    verdict = SMPP_34.judge(1, GenericNack(0), terms())

    assert (verdict.disposition, verdict.result, verdict.meaning) == (Disposition.REFUSED, 0xFF, "未知错误")


# Reports --------------------------------------------------------------------------------------------


def test_a_receipt_names_its_message_and_its_recipient() -> None:
    deliver = reply(esm_class=4, short_message=RECEIPT)

    assert report_fields(deliver) == ReportFields("4711", "DELIVRD", 447700900123)


def test_a_receipt_may_come_by_data_sm_and_by_parameters_alone() -> None:
    data = DataSm(
        source_addr="447700900123", esm_class=4, tlvs=MessageTlvs(receipted_message_id="4711", message_state=8)
    )

    assert report_fields(data) == ReportFields("4711", "REJECTD", 447700900123)


@pytest.mark.parametrize(
    "form,responded,reported",
    [
        ("same", "00aB", "00aB"),
        ("hex_to_decimal", "1A2b", "6699"),
        ("hex_to_decimal", "00001a2B", "0000006699"),
        ("decimal_to_hex", "6699", "1a2B"),
        ("decimal_to_hex", "0000006699", "0x1A2B"),
        ("hex_to_decimal", "not-a-number", "not-a-number"),
        ("decimal_to_hex", "²", "²"),
    ],
)
def test_an_id_is_the_same_however_response_and_receipt_write_it(form: str, responded: str, reported: str) -> None:
    agreed = terms(id_form=form)
    deliver = reply(esm_class=4, tlvs=MessageTlvs(receipted_message_id=reported, message_state=2))

    fields = SMPP_34.read(deliver, agreed)

    assert isinstance(fields, ReportFields)
    assert fields.carrier_message_id == SMPP_34.judge(1, SubmitSmResp(message_id=responded), agreed).carrier_message_id


def test_a_receipt_with_both_ends_as_submitted_is_about_its_destination() -> None:
    deliver = DeliverSm(source_addr="10690001888", destination_addr="447700900123", esm_class=4, short_message=RECEIPT)

    assert report_fields(deliver).recipient == 447700900123


def test_a_receipt_that_names_no_message_is_malformed() -> None:
    with pytest.raises(DecodeError):
        SMPP_34.read(reply(esm_class=4, short_message=b"stat:DELIVRD"), terms())


# Replies --------------------------------------------------------------------------------------------


def test_a_reply_names_its_phone_and_the_number_that_was_dialled() -> None:
    fields = reply_fields(reply(short_message=b"\x4f\x60", data_coding=8, destination_addr="+10690001888"))

    assert fields == ReplyFields(
        from_number=447700900123, destination="10690001888", content=b"\x4f\x60", alphabet=Alphabet.UCS2
    )


@pytest.mark.parametrize(
    "coding,settings,content,alphabet,octets",
    [
        (0, {}, b"\0", Alphabet.GSM7, b"\0"),
        (0, {"default_alphabet": "ascii"}, b"@", Alphabet.ASCII, b"@"),
        (0, {"default_alphabet": "latin1"}, b"\xe9", Alphabet.UCS2, b"\x00\xe9"),
        (1, {}, b"@", Alphabet.ASCII, b"@"),
        (3, {}, b"\xe9", Alphabet.UCS2, b"\x00\xe9"),
        (6, {}, b"\xb0", Alphabet.UCS2, b"\x04\x10"),
        (15, {}, b"\xc4\xe3", Alphabet.GBK, b"\xc4\xe3"),
        (25, {}, b"\xc4\xe3", Alphabet.GBK, b"\xc4\xe3"),
        (0xF0, {}, b"\0", Alphabet.GSM7, b"\0"),
        (0xF5, {}, b"\0", None, b"\0"),
        (2, {}, b"\0", None, b"\0"),
        (4, {}, b"\0", None, b"\0"),
        (9, {}, b"\0", None, b"\0"),
    ],
)
def test_a_reply_is_read_in_its_coding(
    coding: int, settings: dict[str, Any], content: bytes, alphabet: Alphabet | None, octets: bytes
) -> None:
    fields = reply_fields(reply(short_message=content, data_coding=coding), **settings)

    assert (fields.alphabet, fields.content) == (alphabet, octets)


@pytest.mark.parametrize(
    "coding,alphabet,content",
    [(0, "ascii", b"a@b"), (0, "latin1", b"a@b"), (0, "gsm7", b"a\0b"), (1, "gsm7", b"a@b")],
)
def test_the_same_text_is_read_from_every_carrier(coding: int, alphabet: str, content: bytes) -> None:
    fields = reply_fields(reply(short_message=content, data_coding=coding), default_alphabet=alphabet)

    assert text_of(fields.content, fields.alphabet) == "a@b"


def test_a_part_of_a_reply_is_known_by_its_header() -> None:
    fields = reply_fields(reply(esm_class=0x40, short_message=bytes.fromhex("060804012c0201") + b"hi"))

    assert (fields.concatenation, fields.content) == (Concatenation(0x12C, 2, 1), b"hi")


def test_a_part_of_a_reply_is_known_by_its_sar_parameters() -> None:
    tlvs = MessageTlvs(sar_msg_ref_num=300, sar_total_segments=2, sar_segment_seqnum=2)

    assert reply_fields(reply(tlvs=tlvs)).concatenation == Concatenation(300, 2, 2)


@pytest.mark.parametrize("total,number", [(2, None), (None, 1), (2, 0), (2, 3), (1, 1)])
def test_sar_parameters_that_make_no_part_are_passed_over(total: int | None, number: int | None) -> None:
    tlvs = MessageTlvs(sar_msg_ref_num=300, sar_total_segments=total, sar_segment_seqnum=number)

    assert reply_fields(reply(tlvs=tlvs)).concatenation is None


@pytest.mark.parametrize("pdu_class", [DeliverSm, DataSm])
def test_a_reply_may_come_as_a_payload(pdu_class: type[DeliverSm | DataSm]) -> None:
    pdu = pdu_class(
        source_addr="447700900123",
        destination_addr="10690001",
        data_coding=8,
        tlvs=MessageTlvs(message_payload="上行".encode("utf-16-be")),
    )

    assert reply_fields(pdu).content.decode("utf-16-be") == "上行"


@pytest.mark.parametrize(
    "source,ton,form,number",
    [
        ("12025550123", 1, "international", 12025550123),
        ("13800138000", 2, "international", 8613800138000),
        ("13800138000", 0, "national", 8613800138000),
        ("+447700900123", 1, "plus", 447700900123),
        ("00447700900123", 0, "international", 447700900123),
    ],
)
def test_a_phone_is_read_by_the_form_of_its_number(source: str, ton: int, form: str, number: int) -> None:
    fields = reply_fields(reply(source_addr=source, source_addr_ton=ton), number_form=form)

    assert fields.from_number == number


@pytest.mark.parametrize("source", ["", "HONGYAN", "1" * 16, "²"])
def test_a_text_from_nobody_is_dropped(source: str) -> None:
    assert SMPP_34.read(reply(source_addr=source), terms()) is None


def test_what_comes_is_acknowledged_and_alerts_are_dropped() -> None:
    assert SMPP_34.acknowledgement(reply()) == DeliverSmResp()
    assert SMPP_34.acknowledgement(DataSm()) == DataSmResp()
    assert SMPP_34.acknowledgement(AlertNotification()) is None
    assert SMPP_34.read(AlertNotification(source_addr="447700900123"), terms()) is None
