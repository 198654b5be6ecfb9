"""`hongyan route`: which carrier's messages take which channel."""

from typing import Annotated, Final

import msgspec
import typer

from hongyan.kit.errors import Error
from hongyan.numbers.model import Carrier, Number
from hongyan.numbers.rules import NumberProblem, parse
from hongyan.routing import service
from hongyan.routing.model import ChannelInfo, Route, RouteState
from hongyan.routing.table import Option, load_route_table

from .arguments import CarrierOption, actor
from .console import print_json, say, show_table
from .context import Platform, common_options
from .group import Group

app = Group("Routes: which carrier over which channel.")

IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The route's number, as in the list.")]
_PRIORITY_HELP = "The lowest number takes all; the next only when none of that number is usable."
_WEIGHT_HELP = "The share among routes of the same priority."

_WHY_NOT: Final = {
    NumberProblem.NOT_A_NUMBER: "is not a mobile number",
    NumberProblem.IOT_NUMBER: "is a machine's 13-digit number, which takes no texts from here",
    NumberProblem.SATELLITE_NUMBER: "is a satellite network's number, which takes no texts from here",
    NumberProblem.UNALLOCATED: "is in a range that is given to no carrier",
    NumberProblem.FOREIGN: "is no mobile number of its country",
}


class NumberUnusable(Error):
    """No text can be sent to this number."""

    code = "number.unusable"


class RouteView(msgspec.Struct, frozen=True):
    """A route with the names of what it joins."""

    route_id: int
    carrier: str
    channel: str
    priority: int
    weight: int
    state: RouteState


class OptionView(msgspec.Struct, frozen=True):
    """A route of a carrier and what it gets."""

    route_id: int
    channel: str
    priority: int
    weight: int
    share: float
    reason: str


class ExplanationView(msgspec.Struct, frozen=True):
    """Where messages to a number go."""

    recipient: str
    carrier: str
    reseller: bool
    routes: list[OptionView]


@app.verb("add")
async def add(
    platform: Platform,
    *,
    carrier: CarrierOption,
    channel: Annotated[str, typer.Option("--channel", metavar="NAME", help="The channel.")],
    priority: Annotated[int, typer.Option("--priority", metavar="N", help=_PRIORITY_HELP)] = 1,
    weight: Annotated[int, typer.Option("--weight", metavar="N", help=_WEIGHT_HELP)] = 1,
) -> None:
    """Let messages of a carrier take a channel."""
    async with platform.pool.acquire() as connection:
        route = await service.add_route(
            connection, carrier=Carrier(carrier), channel=channel, priority=priority, weight=weight, actor=actor()
        )
        channels = await service.list_channels(connection)
    _show([route], channels)


@app.verb("list")
async def list_all(platform: Platform) -> None:
    """List the routes."""
    async with platform.pool.acquire() as connection:
        routes = await service.list_routes(connection)
        channels = await service.list_channels(connection)
    _show(routes, channels)


@app.verb("set")
async def change(
    platform: Platform,
    route_id: IdArgument,
    *,
    priority: Annotated[
        int | None, typer.Option("--priority", metavar="N", help=_PRIORITY_HELP, show_default=False)
    ] = None,
    weight: Annotated[int | None, typer.Option("--weight", metavar="N", help=_WEIGHT_HELP, show_default=False)] = None,
    state: Annotated[RouteState | None, typer.Option("--state", show_default=False)] = None,
) -> None:
    """Change a route; what is not given stays."""
    if priority is None and weight is None and state is None:
        raise typer.BadParameter("give what is to change: --priority, --weight or --state")
    async with platform.pool.acquire() as connection:
        route = await service.change_route(
            connection, route_id, priority=priority, weight=weight, state=state, actor=actor()
        )
        channels = await service.list_channels(connection)
    _show([route], channels)


@app.verb("remove")
async def remove(platform: Platform, route_id: IdArgument) -> None:
    """Remove a route.

    Messages it was chosen for still take it.
    """
    async with platform.pool.acquire() as connection:
        route = await service.remove_route(connection, route_id, actor=actor())
        channels = await service.list_channels(connection)
    _show([route], channels)
    say("removed")


@app.verb("explain")
async def explain(
    platform: Platform,
    *,
    to: Annotated[str, typer.Option("--to", metavar="NUMBER", help="A mobile number.")],
) -> None:
    """Tell which channels a number's messages take, and why.

    Exit code 0: some, else 1.
    """
    number = parse(to)
    if not isinstance(number, Number):
        raise NumberUnusable(f"{to} {_WHY_NOT[number]}.", problem=number.value)
    async with platform.pool.acquire() as connection:
        table = await load_route_table(connection, platform.vault)
        names = {channel.channel_id: channel.name for channel in await service.list_channels(connection)}
    routes = [_option_view_of(option, names) for option in table.explain(number.carrier)]
    view = ExplanationView(f"+{number.recipient}", number.carrier.name.lower(), number.reseller, routes)
    _show_explanation(view)
    if not any(route.share for route in routes):
        raise typer.Exit(1)


def _show_explanation(view: ExplanationView) -> None:
    if common_options.get().as_json:
        print_json(view)
        return
    network = "is abroad" if view.carrier == "international" else f"is on {view.carrier}'s network"
    print(f"{view.recipient} {network}{', sold by a reseller' if view.reseller else ''}")
    show_table(
        view.routes,
        {
            "route": lambda route: route.route_id,
            "channel": lambda route: route.channel,
            "priority": lambda route: route.priority,
            "weight": lambda route: route.weight,
            "share": lambda route: f"{route.share:.0%}",
            "why": lambda route: route.reason,
        },
        empty=f"no routes; add one: hongyan route add --carrier {view.carrier} --channel NAME",
    )


def _option_view_of(option: Option, names: dict[int, str]) -> OptionView:
    route = option.route
    return OptionView(
        route.route_id, names[route.channel_id], route.priority, route.weight, option.share, option.reason
    )


def _show(routes: list[Route], channels: list[ChannelInfo]) -> None:
    names = {channel.channel_id: channel.name for channel in channels}
    show_table(
        [
            RouteView(
                route.route_id,
                route.carrier.name.lower(),
                names[route.channel_id],
                route.priority,
                route.weight,
                route.state,
            )
            for route in routes
        ],
        {
            "id": lambda route: route.route_id,
            "carrier": lambda route: route.carrier,
            "channel": lambda route: route.channel,
            "priority": lambda route: route.priority,
            "weight": lambda route: route.weight,
            "state": lambda route: route.state,
        },
        empty="no routes; add one: hongyan route add --carrier CARRIER --channel NAME",
    )
