"""Durations, sizes and networks as people write them in settings: "30s", "64KiB", "10.0.0.0/8"."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

_QUANTITY: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)")
_SECONDS: Final = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}
_BYTES: Final = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class Duration(float):
    """Seconds, written with their unit: ms, s, min, h or d."""

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read "250ms", "30s", "5min", "2h" or "1d"; ValueError says what was expected."""
        return cls(_parse(text, _SECONDS, 'a duration such as "30s" or "5min"'))

    def __str__(self) -> str:
        return _show(self, _SECONDS)


class Size(int):
    """Bytes, written with their unit: B, KiB, MiB or GiB."""

    @classmethod
    def parse(cls, text: str) -> "Size":
        """Read "512B", "64KiB", "1MiB" or "2GiB"; ValueError says what was expected."""
        return cls(_parse(text, _BYTES, 'a size such as "64KiB" or "1MiB"'))

    def __str__(self) -> str:
        return _show(self, _BYTES)


class Networks(tuple[IPv4Network | IPv6Network, ...]):
    """Networks and single addresses, written with commas between them."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Networks":
        """Read "10.0.0.0/8, 192.0.2.7" or nothing; ValueError says what was expected."""
        try:
            return cls(ip_network(part.strip()) for part in text.split(",") if part.strip())
        except ValueError:
            raise ValueError('must be networks such as "10.0.0.0/8, 192.0.2.7"') from None

    def __str__(self) -> str:
        return ", ".join(map(str, self))


def _parse(text: str, units: dict[str, int] | dict[str, float], expected: str) -> float:
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match[2] not in units:
        raise ValueError(f"must be {expected}")
    return float(match[1]) * units[match[2]]


def _show(value: float, units: dict[str, int] | dict[str, float]) -> str:
    """Write a quantity in the largest unit that gives a whole number."""
    smallest, *_ = units
    for unit in reversed(units):
        count = value / units[unit]
        if count >= 1 and count.is_integer():
            return f"{int(count)}{unit}"
    return f"{value / units[smallest]:g}{smallest}"
