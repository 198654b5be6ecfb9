"""The digests by which the two ends of an SMGP connection prove that they share a secret.

The time is an argument; MD5 is what the protocol prescribes, not what we would choose.
"""

import hashlib
import hmac
from enum import StrEnum
from typing import Final

from .dialect import TOLERANCES, Quirk
from .pdus import V30, Login, LoginResp

CLIENT_ID_SIZE: Final = 8


class Proof(StrEnum):
    """What a Login_Resp's digest says about the server. Never a reason to drop the session."""

    MATCHES = "matches"
    ABSENT = "absent"
    """Sixteen zero octets."""
    DIFFERS = "differs"


def login_request(client_id: str, shared_secret: str, *, login_mode: int, timestamp: int, version: int = V30) -> Login:
    """Return the Login of an SP; `timestamp` is MMDDHHMMSS as a decimal number."""
    digest = client_digest(client_id, shared_secret, timestamp)
    return Login(client_id, digest, login_mode, timestamp, version)


def client_digest(client_id: str, shared_secret: str, timestamp: int) -> bytes:
    """SMGP 3.0 §6.2.2: MD5 of the id without its padding, seven NULs, secret and the ten digits of the timestamp.

    An id that its field cannot hold is named when the Login is encoded.
    """
    return _md5(client_id.encode("latin-1", "replace") + bytes(7) + shared_secret.encode() + b"%010d" % timestamp)


def is_authentic(login: Login, shared_secret: str, quirks: frozenset[Quirk] = TOLERANCES) -> bool:
    """Tell whether a Login knows the secret, in constant time."""
    given = login.authenticator_client
    known = hmac.compare_digest(given, client_digest(login.client_id, shared_secret, login.timestamp))
    if Quirk.PADDED_CLIENT_ID in quirks:
        padded = client_digest(login.client_id.ljust(CLIENT_ID_SIZE, "\0"), shared_secret, login.timestamp)
        known |= hmac.compare_digest(given, padded)
    return known


def server_digest(status: int, authenticator_client: bytes, shared_secret: str) -> bytes:
    """SMGP 3.0 §6.2.5: MD5 of Status, as wide as on the wire, the client's digest and the secret."""
    return _md5(status.to_bytes(4, "big") + authenticator_client + shared_secret.encode())


def proof_of(
    response: LoginResp, authenticator_client: bytes, shared_secret: str, quirks: frozenset[Quirk] = TOLERANCES
) -> Proof:
    """Judge a Login_Resp's digest. Servers disagree about the width of Status in it."""
    given = response.authenticator_server
    if given == bytes(16):
        return Proof.ABSENT
    statuses = [response.status.to_bytes(4, "big")]
    if Quirk.DIGEST_WIDTH in quirks:
        statuses += [bytes([response.status & 0xFF]), response.status.to_bytes(8, "little")]
    tail = authenticator_client + shared_secret.encode()
    if any(hmac.compare_digest(given, _md5(status + tail)) for status in statuses):
        return Proof.MATCHES
    return Proof.DIFFERS


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
