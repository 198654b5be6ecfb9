"""What the submits of the other protocols cost: the same 45 UCS-2 characters to one number."""

from collections.abc import Callable

from msgspec import Struct

from hongyan.wire.dialect import Dialect
from hongyan.wire.sgip import pdus as sgip
from hongyan.wire.sgip.dialect import SGIP
from hongyan.wire.smgp import pdus as smgp
from hongyan.wire.smgp.dialect import SMGP
from hongyan.wire.smpp import pdus as smpp
from hongyan.wire.smpp.dialect import SMPP


def steps(text: bytes) -> dict[str, Callable[[], object]]:
    """Return the encoding and decoding of each protocol's submit."""
    found: dict[str, Callable[[], object]] = {}
    for name, dialect, version, pdu in _submits(text):
        codec = dialect.codec(version)
        encode = codec.encoders[type(pdu)]
        decode = codec.decoders[dialect.commands[type(pdu)]]
        found |= _steps_of(name, pdu, encode, decode, dialect.header.size)
    return found


def _steps_of(
    name: str,
    pdu: Struct,
    encode: Callable[[Struct, int], bytes],
    decode: Callable[[bytes, int], Struct],
    header_size: int,
) -> dict[str, Callable[[], object]]:
    body = encode(pdu, 1)[header_size:]
    return {
        f"{name}_submit_encode_us": lambda: encode(pdu, 1),
        f"{name}_submit_decode_us": lambda: decode(body, 0),
    }


def _submits(text: bytes) -> list[tuple[str, Dialect, int, Struct]]:
    return [
        (
            "sgip",
            SGIP,
            sgip.V12,
            sgip.Submit(
                sp_number="106900011234",
                user_number=("8613800138000",),
                corp_id="12345",
                service_type="SVC01",
                expire_time="261122235959032+",
                message_content=text,
            ),
        ),
        (
            "smgp",
            SMGP,
            smgp.V30,
            smgp.Submit(
                service_id="SVC01", src_term_id="106900011234", dest_term_id=("13300133000",), msg_content=text
            ),
        ),
        (
            "smpp",
            SMPP,
            smpp.V34,
            smpp.SubmitSm(
                source_addr="106900011234",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr="447400123456",
                registered_delivery=1,
                data_coding=8,
                short_message=text,
            ),
        ),
    ]
