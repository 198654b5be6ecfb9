"""Which channel a message takes."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from hongyan.kit.clock import ManualClock
from hongyan.kit.ids import IdGenerator
from hongyan.numbers.model import Carrier
from hongyan.routing.model import Channel, ChannelState, Route, RouteState
from hongyan.routing.table import RouteTable


def a_channel(channel_id: int, state: ChannelState = ChannelState.ACTIVE) -> Channel:
    return Channel(
        channel_id=channel_id,
        name=f"channel-{channel_id}",
        protocol="cmpp20",
        host="127.0.0.1",
        port=7890,
        login="901234",
        password="very-secret",
        src_id="10690001",
        service_id="",
        links=1,
        window_size=16,
        speed_per_second=100,
        state=state,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def a_route(
    route_id: int, channel_id: int, *, priority: int = 1, weight: int = 1, state: RouteState = RouteState.ACTIVE
) -> Route:
    return Route(
        route_id=route_id,
        carrier=Carrier.MOBILE,
        channel_id=channel_id,
        priority=priority,
        weight=weight,
        state=state,
    )


def mids(count: int) -> list[int]:
    ids = IdGenerator(ManualClock(), node=3)
    return [ids.next() for _ in range(count)]


def drawn(table: RouteTable, count: int = 10_000) -> Counter[int]:
    choices = [table.choose(Carrier.MOBILE, mid) for mid in mids(count)]
    return Counter(choice.route_id for choice in choices if choice)


def test_a_carrier_without_routes_has_no_channel() -> None:
    table = RouteTable([a_channel(1)], [a_route(1, 1)])

    assert table.choose(Carrier.UNICOM, 1) is None
    assert table.explain(Carrier.UNICOM) == []


def test_the_only_route_takes_everything() -> None:
    choice = RouteTable([a_channel(1)], [a_route(7, 1)]).choose(Carrier.MOBILE, 1)

    assert choice is not None
    assert (choice.channel.channel_id, choice.route_id, choice.reason) == (1, 7, "mobile route 7: priority 1")


def test_the_lowest_priority_number_takes_everything() -> None:
    table = RouteTable([a_channel(1), a_channel(2)], [a_route(1, 1, priority=2), a_route(2, 2, priority=1)])

    assert drawn(table) == {2: 10_000}


@pytest.mark.parametrize("weights", [(3, 1), (1, 1), (1000, 1), (5, 3)])
def test_routes_of_one_priority_share_by_weight(weights: tuple[int, int]) -> None:
    table = RouteTable(
        [a_channel(1), a_channel(2)], [a_route(1, 1, weight=weights[0]), a_route(2, 2, weight=weights[1])]
    )

    share = drawn(table)[1] / 10_000
    assert share == pytest.approx(weights[0] / sum(weights), abs=0.02)


def test_ids_of_one_burst_and_of_spread_requests_are_shared_alike() -> None:
    table = RouteTable([a_channel(1), a_channel(2)], [a_route(1, 1), a_route(2, 2)])
    one_each_second = [(1_795_000_000_000 + 1000 * n) << 22 | 3 << 12 for n in range(10_000)]

    choices = Counter(choice.route_id for mid in one_each_second if (choice := table.choose(Carrier.MOBILE, mid)))

    assert choices[1] == pytest.approx(5_000, abs=200)


def test_a_message_always_takes_the_same_channel() -> None:
    routes = [a_route(1, 1), a_route(2, 2)]
    first, second = (RouteTable([a_channel(1), a_channel(2)], order) for order in (routes, routes[::-1]))

    assert [first.choose(Carrier.MOBILE, mid) for mid in mids(100)] == [
        second.choose(Carrier.MOBILE, mid) for mid in mids(100)
    ]


def test_stopped_channels_and_stopped_routes_carry_nothing() -> None:
    table = RouteTable(
        [a_channel(1, ChannelState.STOPPED), a_channel(2), a_channel(3)],
        [a_route(1, 1), a_route(2, 2, state=RouteState.STOPPED), a_route(3, 3, priority=9)],
    )

    assert drawn(table) == {3: 10_000}


def test_nothing_is_chosen_when_every_channel_is_stopped() -> None:
    table = RouteTable([a_channel(1, ChannelState.STOPPED)], [a_route(1, 1)])

    assert table.choose(Carrier.MOBILE, 1) is None


def test_an_explanation_names_shares_and_reasons() -> None:
    table = RouteTable(
        [a_channel(1), a_channel(2), a_channel(3, ChannelState.STOPPED), a_channel(4)],
        [
            a_route(1, 1, weight=3),
            a_route(2, 2, weight=1),
            a_route(3, 3),
            a_route(4, 4, priority=2),
            a_route(5, 1, priority=3, state=RouteState.STOPPED),
            a_route(6, 99, priority=4),
        ],
    )

    assert [(option.route.route_id, option.share, option.reason) for option in table.explain(Carrier.MOBILE)] == [
        (1, 0.75, "mobile route 1: priority 1, weight 3 of 4"),
        (2, 0.25, "mobile route 2: priority 1, weight 1 of 4"),
        (3, 0.0, "channel channel-3 is stopped"),
        (4, 0.0, "a route with a lower priority number goes first"),
        (5, 0.0, "the route is stopped"),
        (6, 0.0, "the channel's password does not open"),
    ]


def test_channels_are_found_by_id_stopped_or_not() -> None:
    stopped = a_channel(2, ChannelState.STOPPED)
    table = RouteTable([a_channel(1), stopped], [])

    assert table.channel(2) is stopped
    assert table.channel(3) is None
    assert [channel.channel_id for channel in table.channels] == [1, 2]


def test_a_password_is_not_shown_by_accident() -> None:
    assert "very-secret" not in f"{a_channel(1)!r} {a_channel(1)}"
