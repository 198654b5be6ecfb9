"""Tagged parameters (TLVs): tag, length, value, in any order, behind the fixed part of a PDU.

A Struct of optional fields says which tags a PDU knows (SMPP 3.4 §5.3, SMGP 3.0 §6.3):

    class SubmitTlvs(Struct, frozen=True):
        sar_total_segments: Annotated[int | None, Tag(0x020E, U8)] = None
        others: tuple[tuple[int, bytes], ...] = ()

Tags that it does not know are kept in `others`, where it has such a field, and dropped where not. Of a tag that comes
twice the first counts. A known tag whose value has the wrong size is a DecodeError: what it would mean is unknown.
"""

import struct
from collections.abc import Callable
from typing import Any, Final, get_type_hints

import msgspec

from .errors import DecodeError
from .fields import CString, Kind, Octets, Rest, Tag, Text, Unsigned

_HEAD: Final = struct.Struct(">HH")
_unpack_head = _HEAD.unpack_from
_CHARSET: Final = "latin-1"
_OTHERS: Final = "others"

_Write = Callable[[Any], bytes]
_Read = Callable[[bytes], Any]


class Parameters:
    """How the tagged parameters of a PDU lie on the wire."""

    def __init__(self, parameters: type[msgspec.Struct]) -> None:
        self._class = parameters
        self.none = parameters()
        hints = get_type_hints(parameters, include_extras=True)
        self._writers: list[tuple[str, int, _Write]] = []
        self._readers: dict[int, tuple[str, _Read]] = {}
        self._keeps_others = False
        for field in msgspec.structs.fields(parameters):
            if field.name == _OTHERS:
                self._keeps_others = True
                continue
            tag = next(note for note in hints[field.name].__metadata__ if isinstance(note, Tag))
            self._writers.append((field.name, tag.tag, _writer(tag.kind)))
            self._readers[tag.tag] = field.name, _reader(tag.kind)

    def encode(self, value: msgspec.Struct) -> bytes:
        """Return the octets; ValueError names the parameter that does not fit."""
        if value == self.none:
            return b""
        octets = b""
        for name, tag, write in self._writers:
            parameter = getattr(value, name)
            if parameter is None:
                continue
            try:
                content = write(parameter)
                octets += _HEAD.pack(tag, len(content)) + content
            except (struct.error, TypeError, ValueError, AttributeError):
                raise ValueError(f"{name} does not fit") from None
        for tag, content in getattr(value, _OTHERS, ()):
            try:
                octets += _HEAD.pack(tag, len(content)) + bytes(content)
            except (struct.error, TypeError):
                raise ValueError(f"others: tag {tag!r} does not fit") from None
        return octets

    def decode(self, body: bytes, offset: int) -> msgspec.Struct:
        """Return the parameters from the offset to the end; DecodeError when they are not whole."""
        end = len(body)
        if offset == end:
            return self.none
        known: dict[str, Any] = {}
        readers = self._readers
        others: list[tuple[int, bytes]] = []
        while offset < end:
            if end - offset < 4:
                raise DecodeError("the body ends in the head of a tagged parameter")
            tag, size = _unpack_head(body, offset)
            start = offset + 4
            offset = start + size
            content = body[start:offset]
            if offset > end:
                raise DecodeError(f"tag 0x{tag:04x} claims {size} octets, {len(content)} are left")
            if tag not in readers:
                others.append((tag, content))
                continue
            name, read = readers[tag]
            if name not in known:
                try:
                    known[name] = read(content)
                except (struct.error, ValueError):
                    raise DecodeError(f"tag 0x{tag:04x} cannot have {size} octets") from None
        if others and self._keeps_others:
            known[_OTHERS] = tuple(others)
        return self._class(**known)


def _writer(kind: Kind) -> _Write:
    match kind:
        case Unsigned(code):
            return struct.Struct(">" + code).pack
        case Text(width):
            return lambda value: _fitting(value, width).ljust(width, b"\0")
        case CString(size_max):
            return lambda value: _fitting(value, size_max - 1) + b"\0"
        case Octets(width):
            return lambda value: _exactly(value, width)
        case Rest():
            return bytes
        case _:
            raise TypeError(f"{kind} is not a kind that tagged parameters know")


def _reader(kind: Kind) -> _Read:
    match kind:
        case Unsigned(code):
            unpack = struct.Struct(">" + code).unpack
            return lambda content: unpack(content)[0]
        case Text(width):
            return lambda content: _cut(_at_most(content, width)).strip(" ")
        case CString(size_max):
            return lambda content: _cut(_at_most(content.removesuffix(b"\0"), size_max - 1))
        case Octets(width):
            return lambda content: _exactly(content, width)
        case Rest():
            return bytes
        case _:
            raise TypeError(f"{kind} is not a kind that tagged parameters know")


def _fitting(value: str, width: int) -> bytes:
    octets = value.encode(_CHARSET)
    if len(octets) > width or 0 in octets:
        raise ValueError
    return octets


def _exactly(value: bytes, width: int) -> bytes:
    if len(bytes(value)) != width:
        raise ValueError
    return value


def _at_most(content: bytes, width: int) -> bytes:
    if len(content) > width:
        raise ValueError
    return content


def _cut(content: bytes) -> str:
    """Return a text up to its NUL; peers leave that out of a tagged text."""
    return content.partition(b"\0")[0].decode(_CHARSET)
