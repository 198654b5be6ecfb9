"""The golden vectors of SMPP: captured ones, those of PDUs that no capture has, and the deviations of known peers."""

from typing import Any

from hongyan.wire.smpp.dialect import SMPP
from hongyan.wire.smpp.pdus import V34

from .golden import Reading, goldens

_HEADER = {"command_length", "command_id", "command_status", "sequence_number"}
_IMPLIED = {"sm_length", "short_message_text", "short_message_udh_hex", "TLVs"}


def _name(key: str, pdu: str) -> str:
    del pdu
    return key.removesuffix("_hex")


def _value(key: str, value: Any) -> Any:
    match key:
        case "interface_version":
            return int(value, 16)
        case "short_message_hex":
            return bytes.fromhex(value)
        case _:
            return value


SMPP_READING = Reading(SMPP, {"3.4": V34}, frozenset(_HEADER | _IMPLIED), _name, _value)
SMPP_CAPTURED = goldens("smpp34", SMPP_READING)
SMPP_GOLDENS = [*SMPP_CAPTURED, *goldens("smpp34_spec", SMPP_READING)]
SMPP_QUIRKS = goldens("smpp34_quirks", SMPP_READING)
