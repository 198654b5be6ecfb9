"""CMPP as dispatch sees it."""

from datetime import UTC, datetime

import pytest

from hongyan.carriers import PROTOCOLS, limits_of
from hongyan.carriers.cmpp import CMPP_20, CMPP_30
from hongyan.carriers.protocol import Disposition, Outgoing, ReplyFields, ReportFields, Terms
from hongyan.carriers.reading import international, text_of
from hongyan.carriers.settings import ChannelSettings
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.text.segments import CMPP
from hongyan.wire.cmpp.pdus import Deliver, DeliverResp, SubmitResp
from hongyan.wire.cmpp.report import Report, encode_report
from hongyan.wire.errors import DecodeError

TERMS = Terms("901234", "10690001", "SVC01")
EXPIRES_AT = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)


def outgoing(content: str, recipient: int = 8613800138000) -> Outgoing:
    return Outgoing(recipient, content, 0x1AB, EXPIRES_AT)


def report_of(stat: str = "DELIVRD", dest: str = "13800138000", size: int = 71) -> Deliver:
    content = encode_report(Report(msg_id=42, stat=stat, dest_terminal_id=dest), size)
    return Deliver(msg_id=1, registered_delivery=1, src_terminal_id="13900139000", msg_content=content)


def test_a_short_chinese_text_is_one_submit_in_ucs2() -> None:
    (submit,) = CMPP_30.submits(TERMS, outgoing("你好"))

    assert (submit.msg_fmt, submit.msg_content, submit.tp_udhi) == (8, b"\x4f\x60\x59\x7d", 0)
    assert (submit.pk_total, submit.pk_number, submit.registered_delivery) == (1, 1, 1)
    assert (submit.msg_src, submit.src_id, submit.service_id) == ("901234", "10690001", "SVC01")
    assert submit.dest_terminal_id == ("13800138000",)


def test_an_ascii_text_goes_as_format_0() -> None:
    (submit,) = CMPP_20.submits(TERMS, outgoing("code 1234"))

    assert (submit.msg_fmt, submit.msg_content) == (0, b"code 1234")


def test_a_text_is_valid_until_it_expires_in_chinese_time() -> None:
    (submit,) = CMPP_30.submits(TERMS, outgoing("你好"))

    assert submit.valid_time == "261122215518032+"


def test_a_long_text_is_cut_with_headers_that_share_a_reference() -> None:
    submits = CMPP_30.submits(TERMS, outgoing("鸿" * 71))

    assert [submit.msg_content[:6].hex() for submit in submits] == ["050003ab0201", "050003ab0202"]
    assert [(submit.pk_total, submit.pk_number, submit.tp_udhi) for submit in submits] == [(2, 1, 1), (2, 2, 1)]
    assert b"".join(submit.msg_content[6:] for submit in submits).decode("utf-16-be") == "鸿" * 71


def test_a_foreign_number_keeps_its_country() -> None:
    (submit,) = CMPP_30.submits(TERMS, outgoing("hi", recipient=447700900123))

    assert submit.dest_terminal_id == ("447700900123",)


def test_result_0_means_taken_and_names_the_message() -> None:
    verdict = CMPP_30.judge(1, SubmitResp(2**63 + 5, 0))

    assert (verdict.disposition, verdict.carrier_message_id) == (Disposition.TAKEN, "9223372036854775813")


def test_flow_control_means_later_and_everything_else_refused() -> None:
    assert CMPP_30.judge(1, SubmitResp(0, 8)).disposition is Disposition.LATER
    refused = CMPP_30.judge(1, SubmitResp(0, 13))
    assert (refused.disposition, refused.result, refused.carrier_message_id) == (Disposition.REFUSED, 13, None)
    assert refused.meaning == "Dest_terminal_Id错误"


@pytest.mark.parametrize("size", [60, 71])
@pytest.mark.parametrize("dest", ["13800138000", "8613800138000", "+8613800138000", "008613800138000"])
def test_a_report_names_its_message_and_its_recipient_in_any_spelling(dest: str, size: int) -> None:
    fields = CMPP_30.read(report_of(dest=dest, size=size), TERMS)

    assert isinstance(fields, ReportFields)
    assert (fields.carrier_message_id, fields.stat, fields.recipient) == ("42", "DELIVRD", 8613800138000)


def test_a_report_without_a_number_is_about_whom_it_comes_from() -> None:
    fields = CMPP_30.read(report_of(dest=""), TERMS)

    assert isinstance(fields, ReportFields)
    assert fields.recipient == 8613900139000


