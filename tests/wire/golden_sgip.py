"""The golden vectors of SGIP."""

from typing import Any

from hongyan.wire.sgip.dialect import SGIP
from hongyan.wire.sgip.pdus import V12, TraceNode
from hongyan.wire.sgip.sequences import compose, octets_of

from .golden import Reading, goldens

_NAMES = {
    "SPNumber": "sp_number",
    "TP_pid": "tp_pid",
    "TP_udhi": "tp_udhi",
    "MorelatetoMTFlag": "morelateto_mt_flag",
    "MessageContent_hex": "message_content",
}


def _name(key: str, pdu: str) -> str:
    del pdu
    if key in _NAMES:
        return _NAMES[key]
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
    return words.replace("__", "_").lstrip("_")


def _value(key: str, value: Any) -> Any:
    match key:
        case "SubmitSequenceNumber":
            return octets_of(compose(*value))
        case "UserNumber" if isinstance(value, list):
            return tuple(value)
        case "MessageContent_hex":
            return bytes.fromhex(value)
        case "Reserve":
            return value.encode().ljust(8, b"\0")
        case "Nodes":
            return tuple(_node(node) for node in value)
        case _:
            return value


def _node(node: dict[str, Any]) -> TraceNode:
    return TraceNode(
        node["Result"],
        node["NodeId"].encode().ljust(6, b"\0"),
        node["ReceiveTime"].encode().ljust(16, b"\0"),
        node["SendTime"].encode().ljust(16, b"\0"),
    )


SGIP_READING = Reading(
    SGIP,
    {"1.2": V12},
    frozenset(
        {
            "Message_Length",
            "Command_ID",
            "Sequence_Number",
            "UserCount",
            "MessageLength",
            "MessageContent_text",
            "MessageContent_udh_hex",
            "Result_and_Reserve",
        }
    ),
    _name,
    _value,
)
SGIP_GOLDENS = [*goldens("sgip12", SGIP_READING), *goldens("sgip12_spec", SGIP_READING)]
"""Captured frames, and one assembled by hand from the specification's table for each PDU that no peer sent."""
