"""Cutting a stream of octets into frames.

In all four carrier protocols a frame begins with its own length, header included, as a 32-bit
integer. Nothing is ever allocated for a length that a peer merely claims.
"""

from typing import TypeAlias

from .errors import FramingError
from .header import Header

Frame: TypeAlias = tuple[tuple[int, ...], bytes]
"""The header's integers (total length first) and the body."""


class Splitter:
    """Collects octets and hands out whole frames.

    A length below the header's or above `size_max` sets `error` and ends the stream: frames before
    it are still handed out, everything after it is dropped.
    """

    def __init__(self, header: Header, size_max: int) -> None:
        if size_max < header.size:
            raise ValueError(f"a frame limit of {size_max} octets is less than the header's {header.size}")
        self.error: FramingError | None = None
        self._unpack = header.form.unpack_from
        self._header_size = header.size
        self._size_max = size_max
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Add what came in and return the frames that are now whole, in order."""
        frames: list[Frame] = []
        if self.error is not None:
            return frames
        if self._rest:
            data = self._rest + data
        unpack, header_size = self._unpack, self._header_size
        start, end = 0, len(data)
        while end - start >= header_size:
            header = unpack(data, start)
            length = header[0]
            if not header_size <= length <= self._size_max:
                self.error = FramingError(f"frame length {length} is not within {header_size} to {self._size_max}")
                self._rest = b""
                return frames
            stop = start + length
            if stop > end:
                break
            frames.append((header, data[start + header_size : stop]))
            start = stop
        self._rest = data[start:] if start else data
        return frames

    @property
    def pending(self) -> int:
        """How many octets wait for the rest of their frame; more than 0 at the end of a stream means it was cut."""
        return len(self._rest)
