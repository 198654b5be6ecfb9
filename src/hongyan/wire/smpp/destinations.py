"""The two lists of structures in SMPP 3.4: whom a submit_multi is for (§4.5.1.1) and whom it did not reach (§4.5.2.1)."""

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from hongyan.wire.errors import DecodeError
from hongyan.wire.fields import Custom

DESTINATIONS_MAX: Final = 254
_CHARSET: Final = "latin-1"
_ADDRESS_SIZE_MAX: Final = 21
_LIST: Final = 2
_ADDRESS: Final = 1
_ERROR: Final = struct.Struct(">I")


class Address(Struct, frozen=True):
    """One phone (dest_flag 1)."""

    destination_addr: str
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0


class DistributionList(Struct, frozen=True):
    """A list of phones that the carrier keeps (dest_flag 2)."""

    dl_name: str


class Unsuccessful(Struct, frozen=True):
    """A phone that a submit_multi was refused for, and why."""

    destination_addr: str
    error_status_code: int
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0


Destination = Address | DistributionList


def _write_destination(item: Destination) -> bytes:
    if isinstance(item, DistributionList):
        return bytes([_LIST]) + _string(item.dl_name)
    return bytes([_ADDRESS, item.dest_addr_ton, item.dest_addr_npi]) + _string(item.destination_addr)


def _read_destination(body: bytes, offset: int) -> tuple[Destination, int]:
    match body[offset]:
        case 1:
            ton, npi = body[offset + 1], body[offset + 2]
            address, offset = _read_string(body, offset + 3)
            return Address(address, ton, npi), offset
        case 2:
            name, offset = _read_string(body, offset + 1)
            return DistributionList(name), offset
        case flag:
            raise DecodeError(f"dest_flag {flag} is neither an address nor a list")


def _write_unsuccessful(item: Unsuccessful) -> bytes:
    head = bytes([item.dest_addr_ton, item.dest_addr_npi])
    return head + _string(item.destination_addr) + _ERROR.pack(item.error_status_code)


def _read_unsuccessful(body: bytes, offset: int) -> tuple[Unsuccessful, int]:
    ton, npi = body[offset], body[offset + 1]
    address, offset = _read_string(body, offset + 2)
    (error,) = _ERROR.unpack_from(body, offset)
    return Unsuccessful(address, error, ton, npi), offset + _ERROR.size


def _counted(
    write_one: Callable[[Any], bytes], read_one: Callable[[bytes, int], tuple[Any, int]], count_max: int
) -> Custom:
    """Return the kind of an octet that says how many, and so many structures."""

    def write(items: Sequence[Any]) -> bytes:
        if len(items) > count_max:
            raise ValueError(f"holds at most {count_max}")
        return bytes([len(items)]) + b"".join([write_one(item) for item in items])

    def read(body: bytes, offset: int) -> tuple[tuple[Any, ...], int]:
        count = body[offset]
        if count > count_max:
            raise DecodeError(f"{count} structures where {count_max} may be")
        offset += 1
        items = []
        for _ in range(count):
            item, offset = read_one(body, offset)
            items.append(item)
        return tuple(items), offset

    return Custom(write, read)


DESTINATIONS: Final = _counted(_write_destination, _read_destination, DESTINATIONS_MAX)
UNSUCCESSFUL: Final = _counted(_write_unsuccessful, _read_unsuccessful, 255)


def _string(value: str) -> bytes:
    octets = value.encode(_CHARSET)
    if len(octets) >= _ADDRESS_SIZE_MAX or 0 in octets:
        raise ValueError(f"an address has {len(octets)} octets or NUL in it, {_ADDRESS_SIZE_MAX - 1} fit")
    return octets + b"\0"


def _read_string(body: bytes, offset: int) -> tuple[str, int]:
    stop = body.find(b"\0", offset, offset + _ADDRESS_SIZE_MAX)
    if stop < 0:
        raise IndexError
    return body[offset:stop].decode(_CHARSET), stop + 1
