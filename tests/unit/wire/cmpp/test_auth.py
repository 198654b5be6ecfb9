"""The digests of CONNECT and CONNECT_RESP."""

import pytest

from hongyan.wire.cmpp.auth import (
    Proof,
    connect_request,
    is_authentic,
    ismg_digest,
    proof_of,
    source_digest,
)
from hongyan.wire.cmpp.pdus import V20, V30, Connect, ConnectResp

SECRET = "1234567890"
ASKED_IN_V20 = bytes.fromhex("adc763135a6b73ad60323aad64356cd1")
ASKED_IN_V30 = bytes.fromhex("62aae4b0e499aa0224e51a2719cbec4e")
PROVEN_IN_V20 = bytes.fromhex("f3a85d9bcc0c7c3654e1d2dc079e97b3")
PROVEN_IN_V30 = bytes.fromhex("c901fbcd6a058cdc55734cb3d96b3d4d")


def test_a_captured_digest_is_computed_again() -> None:
    assert source_digest("901234", SECRET, 1122140442) == ASKED_IN_V20
    assert source_digest("901234", SECRET, 1122140508) == ASKED_IN_V30


def test_a_month_below_ten_is_digested_with_its_zero() -> None:
    # MD5 of "901234", nine NULs, "secret" and "0102030405"
    assert source_digest("901234", "secret", 102030405).hex() == "1c39df8b9c01798a8f35c3c785cf91ce"


def test_a_connect_of_ours_is_authentic() -> None:
    connect = connect_request("901234", SECRET, timestamp=102030405, version=V30)

    assert (connect.source_addr, connect.version, connect.timestamp) == ("901234", V30, 102030405)
    assert is_authentic(connect, SECRET)
    assert not is_authentic(connect, "")


def test_a_short_address_may_be_digested_with_or_without_its_padding() -> None:
    bare = source_digest("123", SECRET, 102030405)
    padded = source_digest("123\0\0\0", SECRET, 102030405)

    assert bare != padded
    assert is_authentic(Connect("123", bare, V20, 102030405), SECRET)
    assert is_authentic(Connect("123", padded, V20, 102030405), SECRET)


def test_the_servers_digest_is_over_the_status_as_wide_as_on_the_wire() -> None:
    assert ismg_digest(0, ASKED_IN_V20, SECRET, V20) == PROVEN_IN_V20
    assert ismg_digest(0, ASKED_IN_V30, SECRET, V30) == PROVEN_IN_V30


@pytest.mark.parametrize(
    "digest,proof",
    [
        (PROVEN_IN_V20, Proof.MATCHES),
        (ismg_digest(0, ASKED_IN_V20, SECRET, V30), Proof.MATCHES),
        (bytes(16), Proof.ABSENT),
        (b"mockauth".ljust(16, b"\0"), Proof.DIFFERS),
    ],
    ids=["one octet", "four octets", "zeros", "constant"],
)
def test_either_width_of_status_proves_the_server(digest: bytes, proof: Proof) -> None:
    assert proof_of(ConnectResp(0, digest, V20), ASKED_IN_V20, SECRET) is proof
