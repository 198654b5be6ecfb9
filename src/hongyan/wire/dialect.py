"""What a protocol's PDUs are called on the wire: command ids bound to classes, for every version.

A `Dialect` is the readable list; a `Codec` is that list compiled for one version, which is what a
session holds. A response's command id is its request's with the top bit set.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .errors import DecodeError, EncodeError
from .header import Header
from .layout import Layout, Plan

RESPONSE_BIT = 0x8000_0000

Encode = Callable[[Any, int], bytes]
"""(PDU, sequence) -> the frame"""
Decode = Callable[[bytes, int], msgspec.Struct]
"""(body, the header's status: whatever, where the protocol has none) -> the PDU"""


class Codec:
    """Encodes and decodes the PDUs of a dialect in one version."""

    def __init__(
        self,
        header: Header,
        version: int,
        encoders: Mapping[type[msgspec.Struct], Encode],
        decoders: Mapping[int, Decode],
    ) -> None:
        self.header = header
        self.version = version
        self.encoders = encoders
        """PDU class -> encoder of frames."""
        self.decoders = decoders
        """Command id -> decoder of bodies."""

    def encode(self, pdu: msgspec.Struct, sequence: int) -> bytes:
        """Return the whole frame; EncodeError when the PDU does not fit or is not of this dialect."""
        try:
            encode = self.encoders[type(pdu)]
        except KeyError:
            raise EncodeError(f"{type(pdu).__name__} is not a PDU of this protocol") from None
        return encode(pdu, sequence)

    def decode(self, command: int, body: bytes, status: int = 0) -> msgspec.Struct:
        """Return the PDU of a frame; DecodeError for an unknown command or a body that is not its PDU."""
        try:
            decode = self.decoders[command]
        except KeyError:
            raise DecodeError(f"unknown command 0x{command:08x}") from None
        return decode(body, status)


class Dialect:
    """The PDUs of a protocol and the deviations it tolerates."""

    def __init__(
        self,
        header: Header,
        pdus: Mapping[int, type[msgspec.Struct]],
        *,
        either_size: Mapping[type[msgspec.Struct], tuple[int, ...]] | None = None,
        may_be_empty: frozenset[type[msgspec.Struct]] = frozenset(),
        any_body: frozenset[type[msgspec.Struct]] = frozenset(),
    ) -> None:
        """Bind command ids to classes.

        `either_size`: fixed-size PDUs that are read in whichever of these versions has the body's
        size, whatever was agreed. `may_be_empty`: PDUs whose body may be missing; all their fields have
        defaults. `any_body`: PDUs without fields that may come with octets which mean nothing.
        """
        self.header = header
        self.commands = {pdu_class: int(command) for command, pdu_class in pdus.items()}
        self._layouts: dict[type[msgspec.Struct], Layout[Any]] = {cls: Layout(cls) for cls in pdus.values()}
        self._either_size = either_size or {}
        self._may_be_empty = may_be_empty
        self._any_body = any_body
        self._codecs: dict[int, Codec] = {}

    def layout(self, pdu_class: type[msgspec.Struct]) -> Layout[Any]:
        """Return how a class lies on the wire."""
        return self._layouts[pdu_class]

    def codec(self, version: int) -> Codec:
        """Return the compiled codec of a version; the same object each time."""
        codec = self._codecs.get(version)
        if codec is None:
            encoders = {cls: self._encoder(cls, version) for cls in self._layouts}
            decoders = {self.commands[cls]: self._decoder(cls, version) for cls in self._layouts}
            codec = self._codecs[version] = Codec(self.header, version, encoders, decoders)
        return codec

    def _encoder(self, pdu_class: type[msgspec.Struct], version: int) -> Encode:
        plan: Plan[Any] = self._layouts[pdu_class].plan(version)
        encode, status_name = plan.encode, plan.status_name
        header, command = self.header, self.commands[pdu_class]
        pack, pack_words, size = header.pack, header.form.pack, header.size

        def frame(pdu: msgspec.Struct, sequence: int) -> bytes:
            body = encode(pdu)
            return pack_words(size + len(body), command, sequence) + body

        def frame_of_words(pdu: msgspec.Struct, sequence: int) -> bytes:
            body = encode(pdu)
            if status_name is None:
                return pack(size + len(body), command, sequence) + body
            status = getattr(pdu, status_name)
            if status and pdu == pdu_class(**{status_name: status}):
                body = b""  # SMPP 3.4 §4.4.2: an error that says no more than its number has no body
            return pack(size + len(body), command, sequence, status) + body

        return frame_of_words if header.has_status or header.sequence_words > 1 else frame

    def _decoder(self, pdu_class: type[msgspec.Struct], version: int) -> Decode:
        layout = self._layouts[pdu_class]
        plan: Plan[Any] = layout.plan(version)
        decode: Callable[[bytes], msgspec.Struct] = plan.decode
        if plan.status_name is not None:
            return self._decoder_with_status(pdu_class, plan, plan.status_name)
        if pdu_class in self._any_body:
            empty = pdu_class()
            return lambda _body, _status: empty
        by_size: dict[int | None, Callable[[bytes], msgspec.Struct]] = {
            layout.plan(other).size: layout.plan(other).decode for other in self._either_size.get(pdu_class, ())
        }
        by_size[plan.size] = decode
        if pdu_class in self._may_be_empty:
            absent = pdu_class() if plan.size is None else decode(bytes(plan.size))
            by_size[0] = lambda _: absent
        if len(by_size) == 1:
            return lambda body, _status: decode(body)
        return lambda body, _status: by_size.get(len(body), decode)(body)

    def _decoder_with_status(self, pdu_class: type[msgspec.Struct], plan: Plan[Any], status_name: str) -> Decode:
        may_be_empty = pdu_class in self._may_be_empty
        any_body = pdu_class in self._any_body

        def decode(body: bytes, status: int) -> msgspec.Struct:
            if any_body or (may_be_empty and not body):
                return pdu_class(**{status_name: status})
            pdu: msgspec.Struct = plan.decode(body, status)
            return pdu

        return decode
