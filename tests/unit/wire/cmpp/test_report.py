"""Reports: their two widths, and times and states that are not to be trusted."""

from datetime import datetime

import pytest

from hongyan.wire.cmpp.report import Report, Verdict, decode_report, encode_report, time_of, verdict_of
from hongyan.wire.errors import DecodeError, EncodeError

REPORT = Report(1, "DELIVRD", "2511221200", "2511221201", "13800138000", 77)
HEAD = bytes.fromhex("0000000000000001") + b"DELIVRD25112212002511221201"
SHORT = HEAD + b"13800138000".ljust(21, b"\0") + b"\0\0\0\x4d"
LONG = HEAD + b"13800138000".ljust(32, b"\0") + b"\0\0\0\x4d"


def test_the_length_decides_how_wide_the_number_is() -> None:
    assert (len(SHORT), len(LONG)) == (60, 71)
    assert decode_report(SHORT) == decode_report(LONG) == REPORT


def test_a_report_is_written_in_either_width() -> None:
    assert encode_report(REPORT) == LONG
    assert encode_report(REPORT, 60) == SHORT


@pytest.mark.parametrize("size", [0, 59, 61, 70, 72])
def test_any_other_length_is_refused(size: int) -> None:
    with pytest.raises(DecodeError, match=f"Report: {size} octets instead of 60 or 71"):
        decode_report(bytes(size))


def test_a_number_that_fits_only_the_wide_form_is_named() -> None:
    with pytest.raises(EncodeError, match=r"Report\.dest_terminal_id: is 22 octets long, 21 fit"):
        encode_report(Report(1, "DELIVRD", dest_terminal_id="1" * 22), 60)


@pytest.mark.parametrize("times", [bytes(20), b" " * 20, b"\xff" * 20, b"9999999999??????????"])
def test_times_that_are_none_do_not_spoil_a_report(times: bytes) -> None:
    report = decode_report(SHORT[:15] + times + SHORT[35:])

    assert report.stat == "DELIVRD"
    assert time_of(report.submit_time) is None


def test_a_good_time_is_read_as_the_carriers_own() -> None:
    assert time_of("2511221201") == datetime(2025, 11, 22, 12, 1)  # noqa: DTZ001 - the wire names no zone
    assert time_of("2513221201") is None
    assert time_of("٢٥١١٢٢١٢٠١") is None


@pytest.mark.parametrize(
    "stat,verdict",
    [
        ("DELIVRD", Verdict.DELIVERED),
        ("ACCEPTD", Verdict.PENDING),
        ("ENROUTE", Verdict.PENDING),
        ("UNDELIV", Verdict.FAILED),
        ("EXPIRED", Verdict.FAILED),
        ("MK:0001", Verdict.FAILED),
        ("delivrd", Verdict.FAILED),
        ("", Verdict.FAILED),
    ],
)
def test_only_delivrd_is_success_and_only_two_states_are_not_final(stat: str, verdict: Verdict) -> None:
    assert verdict_of(stat) is verdict
