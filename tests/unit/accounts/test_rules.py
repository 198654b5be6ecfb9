"""What accounts and keys may look like."""

from ipaddress import ip_network

import pytest

from hongyan.accounts.errors import KeyInvalid
from hongyan.accounts.rules import read_networks


@pytest.mark.parametrize(
    "written, network",
    [
        ("203.0.113.9", "203.0.113.9/32"),
        (" 10.0.0.0/8 ", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::1", "::1/128"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
    ],
)
def test_an_entry_is_an_address_or_a_network(written: str, network: str) -> None:
    assert read_networks([written]) == (ip_network(network),)


def test_an_entry_given_twice_counts_once() -> None:
    assert read_networks(["10.0.0.1", "10.0.0.2", "10.0.0.1/32"]) == (
        ip_network("10.0.0.1/32"),
        ip_network("10.0.0.2/32"),
    )


def test_no_entries_allow_every_address() -> None:
    assert read_networks([]) == ()


@pytest.mark.parametrize("written", ["", "localhost", "10.0.0", "10.0.0.0/33", "300.1.1.1", "10.0.0.0/8,11.0.0.0/8"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(KeyInvalid, match="neither an address nor a network"):
        read_networks([written])


def test_a_network_with_host_bits_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(KeyInvalid, match=r"write 10\.1\.0\.0/16 or leave out the prefix"):
        read_networks(["10.1.2.3/16"])


def test_all_wrong_entries_are_named_at_once() -> None:
    with pytest.raises(KeyInvalid) as caught:
        read_networks(["x", "10.0.0.1", "y"])

    assert len(caught.value.problems) == 2


def test_a_list_has_an_end() -> None:
    with pytest.raises(KeyInvalid, match="at most 100"):
        read_networks([f"10.0.0.{number}" for number in range(101)])
