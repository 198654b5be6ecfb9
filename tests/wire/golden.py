"""The golden vectors: frames that foreign implementations sent, with what is in them.

The files in `vectors` were captured between the implementations that each entry names (`produced_by`); those with
`quirks` in their name hold the deviations of known peers. How a protocol's files name its fields is a `Reading`: CMPP's
stands here, that of every other protocol in its own `golden_…` module.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from hongyan.wire.cmpp.dialect import CMPP
from hongyan.wire.cmpp.pdus import V20, V30
from hongyan.wire.dialect import Dialect

_FOLDER = Path(__file__).parent / "vectors"


class Reading(NamedTuple):
    """How the entries of a protocol's files are to be taken."""

    dialect: Dialect
    versions: Mapping[str, int]
    apart: frozenset[str]
    """Fields of an entry that are none of the PDU: the header's, counts, and what was worked out from others."""
    name: Callable[[str, str], str]
    """(a field's name in the file, the entry's PDU) -> our name"""
    value: Callable[[str, Any], Any]
    """(a field's name in the file, its value) -> ours"""


class Golden(NamedTuple):
    """One captured frame."""

    name: str
    dialect: Dialect
    version: int
    frame: bytes
    fields: dict[str, Any]
    entry: dict[str, Any]

    @property
    def words(self) -> tuple[int, ...]:
        """The integers of the header."""
        return self.dialect.header.form.unpack_from(self.frame)

    @property
    def command(self) -> int:
        """Which PDU it is."""
        return self.words[1]

    @property
    def sequence(self) -> int:
        """The whole sequence."""
        return self.dialect.header.sequence_of(self.words)

    @property
    def body(self) -> bytes:
        """The frame without its header."""
        return self.frame[self.dialect.header.size :]

    def decode(self) -> Struct:
        """Return what our codec makes of it."""
        return self.decode_body(self.body)

    def decode_body(self, body: bytes) -> Struct:
        """Return what our codec makes of another body behind the same header."""
        return self.dialect.codec(self.version).decode(self.command, body, self.words[2])


def goldens(file: str, reading: Reading) -> list[Golden]:
    """Read a file of vectors."""
    entries = json.loads((_FOLDER / f"{file}.json").read_text(encoding="utf-8"))
    return [_golden(f"{file}-{index}-{entry['pdu']}", entry, reading) for index, entry in enumerate(entries)]


def _golden(name: str, entry: dict[str, Any], reading: Reading) -> Golden:
    ours = {
        reading.name(key, entry["pdu"]): reading.value(key, value)
        for key, value in entry["fields"].items()
        if key not in reading.apart
    }
    version = reading.versions[entry["version"]]
    return Golden(name, reading.dialect, version, bytes.fromhex(entry["hex"]), ours, entry)


_CMPP_NAMES = {
    "LinkID": "link_id",
    "ValId_Time": "valid_time",
    "Fee_UserType": "fee_user_type",
    "FeeType": "fee_type",
    "FeeCode": "fee_code",
    "AuthenticatorSource": "authenticator_source",
    "AuthenticatorISMG": "authenticator_ismg",
    "Msg_Content_hex": "msg_content",
}


def _cmpp_name(key: str, pdu: str) -> str:
    if key in {"Reserve", "Reserved"} and pdu.startswith(("SUBMIT", "DELIVER")):
        return "link_id"  # the same place, which 3.0 gave a meaning
    return _CMPP_NAMES.get(key, key.lower())


def _cmpp_value(key: str, value: Any) -> Any:
    match key:
        case "Msg_Id":
            return int(value["u64"]) if isinstance(value, dict) else int(value, 16)
        case "Version":
            return int(value, 16)
        case "AuthenticatorSource" | "AuthenticatorISMG" | "Msg_Content_hex":
            return bytes.fromhex(value)
        case "Dest_terminal_Id":
            return tuple(value)
        case _:
            return value


CMPP_READING = Reading(
    CMPP,
    {"2.0": V20, "3.0": V30},
    frozenset(
        {
            "Total_Length",
            "Command_Id",
            "Sequence_Id",
            "DestUsr_tl",
            "Msg_Length",
            "Msg_Content_text",
            "Msg_Content_udh_hex",
            "report",
        }
    ),
    _cmpp_name,
    _cmpp_value,
)
CMPP_GOLDENS = [*goldens("cmpp20", CMPP_READING), *goldens("cmpp30", CMPP_READING)]
