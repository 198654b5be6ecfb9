"""Every frame that foreign implementations of SMGP sent is read as its fields and written again."""

import pytest
from msgspec import Struct, structs

from hongyan.wire.smgp import auth
from hongyan.wire.smgp.dialect import SMGP
from hongyan.wire.smgp.pdus import Deliver, Login, LoginResp, Submit
from hongyan.wire.smgp.report import decode_report, encode_report
from hongyan.wire.smgp.statuses import login_status

from .golden import Golden
from .golden_smgp import SMGP_GOLDENS

EVERY = pytest.mark.parametrize("golden", SMGP_GOLDENS, ids=lambda golden: golden.name)
LOGINS = [golden for golden in SMGP_GOLDENS if golden.entry["pdu"] == "LOGIN"]
LOGIN_RESPS = [golden for golden in SMGP_GOLDENS if golden.entry["pdu"] == "LOGIN_RESP"]
REFUSALS = [golden for golden in SMGP_GOLDENS if golden.entry["pdu"] == "LOGIN_RESP_AUTH_FAIL"]
REPORTS = [golden for golden in SMGP_GOLDENS if "report" in golden.entry["fields"]]


@EVERY
def test_a_captured_frame_reads_as_its_fields(golden: Golden) -> None:
    pdu = golden.decode()

    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name


@EVERY
def test_a_captured_frame_is_written_again_to_the_octet_but_for_the_order_of_its_tlvs(golden: Golden) -> None:
    pdu = golden.decode()

    frame = SMGP.codec(golden.version).encode(pdu, golden.sequence)

    fixed = len(golden.frame) - tlvs_size(golden)
    assert len(frame) == len(golden.frame)
    assert frame[:fixed] == golden.frame[:fixed]
    assert sorted(tlvs(frame[fixed:])) == sorted(tlvs(golden.frame[fixed:]))
    assert golden.decode_body(frame[12:]) == pdu


@pytest.mark.parametrize("golden", LOGINS, ids=lambda golden: golden.name)
def test_a_captured_login_proves_that_it_knows_the_secret(golden: Golden) -> None:
    login = golden.decode()
    assert isinstance(login, Login)
    secret = golden.entry["digest_inputs"]["shared_secret"]

    assert auth.is_authentic(login, secret, frozenset())
    assert not auth.is_authentic(login, secret + "x")
    assert auth.login_request(login.client_id, secret, login_mode=login.login_mode, timestamp=login.timestamp) == login


@pytest.mark.parametrize("golden", LOGIN_RESPS, ids=lambda golden: golden.name)
def test_a_captured_login_resp_is_proven_whatever_width_its_status_was_digested_in(golden: Golden) -> None:
    response = golden.decode()
    assert isinstance(response, LoginResp)
    asked = bytes.fromhex(golden.entry["request_authenticator"])

    assert auth.proof_of(response, asked, golden.entry["shared_secret"]) is auth.Proof.MATCHES
    assert auth.proof_of(response, asked, "another") is auth.Proof.DIFFERS


@pytest.mark.parametrize("golden", REFUSALS, ids=lambda golden: golden.name)
def test_a_captured_refusal_is_understood_whatever_its_number(golden: Golden) -> None:
    response = golden.decode()
    assert isinstance(response, LoginResp)

    assert login_status(response.status).name == "authentication_error"


@pytest.mark.parametrize("golden", REPORTS, ids=lambda golden: golden.name)
def test_a_captured_report_reads_as_its_parts(golden: Golden) -> None:
    deliver = golden.decode()
    assert isinstance(deliver, Deliver)

    report = decode_report(deliver.msg_content)

    said = {name: value for name, value in structs.asdict(report).items() if name not in {"msg_id", "text"}}
    assert said == {
        "stat": "DELIVRD",
        "sub": "001",
        "dlvrd": "001",
        "submit_date": "2511221200",
        "done_date": "2511221201",
        "err": "000",
    }
    assert report.msg_id.hex() == golden.entry["fields"]["report"]["id"]
    assert report.text.decode() == golden.entry["fields"]["report"]["rest"].partition("text:")[2].rstrip("\0")
    written = encode_report(report)
    assert len(written) == len(deliver.msg_content) == 122
    assert decode_report(written, frozenset()) == report


def test_both_spellings_of_a_reports_keywords_are_among_the_vectors() -> None:
    rests = [golden.entry["fields"]["report"]["rest"] for golden in REPORTS]
    assert {"submit date:" in rest for rest in rests} == {"submit_date:" in rest for rest in rests} == {True, False}


def tlvs_size(golden: Golden) -> int:
    return sum(4 + tlv["length"] for tlv in golden.entry["fields"].get("TLVs", []))


def tlvs(octets: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    while octets:
        size = int.from_bytes(octets[2:4], "big")
        found.append((octets[:2], octets[4 : 4 + size]))
        octets = octets[4 + size :]
    return found


def test_a_submit_without_tlvs_ends_behind_its_reserve() -> None:
    submit: Struct = Submit(dest_term_id=("13800138000",), msg_content=b"hi")

    assert len(SMGP.codec(0x30).encode(submit, 1)) == 126 + 21 + 2
