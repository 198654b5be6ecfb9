"""The golden vectors: frames that foreign implementations sent, with what is in them.

`vectors/cmpp20.json` and `vectors/cmpp30.json` were captured between the implementations that each
entry names (`produced_by`); `vectors/quirks.json` holds the deviations of known gateways.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from hongyan.wire.cmpp.dialect import CMPP, HEADER
from hongyan.wire.cmpp.pdus import V20, V30

_FOLDER = Path(__file__).parent / "vectors"
_HEADER_FIELDS = {"Total_Length", "Command_Id", "Sequence_Id"}
_IMPLIED = {"DestUsr_tl", "Msg_Length", "Msg_Content_text", "Msg_Content_udh_hex", "report"}
_NAMES = {
    "LinkID": "link_id",
    "ValId_Time": "valid_time",
    "Fee_UserType": "fee_user_type",
    "FeeType": "fee_type",
    "FeeCode": "fee_code",
    "AuthenticatorSource": "authenticator_source",
    "AuthenticatorISMG": "authenticator_ismg",
    "Msg_Content_hex": "msg_content",
}


class Golden(NamedTuple):
    """One captured frame."""

    name: str
    version: int
    frame: bytes
    command: int
    sequence: int
    fields: dict[str, Any]
    entry: dict[str, Any]

    @property
    def body(self) -> bytes:
        """The frame without its header."""
        return self.frame[HEADER.size :]

    def decode(self) -> Struct:
        """Return what our codec makes of it."""
        return CMPP.codec(self.version).decode(self.command, self.body)


def goldens(file: str) -> list[Golden]:
    """Read a file of vectors."""
    entries = json.loads((_FOLDER / f"{file}.json").read_text(encoding="utf-8"))
    return [_golden(f"{file}-{index}-{entry['pdu']}", entry) for index, entry in enumerate(entries)]


def _golden(name: str, entry: dict[str, Any]) -> Golden:
    fields = entry["fields"]
    version = {"2.0": V20, "3.0": V30}[entry["version"]]
    ours = {
        _our_name(key, entry["pdu"]): _our_value(key, value)
        for key, value in fields.items()
        if key not in _HEADER_FIELDS | _IMPLIED
    }
    command = int(fields["Command_Id"], 16)
    return Golden(name, version, bytes.fromhex(entry["hex"]), command, fields["Sequence_Id"], ours, entry)


def _our_name(key: str, pdu: str) -> str:
    if key in {"Reserve", "Reserved"} and pdu.startswith(("SUBMIT", "DELIVER")):
        return "link_id"  # the same place, which 3.0 gave a meaning
    return _NAMES.get(key, key.lower())


def _our_value(key: str, value: Any) -> Any:
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


CMPP_GOLDENS = [*goldens("cmpp20"), *goldens("cmpp30")]
