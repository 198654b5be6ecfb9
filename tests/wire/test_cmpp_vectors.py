"""Every captured frame reads as what is in it and is written again to the same octets."""

import pytest
from msgspec import structs

from hongyan.wire.cmpp import auth
from hongyan.wire.cmpp.dialect import CMPP
from hongyan.wire.cmpp.msg_id import MsgId, split
from hongyan.wire.cmpp.pdus import Connect, ConnectResp, Deliver
from hongyan.wire.cmpp.report import decode_report, encode_report

from .golden import CMPP_GOLDENS, Golden

EVERY = pytest.mark.parametrize("golden", CMPP_GOLDENS, ids=lambda golden: golden.name)
CONNECTS = [golden for golden in CMPP_GOLDENS if golden.entry["pdu"] == "CONNECT"]
CONNECT_RESPS = [golden for golden in CMPP_GOLDENS if golden.entry["pdu"] == "CONNECT_RESP"]
REPORTS = [golden for golden in CMPP_GOLDENS if "report" in golden.entry["fields"]]
WITH_MSG_ID = [golden for golden in CMPP_GOLDENS if isinstance(golden.entry["fields"].get("Msg_Id"), dict)]


@EVERY
def test_a_captured_frame_reads_as_its_fields(golden: Golden) -> None:
    pdu = golden.decode()

    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name


@EVERY
def test_a_captured_frame_is_written_again_to_the_octet(golden: Golden) -> None:
    assert CMPP.codec(golden.version).encode(golden.decode(), golden.sequence) == golden.frame


@pytest.mark.parametrize("golden", CONNECTS, ids=lambda golden: golden.name)
def test_a_captured_connect_proves_that_it_knows_the_secret(golden: Golden) -> None:
    connect = golden.decode()
    assert isinstance(connect, Connect)
    secret = golden.entry["digest_inputs"]["shared_secret"]

    assert auth.is_authentic(connect, secret)
    assert not auth.is_authentic(connect, secret + "x")
    assert (
        auth.connect_request(connect.source_addr, secret, timestamp=connect.timestamp, version=connect.version)
        == connect
    )


@pytest.mark.parametrize("golden", CONNECT_RESPS, ids=lambda golden: golden.name)
def test_a_captured_connect_resp_is_proven_whatever_width_its_status_was_digested_in(golden: Golden) -> None:
    response = golden.decode()
    assert isinstance(response, ConnectResp)
    asked = bytes.fromhex(golden.entry["request_authenticator"])

    assert auth.proof_of(response, asked, golden.entry["shared_secret"]) is auth.Proof.MATCHES
    assert auth.proof_of(response, asked, "another") is auth.Proof.DIFFERS


@pytest.mark.parametrize("golden", REPORTS, ids=lambda golden: golden.name)
def test_a_captured_report_reads_as_its_fields_and_is_written_again(golden: Golden) -> None:
    deliver = golden.decode()
    assert isinstance(deliver, Deliver)
    expected = golden.entry["fields"]["report"]

    report = decode_report(deliver.msg_content)

    assert structs.asdict(report) == {
        "msg_id": int(expected["Msg_Id"]["u64"]),
        "stat": expected["Stat"],
        "submit_time": expected["Submit_time"],
        "done_time": expected["Done_time"],
        "dest_terminal_id": expected["Dest_terminal_Id"],
        "smsc_sequence": expected["SMSC_sequence"],
    }
    assert encode_report(report, expected["length"]) == deliver.msg_content


@pytest.mark.parametrize("golden", WITH_MSG_ID, ids=lambda golden: golden.name)
def test_a_captured_msg_id_comes_apart_into_its_parts(golden: Golden) -> None:
    expected = golden.entry["fields"]["Msg_Id"]

    assert split(int(expected["u64"])) == MsgId(
        month=expected["month"],
        day=expected["day"],
        hour=expected["hour"],
        minute=expected["minute"],
        second=expected["second"],
        gateway=expected["gateway"],
        sequence=expected["seq"],
    )


def test_both_widths_of_a_report_are_among_the_vectors() -> None:
    assert {golden.entry["fields"]["report"]["length"] for golden in REPORTS} == {60, 71}
