"""Counting connections."""

from typing import Any, cast

from hongyan.http.addresses import LOOPBACK
from hongyan.http.limits import ServerLimits
from hongyan.http.state import HttpState

LOCAL = "127.0.0.1"


def a_state(**limits: int) -> HttpState:
    return HttpState(ServerLimits(**cast("Any", limits)), LOOPBACK)


async def test_an_address_has_its_share_and_gets_it_back() -> None:
    state = a_state(connections_per_address_max=2)

    assert [state.admit("203.0.113.5") for _ in range(3)] == [True, True, False]
    assert state.admit("203.0.113.6")
    for _ in range(3):
        state.dismiss("203.0.113.5")
    assert state.per_address == {"203.0.113.6": 1}
    assert state.admit("203.0.113.5")


async def test_exempt_addresses_and_local_sockets_are_not_counted() -> None:
    state = a_state(connections_per_address_max=1)

    assert all(state.admit(address) for address in (LOCAL, LOCAL, None, None))
    state.dismiss(LOCAL)
    assert state.per_address == {}


async def test_all_connections_together_are_bounded() -> None:
    state = a_state(connections_max=1)
    state.connections.update(cast("Any", {object(), object()}))

    assert not state.admit(LOCAL)


async def test_the_last_one_to_leave_is_noticed() -> None:
    state = a_state()
    state.admit(None)
    assert not state.empty.is_set()

    state.dismiss(None)
    assert state.empty.is_set()
