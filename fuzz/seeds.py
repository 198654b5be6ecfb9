"""Where fuzzing starts from: the captured frames, alone and in streams."""

import random

from .promises import TRIALS, check_body, check_client, check_content, check_server
from .subject import Subject

_BODY, _CONTENT = TRIALS.index(check_body), TRIALS.index(check_content)
_SESSIONS = TRIALS.index(check_client), TRIALS.index(check_server)


def seeds(subject: Subject) -> list[bytes]:
    """Return an input for each captured frame and trial, and longer streams of several frames."""
    commands = sorted(subject.dialect.commands.values())
    found = [bytes([_CONTENT, 0]) + content for content in subject.contents()]
    for golden in subject.goldens:
        version = subject.versions.index(golden.version) if golden.version in subject.versions else 0
        found.append(bytes([_BODY, commands.index(golden.command) << 1 | version]) + golden.body)
        found += [bytes([trial, version | bound]) + golden.frame for trial in _SESSIONS for bound in (0, 2)]
    frames = [golden.frame for golden in subject.goldens]
    for trial in _SESSIONS:
        found += [bytes([trial, 3]) + b"".join(frames[start : start + 5]) for start in range(0, len(frames), 5)]
    return found


def mutations(subject: Subject, count: int, seed: int) -> list[bytes]:
    """Return damaged seeds, the same for the same seed."""
    chance = random.Random(seed)
    origins = seeds(subject)
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
