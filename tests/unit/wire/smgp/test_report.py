"""Reports: ids that look like anything, keywords as gateways write them, and parts that are missing."""

import pytest

from hongyan.wire.errors import DecodeError, EncodeError
from hongyan.wire.smgp.dialect import Quirk
from hongyan.wire.smgp.report import Report, decode_report, encode_report, err_meaning

MSG_ID = bytes.fromhex("01006101161700012345")
REPORT = Report(MSG_ID, "DELIVRD", "001", "001", "2511221200", "2511221201", "000", b"008hello123")
TAIL = b" sub:001 dlvrd:001 Submit date:2511221200 done date:2511221201 stat:DELIVRD err:000 Text:008hello123"
WHOLE = b"id:" + MSG_ID + TAIL + bytes(9)
STRICT: frozenset[Quirk] = frozenset()


def test_a_report_of_122_octets_reads_as_its_parts() -> None:
    assert len(WHOLE) == 122
    assert decode_report(WHOLE, STRICT) == REPORT
    assert encode_report(REPORT) == WHOLE


@pytest.mark.parametrize("msg_id", [b" " * 10, b"::stat:  :", bytes(10), b"\xff" * 10, b"\n" * 10, b"0123456789"])
def test_an_id_may_hold_anything(msg_id: bytes) -> None:
    assert decode_report(b"id:" + msg_id + TAIL + bytes(9), STRICT).msg_id == msg_id


@pytest.mark.parametrize("text", [b" stat:UNDELIV err:1\0", b"\n" * 20, "003退订".encode("gbk")])
def test_a_text_may_hold_anything(text: bytes) -> None:
    report = decode_report(WHOLE[:-20] + text.ljust(20, b"\0"), STRICT)

    assert (report.stat, report.err, report.text) == ("DELIVRD", "000", text.rstrip(b"\0"))


@pytest.mark.parametrize(
    "keywords",
    [
        (b"submit date:", b"done date:", b"text:"),
        (b"submit_date:", b"done_date:", b"text:"),
        (b"SUBMIT DATE:", b"DONE DATE:", b"TEXT:"),
    ],
    ids=["small", "underscores", "capitals"],
)
def test_keywords_are_read_in_any_spelling_that_is_tolerated(keywords: tuple[bytes, bytes, bytes]) -> None:
    submit, done, text = keywords
    content = WHOLE.replace(b"Submit date:", submit).replace(b"done date:", done).replace(b"Text:", text)

    assert decode_report(content) == REPORT
    assert decode_report(content, frozenset({Quirk.REPORT_KEYWORDS})) == REPORT
    with pytest.raises(DecodeError):
        decode_report(content, STRICT)


@pytest.mark.parametrize("digits", [b"01006101161700012345", b"00274D112214070B5887", b"00274d112214070b5887"])
def test_an_id_may_be_twenty_hexadecimal_digits(digits: bytes) -> None:
    content = b"id:" + digits + TAIL + bytes(9)

    assert decode_report(content).msg_id.hex() == digits.decode().lower()
    assert decode_report(content, frozenset({Quirk.REPORT_ID_AS_TEXT})).stat == "DELIVRD"
    with pytest.raises(DecodeError):
        decode_report(content, STRICT)


@pytest.mark.parametrize("cut", [len(WHOLE) - 20, len(WHOLE) - 26, len(WHOLE) - 34, 118])
def test_parts_at_the_end_may_be_missing(cut: int) -> None:
    report = decode_report(WHOLE[:cut])

    assert (report.msg_id, report.stat, report.done_date) == (MSG_ID, "DELIVRD", "2511221201")
    with pytest.raises(DecodeError):
        decode_report(WHOLE[:cut], STRICT)


def test_parts_of_other_widths_are_read_by_their_keywords() -> None:
    content = b"id:" + MSG_ID + b" stat:UNDELIV submit date:20251122120000 err:1234 sub:1 text: stat:DELIVRD"

    assert decode_report(content) == Report(
        MSG_ID, "UNDELIV", sub="1", submit_date="20251122120000", err="1234", text=b" stat:DELIVRD"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id:",
        b"id:" + MSG_ID,
        b"id:" + MSG_ID + b" ",
        b"id:" + MSG_ID + b" sub:001 err:000",
        b"id:" + MSG_ID + b" text: stat:DELIVRD",
        b"id:" + MSG_ID + TAIL.replace(b"DELIVRD", b"       ") + bytes(9),
        b"id:zz006101161700012345" + TAIL,
        b"id:0100 6101 1617 00 01" + TAIL,
        b"no:" + MSG_ID + TAIL,
        bytes(122),
    ],
)
def test_what_names_no_message_or_no_stat_is_refused(content: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_report(content)


@pytest.mark.parametrize(
    "report,problem",
    [
        (Report(b"short", "DELIVRD"), r"Report\.msg_id: must be exactly 10 octets"),
        (Report(MSG_ID, "DELIVERED"), r"Report\.stat: is 9 octets long, 7 fit"),
        (Report(MSG_ID, "退订"), r"Report\.stat: has a character above U\+00FF"),
        (Report(MSG_ID, "DELIVRD", text=bytes(21)), r"Report\.text: is 21 octets long, 20 fit"),
    ],
)
def test_what_does_not_fit_is_named(report: Report, problem: str) -> None:
    with pytest.raises(EncodeError, match=problem):
        encode_report(report)


def test_an_err_of_the_specification_has_its_words() -> None:
    assert err_meaning("007") == "用户内存满"
    assert err_meaning("123") == ""
