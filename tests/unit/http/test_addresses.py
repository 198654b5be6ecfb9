"""Where requests come from."""

from ipaddress import ip_address, ip_network

import pytest

from hongyan.http.addresses import LOOPBACK, client_address, is_within, read_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    "text, address",
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8::1", "2001:db8::1"),
        ("203.0.113.5:443", None),
        ("", None),
        ("localhost", None),
    ],
)
def test_addresses_are_read(text: str, address: str | None) -> None:
    assert read_address(text) == (ip_address(address) if address else None)


def test_a_mapped_address_lies_in_an_ipv4_network() -> None:
    address = read_address("::ffff:127.0.0.1")

    assert address is not None
    assert is_within(address, LOOPBACK)
    assert not is_within(address, PROXIES)


@pytest.mark.parametrize(
    "peer, forwarded, client",
    [
        ("203.0.113.5", b"198.51.100.1", "203.0.113.5"),
        ("10.0.0.1", b"198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", b"192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", b"192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", b"2001:db8::1, fd00::2", "2001:db8::1"),
        ("10.0.0.1", b"", "10.0.0.1"),
        ("10.0.0.1", b"unknown", "10.0.0.1"),
        ("10.0.0.1", b"10.0.0.3", "10.0.0.3"),
    ],
)
def test_forwarded_addresses_are_believed_as_far_as_proxies_wrote_them(
    peer: str, forwarded: bytes, client: str
) -> None:
    fields = {b"x-forwarded-for": forwarded}

    assert client_address((peer, 1), fields, PROXIES) == ip_address(client)
    assert client_address((peer, 1), fields, ()) == ip_address(peer)


def test_a_local_socket_has_no_address() -> None:
    assert client_address(None, {b"x-forwarded-for": b"203.0.113.5"}, PROXIES) is None
