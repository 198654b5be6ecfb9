"""`hongyan simulator phone` and `reply`: the sandbox phones of a running simulator, from a terminal."""

from typing import Annotated

import typer

from hongyan.simulator.handsets import PhoneState

from .console import show
from .simulator_client import simulator_at
from .simulator_scenario import UrlOption

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="A phone, such as 13800138000.")]


def phone(
    number: NumberArgument,
    state: Annotated[
        PhoneState | None, typer.Argument(help="Turn it on or off, fill it, or let it be nobody's.", show_default=False)
    ] = None,
    *,
    url: UrlOption = "",
) -> None:
    """Show or change what a sandbox phone is up to."""
    client = simulator_at(url)
    if state is None:
        now = client.get("phones", number, "state")
    else:
        now = client.put("phones", number, "state", body={"state": state.value})
    show(
        now,
        {
            "number": lambda one: one["number"],
            "state": lambda one: one["state"],
            "texts waiting": lambda one: one["waiting"],
        },
    )


def reply(
    number: NumberArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is answered, such as 退订.")],
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="NUMBER", help="The number answered; whoever wrote last else.", show_default=False
        ),
    ] = "",
    carrier: Annotated[
        str, typer.Option("--carrier", metavar="NAME", help="Over this carrier.", show_default=False)
    ] = "",
    login: Annotated[str, typer.Option("--login", metavar="NAME", help="To this login.", show_default=False)] = "",
    coding: Annotated[
        str, typer.Option("--coding", metavar="NAME", help="ascii, gsm7, ucs2 or gbk.", show_default=False)
    ] = "",
    url: UrlOption = "",
) -> None:
    """Answer from a sandbox phone."""
    draft = {"text": text, "to": to, "carrier": carrier, "login": login, "coding": coding}
    sent = simulator_at(url).post("phones", number, "replies", body=draft)
    show(
        sent,
        {
            "from": lambda one: one["number"],
            "to": lambda one: one["to"],
            "over": lambda one: f"{one['carrier']} {one['login']}",
            "parts": lambda one: len(one["parts"]),
            "encoding": lambda one: one["encoding"],
        },
    )
