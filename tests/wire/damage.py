"""What can happen to octets on their way: a bit turns, a stream comes in pieces."""

from collections.abc import Sequence
from itertools import pairwise


def flips(data: bytes) -> list[bytes]:
    """Return the data with each of its bits turned in its turn."""
    damaged = []
    for position in range(len(data) * 8):
        octets = bytearray(data)
        octets[position // 8] ^= 1 << position % 8
        damaged.append(bytes(octets))
    return damaged


def chunks(stream: bytes, cuts: Sequence[int]) -> list[bytes]:
    """Return the stream cut at these places."""
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(edges)]
