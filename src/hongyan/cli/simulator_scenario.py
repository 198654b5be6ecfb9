"""`hongyan simulator scenario`: how the carriers of a running simulator misbehave."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hongyan.kit.fields import FieldProblem
from hongyan.simulator.scenario import Scenario, ScenarioInvalid, scenario_file

from .console import print_json, say, show_table
from .group import Group
from .simulator_client import SimulatorClient, SimulatorInvalid, simulator_at

app = Group("Scenarios: how the carriers of a running simulator misbehave.")

UrlOption = Annotated[
    str,
    typer.Option(
        "--url",
        metavar="URL",
        envvar="HONGYAN_SIMULATOR_URL",
        help="Where the simulator's phones are; without it those of demo.json, else of the settings.",
        show_default=False,
    ),
]
CarrierOption = Annotated[
    str, typer.Option("--carrier", metavar="NAME", help="One carrier; all of them else.", show_default=False)
]
LoginOption = Annotated[
    str, typer.Option("--login", metavar="NAME", help="One login of that carrier.", show_default=False)
]


@app.verb("list")
def list_all(*, url: UrlOption = "") -> None:
    """List the scenarios there are, and what every carrier and login plays."""
    client = simulator_at(url)
    scenarios = client.get("scenarios")["scenarios"]
    playing = client.get("carriers")["carriers"]

    def players(name: str) -> str:
        return ", ".join(_whose(one) for one in playing if one["name"] == name and one["is_own"])

    show_table(
        [*scenarios, *({"name": one["name"], "title": "", "origin": "unnamed"} for one in playing if _is_unnamed(one))],
        {
            "scenario": lambda one: one["name"],
            "played by": lambda one: players(one["name"]),
            "what happens": lambda one: one["title"],
        },
    )


@app.verb("show")
def show_one(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A scenario; what is played else.", show_default=False)
    ] = "",
    *,
    url: UrlOption = "",
) -> None:
    """Show a scenario, or what all carriers and logins play."""
    client = simulator_at(url)
    print_json(client.get("scenarios", name) if name else client.get("carriers"))


@app.verb("set")
def set_one(
    scenario: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A name, a .toml file, or FILE:NAME.")],
    *,
    carrier: CarrierOption = "",
    login: LoginOption = "",
    url: UrlOption = "",
) -> None:
    """Have carriers play a scenario from now on; those of a file are kept under their names first."""
    client = simulator_at(url)
    own, name = scenarios_of(scenario, option="NAME|FILE")
    for one, kept in own.items():
        client.put("scenarios", one, body=msgspec.to_builtins(kept))
    for path in _paths(client, carrier, login):
        client.put(*path, body={"name": name})
        say(f"{path[1]}{' ' + path[3] if login else ''} plays {name}")


@app.verb("clear")
def clear(*, carrier: CarrierOption = "", login: LoginOption = "", url: UrlOption = "") -> None:
    """Have carriers and their logins behave by their settings again, or one login as its carrier does."""
    client = simulator_at(url)
    cleared = _paths(client, carrier, login)
    if not login:
        names = {path[1] for path in cleared}
        own = (one for one in client.get("carriers")["carriers"] if one["login"] and one["is_own"])
        for playing in own:
            if playing["carrier"] in names:
                client.delete("carriers", playing["carrier"], "logins", playing["login"], "scenario")
    for path in cleared:
        client.delete(*path)
        say(f"{path[1]}{' ' + path[3] if login else ''} plays nothing of its own")


def _paths(client: SimulatorClient, carrier: str, login: str) -> list[tuple[str, ...]]:
    if login and not carrier:
        raise SimulatorInvalid([FieldProblem("--carrier", "Name the carrier that the login belongs to.")])
    if login:
        return [("carriers", carrier, "logins", login, "scenario")]
    names = [carrier] if carrier else [one["carrier"] for one in client.get("carriers")["carriers"] if not one["login"]]
    return [("carriers", name, "scenario") for name in names]


def scenarios_of(words: str, *, option: str) -> tuple[dict[str, Scenario], str]:
    """Return what NAME, FILE or FILE:NAME means: the scenarios of the file, none for a NAME, and the name of one."""
    if words.endswith(".toml"):
        path, name = words, ""
    elif ".toml:" in words:
        path, name = words.rsplit(":", 1)
    else:
        return {}, words
    try:
        scenarios = scenario_file(Path(path))
    except OSError as error:
        raise SimulatorInvalid([FieldProblem(option, f"{path} cannot be read: {error.strerror}.")]) from error
    except ScenarioInvalid as error:
        raise SimulatorInvalid([FieldProblem(error.field or option, error.problem)]) from error
    if not name and len(scenarios) == 1:
        (name,) = scenarios
    if name not in scenarios:
        known = ", ".join(scenarios) or "none"
        raise SimulatorInvalid([FieldProblem(option, f"Say which as {path}:NAME; it holds {known}.")])
    return scenarios, name


def _whose(playing: dict[str, Any]) -> str:
    return f"{playing['carrier']}/{playing['login']}" if playing["login"] else str(playing["carrier"])


def _is_unnamed(playing: dict[str, Any]) -> bool:
    return bool(playing["is_own"]) and str(playing["name"]).startswith("(")
