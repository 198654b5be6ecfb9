"""The head of a frame: its length, its command, in SMPP a status, and the sequence that ties a response to its request.

    CMPP, SMGP   length │ command │ sequence
    SMPP         length │ command │ status │ sequence
    SGIP         length │ command │ node │ time │ counter

A sequence is one integer everywhere else: that of SGIP is its three words side by side. What tells the requests of one
connection apart is always the last word.
"""

import struct
from typing import Final

_WORD_BITS: Final = 32
_WORD_MAX: Final = 0xFFFF_FFFF


class Header:
    """How the head of every frame of a protocol lies on the wire."""

    def __init__(self, *, has_status: bool = False, sequence_words: int = 1) -> None:
        self.form = struct.Struct(">" + "I" * (2 + has_status + sequence_words))
        self.size = self.form.size
        self.has_status = has_status
        """Whether the third word is a status."""
        self.sequence_words = sequence_words

    def pack(self, length: int, command: int, sequence: int, status: int = 0) -> bytes:
        """Return the octets of a head."""
        if self.sequence_words == 3:
            words = sequence >> 2 * _WORD_BITS, sequence >> _WORD_BITS & _WORD_MAX, sequence & _WORD_MAX
            return self.form.pack(length, command, *words)
        if self.has_status:
            return self.form.pack(length, command, status, sequence)
        return self.form.pack(length, command, sequence)

    def sequence_of(self, words: tuple[int, ...]) -> int:
        """Return the whole sequence of a head that was read."""
        if self.sequence_words == 3:
            return words[-3] << 2 * _WORD_BITS | words[-2] << _WORD_BITS | words[-1]
        return words[-1]
