"""What a protocol's PDUs are called on the wire: command ids bound to classes, for every version.

A `Dialect` is the readable list; a `Codec` is that list compiled for one version, which is what a
session holds. A response's command id is its request's with the top bit set.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .errors import DecodeError, EncodeError
from .layout import Layout

RESPONSE_BIT = 0x8000_0000

Encode = Callable[[Any], bytes]
Decode = Callable[[bytes], msgspec.Struct]


class Codec:
    """Encodes and decodes the PDUs of a dialect in one version."""

    def __init__(
        self,
        header: struct.Struct,
        version: int,
        encoders: Mapping[type[msgspec.Struct], tuple[int, Encode]],
        decoders: Mapping[int, Decode],
    ) -> None:
        self.header = header
        self.version = version
        self.encoders = encoders
        """PDU class -> (command id, body encoder)."""
        self.decoders = decoders
        """Command id -> body decoder."""

    def encode(self, pdu: msgspec.Struct, sequence: int) -> bytes:
        """Return the whole frame; EncodeError when the PDU does not fit or is not of this dialect."""
        try:
            command, encode = self.encoders[type(pdu)]
        except KeyError:
            raise EncodeError(f"{type(pdu).__name__} is not a PDU of this protocol") from None
        body = encode(pdu)
        return self.header.pack(self.header.size + len(body), command, sequence) + body

    def decode(self, command: int, body: bytes) -> msgspec.Struct:
        """Return the PDU of a frame; DecodeError for an unknown command or a body that is not its PDU."""
        try:
            decode = self.decoders[command]
        except KeyError:
            raise DecodeError(f"unknown command 0x{command:08x}") from None
        return decode(body)


class Dialect:
    """The PDUs of a protocol and the deviations it tolerates."""

    def __init__(
        self,
        header: struct.Struct,
        pdus: Mapping[int, type[msgspec.Struct]],
        *,
        either_size: Mapping[type[msgspec.Struct], tuple[int, ...]] | None = None,
        may_be_empty: frozenset[type[msgspec.Struct]] = frozenset(),
    ) -> None:
        """Bind command ids to classes.

        `either_size`: fixed-size PDUs that are read in whichever of these versions has the body's
        size, whatever was agreed. `may_be_empty`: PDUs whose body may be missing.
        """
        self.header = header
        self.commands = {pdu_class: int(command) for command, pdu_class in pdus.items()}
        self._layouts: dict[type[msgspec.Struct], Layout[Any]] = {cls: Layout(cls) for cls in pdus.values()}
        self._either_size = either_size or {}
        self._may_be_empty = may_be_empty
        self._codecs: dict[int, Codec] = {}

    def layout(self, pdu_class: type[msgspec.Struct]) -> Layout[Any]:
        """Return how a class lies on the wire."""
        return self._layouts[pdu_class]

    def codec(self, version: int) -> Codec:
        """Return the compiled codec of a version; the same object each time."""
        codec = self._codecs.get(version)
        if codec is None:
            encoders: dict[type[msgspec.Struct], tuple[int, Encode]] = {
                cls: (self.commands[cls], layout.plan(version).encode) for cls, layout in self._layouts.items()
            }
            decoders = {self.commands[cls]: self._decoder(cls, version) for cls in self._layouts}
            codec = self._codecs[version] = Codec(self.header, version, encoders, decoders)
        return codec

    def _decoder(self, pdu_class: type[msgspec.Struct], version: int) -> Decode:
        layout = self._layouts[pdu_class]
        plan = layout.plan(version)
        decode: Decode = plan.decode
        by_size: dict[int | None, Decode] = {
            layout.plan(other).size: layout.plan(other).decode for other in self._either_size.get(pdu_class, ())
        }
        by_size[plan.size] = decode
        if pdu_class in self._may_be_empty:
            zeroed = decode(bytes(plan.size or 0))
            by_size[0] = lambda _: zeroed
        if len(by_size) == 1:
            return decode
        return lambda body: by_size.get(len(body), decode)(body)
