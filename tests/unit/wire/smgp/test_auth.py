"""The digests of Login and Login_Resp."""

import hashlib

import pytest

from hongyan.wire.smgp.auth import (
    Proof,
    client_digest,
    is_authentic,
    login_request,
    proof_of,
    server_digest,
)
from hongyan.wire.smgp.dialect import Quirk
from hongyan.wire.smgp.pdus import V30, Login, LoginResp

SECRET = "1234567890"
ASKED = bytes.fromhex("ebd7b9193ded19b4ce5f1ae985ea5d6c")
PROVEN = bytes.fromhex("8ea13bca2733198c98b52c303c287564")
ASKED_OF_GOSMGP = bytes.fromhex("d3fe768896917f48d34148281085fd10")
PROVEN_IN_1_OCTET = bytes.fromhex("b28f77b0a031225d8e3c433f7e1fc567")
STRICT: frozenset[Quirk] = frozenset()


def test_a_captured_digest_is_computed_again() -> None:
    assert client_digest("901234", SECRET, 1122140138) == ASKED
    assert client_digest("901234", SECRET, 1122140743) == ASKED_OF_GOSMGP


def test_a_month_below_ten_is_digested_with_its_zero() -> None:
    # The specification's example (§6.2.2): March 1, 00:00:00 is 0x11F0E540 and digested as 0301000000.
    expected = hashlib.md5(b"901234" + bytes(7) + b"secret" + b"0301000000", usedforsecurity=False).digest()

    assert client_digest("901234", "secret", 0x11F0E540) == expected


def test_a_login_of_ours_is_authentic() -> None:
    login = login_request("901234", SECRET, login_mode=2, timestamp=102030405)

    assert (login.client_id, login.login_mode, login.client_version, login.timestamp) == ("901234", 2, V30, 102030405)
    assert is_authentic(login, SECRET, STRICT)
    assert not is_authentic(login, "")


def test_an_id_that_fills_its_field_has_no_padding_to_disagree_about() -> None:
    login = login_request("90123456", SECRET, login_mode=2, timestamp=1)

    assert is_authentic(login, SECRET, STRICT)


def test_a_digest_over_the_padding_is_a_named_deviation() -> None:
    padded = Login("901234", client_digest("901234\0\0", SECRET, 102030405), 2, 102030405)

    assert is_authentic(padded, SECRET)
    assert is_authentic(padded, SECRET, frozenset({Quirk.PADDED_CLIENT_ID}))
    assert not is_authentic(padded, SECRET, STRICT)


def test_an_id_with_octets_above_ascii_is_digested_as_it_lies_on_the_wire() -> None:
    expected = hashlib.md5(b"90\xe91" + bytes(7) + b"secret" + b"0102030405", usedforsecurity=False).digest()

    assert client_digest("90é1", "secret", 102030405) == expected


def test_the_servers_digest_is_over_four_octets_of_status() -> None:
    assert server_digest(0, ASKED, SECRET) == PROVEN


@pytest.mark.parametrize(
    "asked,digest,proof,strict_proof",
    [
        (ASKED, PROVEN, Proof.MATCHES, Proof.MATCHES),
        (ASKED_OF_GOSMGP, PROVEN_IN_1_OCTET, Proof.MATCHES, Proof.DIFFERS),
        (
            ASKED,
            hashlib.md5(bytes(8) + ASKED + SECRET.encode(), usedforsecurity=False).digest(),
            Proof.MATCHES,
            Proof.DIFFERS,
        ),
        (ASKED, bytes(16), Proof.ABSENT, Proof.ABSENT),
        (ASKED, b"authserver".ljust(16, b"\0"), Proof.DIFFERS, Proof.DIFFERS),
    ],
    ids=["four octets", "one octet", "eight octets", "zeros", "constant"],
)
def test_a_status_digested_in_another_width_is_a_named_deviation(
    asked: bytes, digest: bytes, proof: Proof, strict_proof: Proof
) -> None:
    response = LoginResp(0, digest)

    assert proof_of(response, asked, SECRET) is proof
    assert proof_of(response, asked, SECRET, STRICT) is strict_proof
