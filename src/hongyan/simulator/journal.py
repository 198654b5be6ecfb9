"""The carrier's own book: every submit received, every report sent and acknowledged, in order.

It is the third ledger beside what clients were told and what the platform's database says, and it comes
from outside the platform. One JSON object a line; lines are gathered and written once a turn of the event
loop, so that a line is in the file before any answer to a later turn's bytes can be. A torn last line
(the simulator was killed) is left out by the reader.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self
from zlib import crc32

import msgspec


class Received(msgspec.Struct, frozen=True, tag="received", tag_field="event", gc=False):
    """A submit arrived; `result` is the code it was answered with, 0 for taken."""

    at_us: int
    """Unix time in microseconds."""
    carrier: str
    login: str
    link: int
    """Counted from 1 for each carrier; no connection has the number of an earlier one."""
    sequence: int
    message_id: int
    """The carrier's id; 0 where it was not taken."""
    destination: str
    content_hash: int
    part: int
    total: int
    result: int


class Reported(msgspec.Struct, frozen=True, tag="reported", tag_field="event", gc=False):
    """A report was sent; the sequence is the one of its DELIVER."""

    at_us: int
    carrier: str
    login: str
    link: int
    sequence: int
    message_id: int
    stat: str


class Acknowledged(msgspec.Struct, frozen=True, tag="acknowledged", tag_field="event", gc=False):
    """The peer answered a report; a result other than 0 means that it did not take it."""

    at_us: int
    carrier: str
    login: str
    link: int
    sequence: int
    message_id: int
    result: int


Line = Received | Reported | Acknowledged

_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def content_hash(content: bytes) -> int:
    """Return the CRC-32 of a segment's text bytes (behind the user data header), as the journal has it."""
    return crc32(content)


def read_journal(path: str | os.PathLike[str]) -> Iterator[Line]:
    """Yield the lines of a journal; ValueError names a line that is none, except a torn last one."""
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield _decoder.decode(line)
            except msgspec.DecodeError as error:
                if not line.endswith(b"\n"):
                    return
                raise ValueError(f"{path}, line {number}: {error}") from error


class Journal:
    """An append-only file of lines; made and used inside a running event loop."""

    def __init__(self, path: str | os.PathLike[str], *, on_failure: Callable[[OSError], None]) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._on_failure = on_failure
        self._encoder = msgspec.json.Encoder()
        self._buffer = bytearray()
        self._loop = asyncio.get_running_loop()

    def write(self, line: Line) -> None:
        """Add one line; it is in the file at the end of this turn of the event loop."""
        buffer = self._buffer
        if not buffer:
            self._loop.call_soon(self.flush)
        self._encoder.encode_into(line, buffer, -1)
        buffer += b"\n"

    def flush(self) -> None:
        """Write what was gathered; a disk that refuses is told to `on_failure`, as the book is then worthless."""
        try:
            while self._buffer:
                del self._buffer[: os.write(self._file, self._buffer)]
        except OSError as error:
            self._buffer.clear()
            self._on_failure(error)

    def close(self) -> None:
        """Write the rest and close the file."""
        self.flush()
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