def test_a_report_for_something_that_is_no_number_has_no_recipient() -> None:
    fields = CMPP_30.read(report_of(dest="pseudo-id"), TERMS)

    assert isinstance(fields, ReportFields)
    assert fields.recipient is None


@pytest.mark.parametrize("dest", ["9" * 16, "9" * 32, "１３８００１３８０００", "-1", "+", "²"])
def test_a_report_for_more_digits_than_a_number_has_names_no_recipient(dest: str) -> None:
    deliver = Deliver(registered_delivery=1, msg_content=encode_report(Report(42, "DELIVRD")), src_terminal_id="x")
    assert international(dest) is None
    assert CMPP_30.read(deliver, TERMS) is not None


def test_the_longest_number_is_fifteen_digits() -> None:
    assert international("999999999999999") == 999_999_999_999_999


def test_a_mainland_number_that_begins_like_its_country_stays_whole() -> None:
    assert international("86138001380") == 86_138_001_380


def test_a_number_above_chinas_is_no_national_one() -> None:
    (submit,) = CMPP_30.submits(TERMS, outgoing("hi", recipient=8801712345678))

    assert submit.dest_terminal_id == ("8801712345678",)


def test_a_report_of_a_strange_length_is_malformed() -> None:
    with pytest.raises(DecodeError):
        CMPP_30.read(Deliver(registered_delivery=1, msg_content=b"DELIVRD"), TERMS)


def test_a_text_from_a_phone_is_a_reply_to_the_number_dialled() -> None:
    deliver = Deliver(msg_id=9, dest_id="1069000112", src_terminal_id="8613800138000", msg_content=b"TD")

    assert CMPP_30.read(deliver, TERMS) == ReplyFields(
        from_number=8613800138000,
        destination="1069000112",
        content=b"TD",
        alphabet=Alphabet.ASCII,
        carrier_message_id="9",
    )


def test_a_part_of_a_long_reply_says_which_it_is() -> None:
    content = bytes.fromhex("050003070201") + "退订".encode("utf-16-be")
    deliver = Deliver(src_terminal_id="13800138000", tp_udhi=1, msg_fmt=8, msg_content=content)

    reply = CMPP_30.read(deliver, TERMS)

    assert isinstance(reply, ReplyFields)
    assert reply.concatenation == Concatenation(7, 2, 1)
    assert text_of(reply.content, reply.alphabet) == "退订"


def test_a_reply_from_nobody_is_dropped() -> None:
    assert CMPP_30.read(Deliver(src_terminal_id="anonymous", msg_content=b"TD"), TERMS) is None


def test_octets_that_are_not_what_they_claim_are_still_shown() -> None:
    assert text_of("退订".encode("gbk"), Alphabet.ASCII) == "退订"
    assert text_of(b"\x01\xff", None) == "01ff"


def test_the_settings_of_a_channel_are_in_every_submit() -> None:
    settings = ChannelSettings(
        text_coding="gbk", long_text="udh16", fee_type="02", fee_code="000010", msg_src="900001", fee_user_type=0
    )
    terms = Terms("901234", "10690001", "SVC01", settings)

    submits = CMPP_30.submits(terms, outgoing("鸿" * 71))

    assert [(s.msg_fmt, s.fee_type, s.fee_code, s.msg_src, s.fee_user_type) for s in submits] == [
        (15, "02", "000010", "900001", 0)
    ] * 2
    assert [s.msg_content[:7].hex() for s in submits] == ["06080401ab0201", "06080401ab0202"]
    assert b"".join(s.msg_content[7:] for s in submits).decode("gbk") == "鸿" * 71


@pytest.mark.parametrize("digits_max, source", [(None, "106900015678901234567"), (3, "10690001567"), (0, "10690001")])
def test_the_sender_is_the_channels_number_and_as_much_extension_as_fits(digits_max: int | None, source: str) -> None:
    terms = Terms("901234", "10690001", "", ChannelSettings(extension_digits_max=digits_max))
    message = Outgoing(8613800138000, "hi", 1, EXPIRES_AT, "56789012345678901234")

    assert CMPP_30.submits(terms, message)[0].src_id == source


def test_terms_do_not_show_their_password() -> None:
    assert "sesame" not in repr(Terms("901234", "10690001", "", password="sesame"))


def test_an_acknowledgement_echoes_the_id() -> None:
    assert CMPP_30.acknowledgement(Deliver(msg_id=77)) == DeliverResp(77)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_is_known_by_its_own_name(name: str) -> None:
    assert PROTOCOLS[name].name == name


def test_cmpp_cuts_texts_where_gateways_do() -> None:
    assert limits_of("cmpp20") == limits_of("cmpp30") == CMPP
