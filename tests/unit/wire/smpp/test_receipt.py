"""Receipts as carriers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.smpp.pdus import DataSm, DeliverSm
from hongyan.wire.smpp.receipt import Receipt, Verdict, format_receipt, parse_receipt, receipt_of, time_of, verdict_of
from hongyan.wire.smpp.tlvs import MessageTlvs

TEXT = b"id:117 sub:001 dlvrd:001 submit date:2511221200 done date:2511221201 stat:DELIVRD err:000 text:hello"
READ = Receipt("117", "DELIVRD", "2511221200", "2511221201", "000", "001", "001", "hello")


def test_the_form_of_the_specification_is_read_and_written_to_the_octet() -> None:
    assert parse_receipt(TEXT) == READ
    assert format_receipt(READ) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        b"ID:117 SUB:001 DLVRD:001 SUBMIT DATE:2511221200 DONE DATE:2511221201 STAT:delivrd ERR:000 TEXT:hello",
        b"id:117 sub:001 dlvrd:001 submit_date:2511221200 done_date:2511221201 stat:DELIVRD err:000 Text:hello",
        b"id:117 sub:001 dlvrd:001 submitdate:2511221200 donedate:2511221201 stat:DELIVRD err:000 text:hello\0",
        b"stat:DELIVRD err:000 id:117 dlvrd:001 sub:001 done date:2511221201 submit date:2511221200 text:hello",
        b"text:hello id:117 sub:001 dlvrd:001 submit date:2511221200 done date:2511221201 stat:DELIVRD err:000",
        TEXT.replace(b":", b": ")
        .replace(b" sub", b", sub")
        .replace(b" err", b",err")
        .replace(b"DELIVRD", b"DELIVERED"),
        "".join(chr(octet) for octet in TEXT).encode("utf-16-be"),
    ],
    ids=["capitals", "underscores", "no blanks", "another order", "text first", "commas", "ucs2"],
)
def test_other_orders_cases_and_separators_are_read_the_same(text: bytes) -> None:
    assert parse_receipt(text) == READ


def test_what_people_wrote_is_not_taken_for_the_carriers_word() -> None:
    receipt = parse_receipt(b"id:117 stat:UNDELIV err:001 text:id:999 stat:DELIVRD err:0")

    assert (receipt.message_id, receipt.stat, receipt.text) == ("117", "UNDELIV", "id:999 stat:DELIVRD err:0")


def test_parts_that_are_missing_are_empty() -> None:
    assert parse_receipt(b"id:117 stat:EXPIRED") == Receipt("117", "EXPIRED")
    assert parse_receipt(b"") == Receipt("", "")
    assert parse_receipt(b"TD") == Receipt("", "")


def test_an_id_keeps_its_case_and_its_leading_zeros() -> None:
    assert parse_receipt(b"id:00aBc-9f stat:DELIVRD").message_id == "00aBc-9f"


def test_only_twenty_octets_of_the_text_are_written() -> None:
    receipt = Receipt("1", "DELIVRD", text="x" * 40)

    assert format_receipt(receipt).endswith(b"text:" + b"x" * 20)


@given(
    st.builds(
        Receipt,
        message_id=st.from_regex(r"\A[0-9A-Za-z-]{1,64}\Z"),
        stat=st.sampled_from(["DELIVRD", "UNDELIV", "REJECTD", "MK:0001", "ACCEPTD"]),
        submit_date=st.from_regex(r"\A[0-9]{10}\Z"),
        done_date=st.from_regex(r"\A[0-9]{12}\Z"),
        err=st.from_regex(r"\A[0-9]{3}\Z"),
        sub=st.just("001"),
        dlvrd=st.just("000"),
        text=st.text("abc:. id", max_size=20).map(str.strip),
    )
)
def test_every_receipt_comes_back_as_it_was(receipt: Receipt) -> None:
    assert parse_receipt(format_receipt(receipt)) == receipt


@given(st.binary(max_size=300))
def test_no_octets_whatever_upset_the_reader(content: bytes) -> None:
    receipt = parse_receipt(content)

    time_of(receipt.submit_date)
    time_of(receipt.done_date)
    verdict_of(receipt.stat)


def test_a_deliver_with_the_type_of_a_receipt_is_one() -> None:
    assert receipt_of(DeliverSm(esm_class=0x04, short_message=TEXT)) == READ
    assert receipt_of(DeliverSm(esm_class=0x20, short_message=TEXT)) == READ
    assert receipt_of(DeliverSm(esm_class=0x44, short_message=bytes.fromhex("050003010101") + TEXT)) == READ


def test_a_text_from_a_phone_is_none() -> None:
    assert receipt_of(DeliverSm(short_message=b"TD")) is None
    assert receipt_of(DeliverSm(short_message=b"id:1 and so on")) is None
    assert receipt_of(DeliverSm(esm_class=0x08, short_message=TEXT)) is None


def test_an_undeclared_receipt_is_known_by_its_text_or_its_id() -> None:
    assert receipt_of(DeliverSm(short_message=TEXT)) == READ
    tlvs = MessageTlvs(receipted_message_id="117", message_state=2)
    assert receipt_of(DeliverSm(tlvs=tlvs)) == Receipt("117", "DELIVRD")


def test_tagged_parameters_go_before_the_text() -> None:
    tlvs = MessageTlvs(receipted_message_id="0x75", message_state=5, network_error_code=b"\x03\x00\x1b")

    receipt = receipt_of(DeliverSm(esm_class=4, short_message=b"id:117 stat:DELIVRD done date:2511221201", tlvs=tlvs))

    assert receipt == Receipt("0x75", "UNDELIV", done_date="2511221201", err="027")


@pytest.mark.parametrize("state", [0, 9, 255])
def test_a_state_that_nobody_knows_leaves_the_word_to_the_text(state: int) -> None:
    tlvs = MessageTlvs(message_state=state)

    receipt = receipt_of(DeliverSm(esm_class=4, short_message=TEXT, tlvs=tlvs))

    assert receipt == READ


def test_a_receipt_that_says_nothing_is_unknown_and_names_no_message() -> None:
    assert receipt_of(DeliverSm(esm_class=4, short_message=b"")) == Receipt("", "UNKNOWN")


def test_a_data_sm_carries_its_receipt_in_the_payload() -> None:
    assert receipt_of(DataSm(esm_class=4, tlvs=MessageTlvs(message_payload=TEXT))) == READ
    assert receipt_of(DataSm(esm_class=4)) == Receipt("", "UNKNOWN")


def test_only_delivered_is_success_and_two_are_not_final() -> None:
    assert verdict_of("DELIVRD") is Verdict.DELIVERED
    assert {verdict_of("ACCEPTD"), verdict_of("ENROUTE")} == {Verdict.PENDING}
    assert {verdict_of(stat) for stat in ("EXPIRED", "DELETED", "UNDELIV", "UNKNOWN", "REJECTD", "MK:0001", "")} == {
        Verdict.FAILED
    }


def test_times_are_read_with_and_without_seconds_and_nonsense_is_none() -> None:
    assert str(time_of("2511221201")) == "2025-11-22 12:01:00"
    assert str(time_of("251122120159")) == "2025-11-22 12:01:59"
    assert [time_of(digits) for digits in ("", "0000000000", "2513221201", "25112212", "２５１１２２１２０１")] == [
        None
    ] * 5
