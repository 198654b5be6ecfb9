"""The golden vectors of SMGP."""

from typing import Any

from hongyan.wire.smgp.dialect import SMGP
from hongyan.wire.smgp.pdus import V30
from hongyan.wire.smgp.tlvs import SmgpTlvs

from .golden import Reading, goldens

_NAMES = {
    "AuthenticatorClient": "authenticator_client",
    "AuthenticatorServer": "authenticator_server",
    "TimeStamp": "timestamp",
    "MsgID": "msg_id",
    "ServiceID": "service_id",
    "SrcTermID": "src_term_id",
    "ChargeTermID": "charge_term_id",
    "DestTermID": "dest_term_id",
    "ClientID": "client_id",
    "MsgContent_hex": "msg_content",
    "TLVs": "tlvs",
}
_OCTETS = {"AuthenticatorClient", "AuthenticatorServer", "MsgID", "MsgContent_hex"}
_TLV_NAMES = {
    "TP_pid": "tp_pid",
    "TP_udhi": "tp_udhi",
    "LinkID": "link_id",
    "SPDealResult": "sp_deal_result",
    "MServiceID": "m_service_id",
}
_TLV_TEXTS = {"LinkID", "MsgSrc", "MServiceID"}


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key).lstrip("_")


def _name(key: str, pdu: str) -> str:
    return _NAMES.get(key) or _snake(key)


def _value(key: str, value: Any) -> Any:
    if key in _OCTETS:
        return bytes.fromhex(value)
    match key:
        case "ClientVersion" | "ServerVersion":
            return int(value, 16)
        case "DestTermID" if isinstance(value, list):
            return tuple(value)
        case "TLVs":
            return SmgpTlvs(**{_TLV_NAMES.get(tlv["name"]) or _snake(tlv["name"]): _tlv_value(tlv) for tlv in value})
        case _:
            return value


def _tlv_value(tlv: dict[str, Any]) -> Any:
    octets = bytes.fromhex(tlv["value_hex"])
    return octets.rstrip(b"\0").decode() if tlv["name"] in _TLV_TEXTS else int.from_bytes(octets, "big")


SMGP_READING = Reading(
    SMGP,
    {"3.0": V30},
    frozenset(
        {
            "PacketLength",
            "RequestID",
            "SequenceID",
            "DestTermIDCount",
            "MsgLength",
            "MsgContent_text",
            "MsgContent_udh_hex",
            "report",
        }
    ),
    _name,
    _value,
)
SMGP_GOLDENS = goldens("smgp30", SMGP_READING)
