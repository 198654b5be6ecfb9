"""Where fuzzing starts from: the captured frames, alone and in streams."""

import random

from hongyan.wire.cmpp.dialect import PDUS
from tests.wire.golden import CMPP_GOLDENS


def seeds() -> list[bytes]:
    """Return an input for each captured frame and trial, and longer streams of several frames."""
    found = []
    for golden in CMPP_GOLDENS:
        version = golden.version >> 4 & 1
        content = golden.fields.get("msg_content", b"")
        command = sorted(PDUS).index(golden.command)
        found += [
            bytes([0, command << 1 | version]) + golden.body,
            bytes([1, version]) + content,
            bytes([2, version]) + golden.frame,
            bytes([2, version | 2]) + golden.frame,
            bytes([3, version]) + golden.frame,
            bytes([3, version | 2]) + golden.frame,
        ]
    frames = [golden.frame for golden in CMPP_GOLDENS]
    for trial in (2, 3):
        found += [bytes([trial, 3]) + b"".join(frames[start : start + 5]) for start in range(0, len(frames), 5)]
    return found


def mutations(count: int, seed: int) -> list[bytes]:
    """Return damaged seeds, the same for the same seed."""
    chance = random.Random(seed)
    origins = seeds()
    return [_damage(chance.choice(origins), chance) for _ in range(count)]


def _damage(origin: bytes, chance: random.Random) -> bytes:
    octets = bytearray(origin)
    for _ in range(chance.randint(1, 4)):
        position = chance.randrange(len(octets))
        match chance.randrange(4):
            case 0:
                octets[position] ^= 1 << chance.randrange(8)
            case 1:
                octets[position:position] = chance.randbytes(chance.randint(1, 8))
            case 2:
                del octets[position : position + chance.randint(1, 8)]
            case _:
                octets[position] = chance.choice([0x00, 0x7F, 0x80, 0xFF])
        octets = octets or bytearray(2)
    return bytes(octets)
