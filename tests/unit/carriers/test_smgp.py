"""SMGP as dispatch sees it."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from hongyan.carriers import PROTOCOLS, limits_of
from hongyan.carriers.protocol import Disposition, Outgoing, ReplyFields, ReportFields, Terms
from hongyan.carriers.settings import ChannelSettings
from hongyan.carriers.smgp import SMGP_30
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import count
from hongyan.wire.errors import DecodeError
from hongyan.wire.session import Limits
from hongyan.wire.smgp.pdus import Deliver, DeliverResp, SubmitResp
from hongyan.wire.smgp.report import Report, encode_report
from hongyan.wire.smgp.session import LoginMode
from hongyan.wire.smgp.tlvs import SmgpTlvs

TERMS = Terms("901234", "10690001", "SVC01", password="1234567890")
EXPIRES_AT = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)
MSG_ID = bytes.fromhex("01006101161700012345")


def outgoing(content: str, recipient: int = 8613300138000, extension: str = "") -> Outgoing:
    return Outgoing(recipient, content, 0x1AB, EXPIRES_AT, extension)


def terms_with(settings: ChannelSettings) -> Terms:
    return Terms("901234", "10690001", "SVC01", settings, "1234567890")


def report_of(stat: str = "DELIVRD", phone: str = "13300138000") -> Deliver:
    return Deliver(bytes(10), is_report=1, src_term_id=phone, msg_content=encode_report(Report(MSG_ID, stat)))


def test_a_short_chinese_text_is_one_submit_in_ucs2() -> None:
    (submit,) = SMGP_30.submits(TERMS, outgoing("你好"))

    assert (submit.msg_type, submit.need_report, submit.msg_format) == (6, 1, 8)
    assert submit.msg_content == b"\x4f\x60\x59\x7d"
    assert (submit.src_term_id, submit.service_id, submit.dest_term_id) == ("10690001", "SVC01", ("13300138000",))
    assert (submit.fee_type, submit.fee_code, submit.charge_term_id) == ("00", "000000", "")
    assert submit.valid_time == "261122215518032+"
    assert submit.tlvs == SmgpTlvs(msg_src="901234")


def test_an_ascii_text_of_140_characters_goes_alone_and_of_141_in_two() -> None:
    (alone,) = SMGP_30.submits(TERMS, outgoing("a" * 140))
    first, second = SMGP_30.submits(TERMS, outgoing("a" * 141))

    assert (alone.msg_format, alone.msg_content, alone.tlvs.tp_udhi) == (0, b"a" * 140, None)
    assert first.msg_content == bytes.fromhex("050003ab0201") + b"a" * 134
    assert second.msg_content == bytes.fromhex("050003ab0202") + b"a" * 7


def test_a_long_text_is_cut_with_headers_and_numbered_in_its_parameters() -> None:
    submits = SMGP_30.submits(TERMS, outgoing("鸿" * 71))

    assert [submit.msg_content[:6].hex() for submit in submits] == ["050003ab0201", "050003ab0202"]
    assert [submit.tlvs for submit in submits] == [
        SmgpTlvs(tp_udhi=1, pk_total=2, pk_number=number, msg_src="901234") for number in (1, 2)
    ]
    assert b"".join(submit.msg_content[6:] for submit in submits).decode("utf-16-be") == "鸿" * 71


def test_a_channel_may_send_chinese_in_gbk_as_format_15() -> None:
    settings = ChannelSettings(text_coding="gbk")
    (short,) = SMGP_30.submits(terms_with(settings), outgoing("你好"))
    parts = SMGP_30.submits(terms_with(settings), outgoing("鸿" * 71))

    assert (short.msg_format, short.msg_content) == (15, b"\xc4\xe3\xba\xc3")
    assert [len(part.msg_content) for part in parts] == [140, 14]
    assert b"".join(part.msg_content[6:] for part in parts).decode("gbk") == "鸿" * 71


def test_what_gbk_cannot_hold_goes_in_ucs2_all_the_same() -> None:
    (submit,) = SMGP_30.submits(terms_with(ChannelSettings(text_coding="gbk")), outgoing("鸿雁🕊"))

    assert (submit.msg_format, submit.msg_content) == (8, "鸿雁🕊".encode("utf-16-be"))


def test_a_wide_reference_has_sixteen_bits() -> None:
    first, _ = SMGP_30.submits(terms_with(ChannelSettings(long_text="udh16")), outgoing("鸿" * 71))

    assert first.msg_content[:7].hex() == "06080401ab0201"
    assert len(first.msg_content) == 7 + 132


def test_what_a_channel_is_charged_and_called_stands_in_each_submit() -> None:
    settings = ChannelSettings(
        fee_user_type=3, fee_type="01", fee_code="000010", fee_terminal_id="13300138000", msg_src="112233"
    )

    (submit,) = SMGP_30.submits(terms_with(settings), outgoing("hi"))

    assert (submit.fee_type, submit.fee_code, submit.charge_term_id) == ("01", "000010", "13300138000")
    assert submit.tlvs == SmgpTlvs(charge_user_type=3, msg_src="112233")


@pytest.mark.parametrize(
    "extension,digits_max,source",
    [("88", None, "1069000188"), ("8866", 2, "1069000188"), ("1" * 20, None, "10690001" + "1" * 13)],
)
def test_an_extension_follows_the_source_number_as_far_as_there_is_room(
    extension: str, digits_max: int | None, source: str
) -> None:
    settings = ChannelSettings(extension_digits_max=digits_max)

    (submit,) = SMGP_30.submits(terms_with(settings), outgoing("hi", extension=extension))

    assert submit.src_term_id == source


@pytest.mark.parametrize("mode,number", [("send", 0), ("receive", 1), ("both", 2)])
def test_a_channel_logs_in_in_its_mode(mode: str, number: int) -> None:
    settings = ChannelSettings(login_mode=mode)  # type: ignore[arg-type] # one of three by parametrization

    session = SMGP_30.session(terms_with(settings), Limits(), lambda _: 0)
    session.bind(1122140138, 0.0)

    assert session.data_to_send()[36] == number == LoginMode[mode.upper()]


@pytest.mark.parametrize("direction,number", [("send", 0), ("receive", 1)])
def test_a_channel_with_connections_for_each_way_logs_in_for_that_way(direction: str, number: int) -> None:
    terms = replace(terms_with(ChannelSettings(login_mode="each")), direction=direction)

    session = SMGP_30.session(terms, Limits(), lambda _: 0)
    session.bind(1122140138, 0.0)

    assert session.data_to_send()[36] == number


def test_status_0_means_taken_and_the_id_is_its_twenty_hexadecimal_digits() -> None:
    verdict = SMGP_30.judge(7, SubmitResp(bytes.fromhex("00274d112214070b5887")))

    assert (verdict.disposition, verdict.carrier_message_id) == (Disposition.TAKEN, "00274d112214070b5887")


@pytest.mark.parametrize("status", [1, 75])
def test_a_busy_gateway_means_later_and_slower(status: int) -> None:
    verdict = SMGP_30.judge(7, SubmitResp(bytes(10), status))

    assert (verdict.disposition, verdict.slows_down) == (Disposition.LATER, True)


@pytest.mark.parametrize("status,meaning", [(47, "非法接收用户号码(DestTermId)"), (200, "厂商自定义错误")])
def test_every_other_status_means_refused(status: int, meaning: str) -> None:
    verdict = SMGP_30.judge(7, SubmitResp(bytes(10), status))

    assert (verdict.disposition, verdict.result, verdict.carrier_message_id) == (Disposition.REFUSED, status, None)
    assert (verdict.meaning, verdict.slows_down) == (meaning, False)


@pytest.mark.parametrize("phone", ["13300138000", "8613300138000", "+8613300138000"])
def test_a_report_names_its_message_and_its_recipient_in_any_spelling(phone: str) -> None:
    assert SMGP_30.read(report_of(phone=phone), TERMS) == ReportFields(MSG_ID.hex(), "DELIVRD", 8613300138000)


def test_a_report_for_something_that_is_no_number_has_no_recipient() -> None:
    assert SMGP_30.read(report_of("UNDELIV", "pseudo"), TERMS) == ReportFields(MSG_ID.hex(), "UNDELIV", None)


def test_a_report_that_names_its_message_in_digits_means_the_same_message() -> None:
    content = encode_report(Report(MSG_ID, "DELIVRD")).replace(MSG_ID, MSG_ID.hex().encode())

    fields = SMGP_30.read(Deliver(is_report=1, src_term_id="13300138000", msg_content=content), TERMS)

    assert fields == ReportFields(MSG_ID.hex(), "DELIVRD", 8613300138000)


def test_a_report_that_names_no_message_is_malformed() -> None:
    with pytest.raises(DecodeError):
        SMGP_30.read(Deliver(is_report=1, msg_content=b"DELIVRD"), TERMS)


def test_a_text_from_a_phone_is_a_reply() -> None:
    deliver = Deliver(MSG_ID, 0, 15, "20261122120100", "13300138000", "1069000188", "退订".encode("gbk"))

    assert SMGP_30.read(deliver, TERMS) == ReplyFields(
        from_number=8613300138000,
        destination="1069000188",
        content=b"\xcd\xcb\xb6\xa9",
        alphabet=Alphabet.GBK,
        carrier_message_id=MSG_ID.hex(),
    )


@pytest.mark.parametrize(
    "udhi,concatenation,content",
    [
        (1, Concatenation(0x2A, 2, 1), b"\x4f\x60"),
        (0, None, bytes.fromhex("0500032a0201") + b"\x4f\x60"),
        (None, None, bytes.fromhex("0500032a0201") + b"\x4f\x60"),
    ],
)
def test_only_the_parameter_says_that_a_reply_begins_with_a_header(
    udhi: int | None, concatenation: Concatenation | None, content: bytes
) -> None:
    deliver = Deliver(
        msg_format=8,
        src_term_id="13300138000",
        msg_content=bytes.fromhex("0500032a0201") + b"\x4f\x60",
        tlvs=SmgpTlvs(tp_udhi=udhi),
    )

    reply = SMGP_30.read(deliver, TERMS)

    assert isinstance(reply, ReplyFields)
    assert (reply.concatenation, reply.content) == (concatenation, content)


def test_a_binary_reply_is_no_text_and_one_from_nobody_is_dropped() -> None:
    binary = SMGP_30.read(Deliver(msg_format=4, src_term_id="13300138000", msg_content=b"\x01"), TERMS)

    assert isinstance(binary, ReplyFields)
    assert binary.alphabet is None
    assert SMGP_30.read(Deliver(src_term_id="pseudo"), TERMS) is None


def test_an_acknowledgement_echoes_the_id() -> None:
    assert SMGP_30.acknowledgement(Deliver(MSG_ID)) == DeliverResp(MSG_ID, 0)


def test_channels_know_the_protocol_by_its_name() -> None:
    assert PROTOCOLS["smgp30"] is SMGP_30
    assert count("a" * 141, limits_of("smgp30")) == 2
    assert count("a" * 141, limits_of("cmpp30")) == 1
