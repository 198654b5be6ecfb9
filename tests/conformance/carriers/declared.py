"""What a protocol cannot do, or a role does not, and why: said in the table rather than left out."""

from collections.abc import Iterable
from typing import Final

from .behaviours import BEHAVIOURS, PROTOCOLS, Cell, Role

_CHINESE: Final = ("cmpp20", "cmpp30", "sgip12", "smgp30")
_NOT_SGIP: Final = ("cmpp20", "cmpp30", "smgp30", "smpp34")
_ALL: Final = tuple(PROTOCOLS)
_ROLES: Final = tuple(Role)

DECLARED: Final[dict[Cell, str]] = {}
"""Cell → reason."""


def _declare(behaviours: str, protocols: Iterable[str], roles: Iterable[Role], reason: str) -> None:
    known = {behaviour.id for behaviour in BEHAVIOURS}
    for behaviour in behaviours.split():
        assert behaviour in known, behaviour
        for role in roles:
            for protocol in protocols:
                DECLARED[behaviour, protocol, role] = reason


_declare(
    "heartbeat peer-heartbeat",
    ("sgip12",),
    _ROLES,
    "SGIP 1.2 has no heartbeat (§5.1); a request that stays unanswered tells that the peer is gone",
)
_declare("submit-gsm7", _CHINESE, _ROLES, "the coding field has no value for GSM 7-bit; 0 is ASCII")
_declare("bad-version", ("sgip12",), _ROLES, "no PDU of SGIP 1.2 carries a version")
_declare(
    "bad-version",
    ("smpp34",),
    _ROLES,
    "every interface_version is let in; below 3.4 tagged parameters are left out (SMPP 3.4 §5.2.4)",
)
_declare("bind-flood", _NOT_SGIP, (Role.CLIENT,), "the SP is never asked to bind")
_declare(
    "submit-gsm7",
    ("smpp34",),
    (Role.SERVER,),
    "every text names its sender in 【】, which GSM 7-bit does not have: it is read, and refused as unsigned",
)
_declare(
    "bad-class bad-coding",
    ("cmpp20", "cmpp30"),
    (Role.SIMULATOR,),
    "the simulated gateway takes every class, and shows on the phone in hexadecimal what is no text",
)
_declare(
    "bad-header",
    ("cmpp20", "cmpp30", "smgp30"),
    (Role.SIMULATOR,),
    "the simulated gateway takes for text what is no header",
)
