"""The digests by which the two ends of a CMPP connection prove that they share a secret.

The time is an argument; MD5 is what the protocol prescribes, not what we would choose.
"""

import hashlib
import hmac
from enum import StrEnum

from .pdus import V30, Connect, ConnectResp


class Proof(StrEnum):
    """What a CONNECT_RESP's digest says about the server. Never a reason to drop the session."""

    MATCHES = "matches"
    ABSENT = "absent"
    """Sixteen zero octets, as some gateways always send."""
    DIFFERS = "differs"


def connect_request(source_addr: str, shared_secret: str, *, timestamp: int, version: int) -> Connect:
    """Return the CONNECT of an SP; `timestamp` is MMDDHHMMSS as a decimal number."""
    digest = source_digest(source_addr, shared_secret, timestamp)
    return Connect(source_addr, digest, version, timestamp)


def source_digest(source_addr: str, shared_secret: str, timestamp: int) -> bytes:
    """CMPP 3.0 §7.4.1.1: MD5 of address, nine NULs, secret and the ten digits of the timestamp."""
    return _md5(source_addr.encode() + bytes(9) + shared_secret.encode() + b"%010d" % timestamp)


def is_authentic(connect: Connect, shared_secret: str) -> bool:
    """Tell whether a CONNECT knows the secret, in constant time.

    Some clients digest an address shorter than six characters with its padding: either is right.
    """
    given = connect.authenticator_source
    bare = source_digest(connect.source_addr, shared_secret, connect.timestamp)
    padded = source_digest(connect.source_addr.ljust(6, "\0"), shared_secret, connect.timestamp)
    return hmac.compare_digest(given, bare) | hmac.compare_digest(given, padded)


def ismg_digest(status: int, authenticator_source: bytes, shared_secret: str, version: int) -> bytes:
    """CMPP 3.0 §7.4.1.2: MD5 of Status, as wide as on the wire, the client's digest and the secret."""
    return _md5(status.to_bytes(4 if version >= V30 else 1, "big") + authenticator_source + shared_secret.encode())


def proof_of(response: ConnectResp, authenticator_source: bytes, shared_secret: str) -> Proof:
    """Judge a CONNECT_RESP's digest. Gateways disagree about the width of Status in it: both are right."""
    given = response.authenticator_ismg
    if given == bytes(16):
        return Proof.ABSENT
    for width in (1, 4):
        status = (response.status & (1 << 8 * width) - 1).to_bytes(width, "big")
        if hmac.compare_digest(given, _md5(status + authenticator_source + shared_secret.encode())):
            return Proof.MATCHES
    return Proof.DIFFERS


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
