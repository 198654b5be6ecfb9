"""What accounts and keys may look like."""

from collections.abc import Sequence
from ipaddress import IPv6Network, ip_network
from typing import Final

from hongyan.kit.fields import FieldChecks, FieldProblem, InvalidFields

from .errors import KeyInvalid
from .model import Network

NAME_LENGTH_MAX: Final = 64
LABEL_LENGTH_MAX: Final = 64
EXTENSION_LENGTH_MAX: Final = 12
"""A source number has 20 digits at most, and the carrier's own takes eight or more."""
PRICE_MAX: Final = 100_000
"""厘: a hundred yuan a segment is a slip of the unit, not a price."""
NETWORKS_MAX: Final = 100
_MAPPED_PREFIX: Final = 96


def check_name(checks: FieldChecks, name: str) -> None:
    """Note what is wrong with an account's name."""
    checks.expect(
        0 < len(name) <= NAME_LENGTH_MAX and name == name.strip() and name.isprintable(),
        "name",
        f"Give 1 to {NAME_LENGTH_MAX} characters without blanks at the ends or control characters.",
    )


def check_price(checks: FieldChecks, price_per_segment: int) -> None:
    """Note what is wrong with a price."""
    checks.expect(
        0 <= price_per_segment <= PRICE_MAX,
        "price_per_segment",
        f"Give the price in 厘 (1/1000 yuan), 0 to {PRICE_MAX}; 45 is 0.045 yuan a segment.",
    )


def check_extension(checks: FieldChecks, extension: str) -> None:
    """Note what is wrong with an account's extension."""
    checks.expect(
        len(extension) <= EXTENSION_LENGTH_MAX and (not extension or is_digits(extension)),
        "extension",
        f"Give at most {EXTENSION_LENGTH_MAX} digits, such as 88; none takes it away.",
    )


def is_digits(text: str) -> bool:
    """Tell whether a text is digits and nothing else."""
    return text.isascii() and text.isdigit()


def check_label(checks: FieldChecks, label: str) -> None:
    """Note what is wrong with a key's label."""
    checks.expect(
        len(label) <= LABEL_LENGTH_MAX and label.isprintable(),
        "label",
        f"Give at most {LABEL_LENGTH_MAX} characters without control characters.",
    )


def read_networks(written: Sequence[str], invalid: type[InvalidFields] = KeyInvalid) -> tuple[Network, ...]:
    """Return the networks of an allow list, each once; `invalid` names every entry that is none."""
    networks: dict[Network, None] = {}
    problems: list[FieldProblem] = []
    for entry in written:
        try:
            networks[_read_network(entry)] = None
        except ValueError as error:
            problems.append(FieldProblem("ip_allow", str(error)))
    if len(written) > NETWORKS_MAX:
        problems.append(FieldProblem("ip_allow", f"Give at most {NETWORKS_MAX} addresses or networks."))
    if problems:
        raise invalid(problems)
    return tuple(networks)


def _read_network(entry: str) -> Network:
    entry = entry.strip()
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        raise ValueError(f"{entry!r} is neither an address nor a network; write 203.0.113.9 or 10.0.0.0/8.") from None
    if "/" in entry and network != _strict_network(entry):
        raise ValueError(f"{entry!r} has bits behind its prefix; write {network} or leave out the prefix.")
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_PREFIX:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:  # a request's address is read as IPv4 too
            return ip_network(f"{mapped}/{network.prefixlen - _MAPPED_PREFIX}")
    return network


def _strict_network(entry: str) -> Network | None:
    try:
        return ip_network(entry)
    except ValueError:
        return None
