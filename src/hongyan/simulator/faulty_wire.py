"""Faults on the octets of a connection, whatever the protocol on it.

A `FaultyWire` stands between a socket's transport and what speaks on it. Both ends keep to asyncio's own
interfaces, so neither knows of it. What the speaker writes are whole PDUs, one after the other (a session gives out
nothing less), which is how faults find the head of a PDU; what comes in is passed on as it came.

Without faults it adds one call to each reading and each writing.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from random import Random
from typing import Final, cast

from hongyan.kit.clock import Clock

from .conduct import Stops
from .scenario import Cut, CutHow, Wire

HELD_BYTES_MAX: Final = 1 << 20
"""What a frozen connection keeps for later; the speaker is asked to pause long before."""
_PAUSE_ABOVE_BYTES: Final = 64 * 1024
_SLICE_SECONDS: Final = 0.05
_RESPONSE_BIT: Final = 0x8000_0000
_NO_COMMAND: Final = 0x0000_7F0F
"""A request that no carrier protocol has."""
_WRONG_BY: Final = 0x0001_0001
_LINGER_NOT: Final = struct.pack("ii", 1, 0)


class FaultyWire(asyncio.Protocol):
    """One connection's octets. Stands as protocol before the transport, and as transport before the speaker."""

    def __init__(
        self,
        speaker: asyncio.Protocol,
        *,
        header_size: int,
        clock: Clock,
        random: Random,
        on_gone: Callable[[], None],
    ) -> None:
        self.speaker = speaker
        self._header_size = header_size
        self._clock = clock
        self._random = random
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.faults: Wire | None = None
        """What is done; changed by `set_faults`."""
        self._stops: Stops | None = None
        self._swallowed: set[bytes] = set()
        self._sent = 0
        self._received = 0
        self._held = bytearray()
        self._unread = bytearray()  # at most what one reading of the socket brought
        self._is_frozen = False
        self._is_slow = False
        self._speaker_pauses = False
        self._closes = False
        self._timers: list[tuple[float, asyncio.Handle]] = []

    def set_faults(self, faults: Wire | None) -> None:
        """Do these from now on; octets and age count from here."""
        self._cancel_timers()
        self.faults = faults
        self._sent = self._received = 0
        self._stops = None
        self._read_rest()
        if self._is_frozen:
            self._unfreeze()
        elif self._transport is not None:
            self._let_read()
        if faults is None:
            return
        now = self._clock.monotonic()
        if faults.cut is not None and faults.cut.after is not None:
            self._later(faults.cut.after.draw(self._random), lambda: self._end(cast("Cut", faults.cut).how))
        if faults.freeze is not None:
            self._stops = Stops(faults.freeze, random=self._random, now=now)
            self._later(self._stops.next_at(now) - now, self._freeze)

    def swallow(self, sequence: int) -> None:
        """Keep back the response with that sequence, as if it had been lost on the way."""
        self._swallowed.add((sequence & 0xFFFF_FFFF).to_bytes(4, "big"))

    # What the transport calls ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the speaker speak through this wire."""
        self._transport = cast("asyncio.Transport", transport)
        self.speaker.connection_made(cast("asyncio.Transport", self))

    def data_received(self, data: bytes) -> None:
        """Pass octets on, as many as are wanted and as fast."""
        faults = self.faults
        if faults is None:
            self.speaker.data_received(data)
            return
        cut = faults.cut
        if cut is not None and cut.after_received_bytes is not None:
            room = cut.after_received_bytes - self._received
            if len(data) >= room:
                self._received += room
                if room > 0:
                    self.speaker.data_received(data[:room])
                self._end(cut.how)
                return
        self._received += len(data)
        if faults.read_bytes_per_second is None:
            self.speaker.data_received(data)
            return
        self._unread += data
        if not self._is_slow:
            self._is_slow = True
            self._let_read()
            self._read_slice()

    def eof_received(self) -> bool | None:
        """Pass on the end of the stream."""
        self._read_rest()
        return self.speaker.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on the end of the connection."""
        self._cancel_timers()
        self._held.clear()
        self._unread.clear()
        self._transport = None
        self.speaker.connection_lost(exc)
        self._on_gone()

    def pause_writing(self) -> None:
        """Pass on that nothing more can leave."""
        self.speaker.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that more can leave, unless this wire keeps it."""
        if not self._is_frozen:
            self.speaker.resume_writing()

    # What the speaker calls on its transport ---------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Write whole PDUs, with the faults that are drawn for them."""
        transport = self._transport
        if transport is None:
            return
        if self.faults is not None or self._swallowed:
            data = self._spoil(data)
        if self._is_frozen:
            self._hold(data)
        elif data:
            self._send(transport, data)

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return what the real transport knows."""
        return default if self._transport is None else self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Tell whether the connection ends."""
        return self._closes or self._transport is None or self._transport.is_closing()

    def close(self) -> None:
        """Close once everything is written; while frozen, not before the thaw."""
        if self._is_frozen:
            self._closes = True
        elif self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def pause_reading(self) -> None:
        """Read nothing."""
        self._speaker_pauses = True
        self._let_read()

    def resume_reading(self) -> None:
        """Read on, unless this wire has its own reasons not to."""
        self._speaker_pauses = False
        self._let_read()

    # Inside ------------------------------------------------------------------------------------------

    def _send(self, transport: asyncio.Transport, data: bytes) -> None:
        cut = self.faults.cut if self.faults is not None else None
        if cut is not None and cut.after_sent_bytes is not None:
            room = cut.after_sent_bytes - self._sent
            if len(data) >= room:
                self._sent += max(0, room)
                if room > 0:
                    transport.write(data[:room])
                # The loop first gets what was written out; a reset would take it back.
                self._later(0.0, lambda: self._end(cut.how))
                return
        self._sent += len(data)
        transport.write(data)

    def _spoil(self, data: bytes) -> bytes:
        """Return PDUs as they shall leave."""
        faults = self.faults or Wire()
        out = bytearray()
        start = 0
        while start < len(data):
            stop = start + int.from_bytes(data[start : start + 4], "big")
            frame = data[start:stop]
            start = stop
            if self._is_swallowed(frame):
                continue
            if self._hits(faults.garbage):
                out += self._random.randbytes(faults.garbage_bytes)
            if self._hits(faults.unknown_command):
                out += self._unknown()
            if self._hits(faults.wrong_sequence) and int.from_bytes(frame[4:8], "big") & _RESPONSE_BIT:
                frame = self._misnumbered(frame)
            out += frame
        return bytes(out)

    def _is_swallowed(self, frame: bytes) -> bool:
        counter = frame[self._header_size - 4 : self._header_size]
        if counter not in self._swallowed or not frame[4] & 0x80:
            return False
        self._swallowed.discard(counter)
        return True

    def _misnumbered(self, frame: bytes) -> bytes:
        end = self._header_size
        counter = int.from_bytes(frame[end - 4 : end], "big") ^ _WRONG_BY
        return frame[: end - 4] + counter.to_bytes(4, "big") + frame[end:]

    def _unknown(self) -> bytes:
        size = self._header_size
        return size.to_bytes(4, "big") + _NO_COMMAND.to_bytes(4, "big") + (1).to_bytes(size - 8, "big")

    def _hits(self, share: float) -> bool:
        return share > 0.0 and self._random.random() < share

    def _hold(self, data: bytes) -> None:
        held = len(self._held)
        if held + len(data) > HELD_BYTES_MAX:
            self.abort()
            return
        self._held += data
        if held <= _PAUSE_ABOVE_BYTES < len(self._held):
            self.speaker.pause_writing()

    def _freeze(self) -> None:
        if self._transport is None or self._stops is None:
            return
        now = self._clock.monotonic()
        self._is_frozen = True
        self._let_read()
        self._later(max(0.0, self._stops.until(now) - now), self._thaw_out)

    def _thaw_out(self) -> None:
        self._unfreeze()
        if self._stops is not None:
            now = self._clock.monotonic()
            self._later(max(_SLICE_SECONDS, self._stops.next_at(now) - now), self._freeze)

    def _unfreeze(self) -> None:
        self._is_frozen = False
        held, self._held = bytes(self._held), bytearray()
        transport = self._transport
        if transport is None:
            return
        if held:
            self._send(transport, held)
        if len(held) > _PAUSE_ABOVE_BYTES:
            self.speaker.resume_writing()
        self._let_read()
        if self._closes:
            transport.close()

    def _read_slice(self) -> None:
        """Pass on as much as is read in a little while, and read no more from the socket before all of it is."""
        rate = self.faults.read_bytes_per_second if self.faults is not None else None
        if rate is None or not self._unread:
            self._read_rest()
            self._let_read()
            return
        size = max(1, int(rate * _SLICE_SECONDS))
        piece = bytes(self._unread[:size])
        del self._unread[:size]
        self._later(len(piece) / rate, self._read_slice)
        self.speaker.data_received(piece)

    def _read_rest(self) -> None:
        self._is_slow = False
        rest, self._unread = bytes(self._unread), bytearray()
        if rest:
            self.speaker.data_received(rest)

    def _let_read(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._speaker_pauses or self._is_slow or self._is_frozen:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def _end(self, how: CutHow) -> None:
        transport = self._transport
        if transport is None:
            return
        if how is CutHow.RESET:
            reset(transport)
        else:
            transport.close()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        now = self._loop.time()
        self._timers = [(due, timer) for due, timer in self._timers if due > now]
        self._timers.append((now + seconds, self._loop.call_later(seconds, action)))

    def _cancel_timers(self) -> None:
        for _, timer in self._timers:
            timer.cancel()
        self._timers.clear()


def reset(transport: asyncio.WriteTransport) -> None:
    """End a connection by RST: what was not read by the peer is lost."""
    connection = transport.get_extra_info("socket")
    if connection is not None and not transport.is_closing():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()
