"""The scenario API: which there are, who plays which, and switching them while everything runs.

GET    /scenarios                                    all scenarios
GET    /scenarios/{name}                             one, whole
PUT    /scenarios/{name}                             keep one of your own
DELETE /scenarios/{name}                             forget it
GET    /carriers                                     what every carrier and login plays
GET    /carriers/{carrier}/scenario                  what a carrier plays
PUT    /carriers/{carrier}/scenario                  play: {"name": …} or {"scenario": {…}}
DELETE /carriers/{carrier}/scenario                  behave by the settings again
       /carriers/{carrier}/logins/{login}/scenario   the same for one login; DELETE follows the carrier again
"""

from typing import Any, Final

import msgspec

from .application import Routes
from .exchange import Exchange, Problem
from .scenario import Scenario, ScenarioInvalid, scenario_from, scenario_from_json
from .stage import CannotKeep, Origin, Playing, Stage, UnknownName

UNNAMED: Final = "(own)"
_DOCUMENT: Final = "see docs/simulator.md for what can stand in a scenario"


class ScenarioView(msgspec.Struct, frozen=True):
    """A scenario in the list."""

    name: str
    title: str
    title_zh: str
    origin: Origin


class PlayingView(msgspec.Struct, frozen=True):
    """What a carrier or login plays."""

    carrier: str
    login: str | None
    name: str
    is_own: bool
    scenario: dict[str, Any] | None


class _Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be played."""

    name: str = ""
    scenario: dict[str, Any] | None = None


class StageApi:
    """Answers for the stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def routes(self) -> Routes:
        """Return who answers what."""
        playing = {"GET": self._playing, "PUT": self._play, "DELETE": self._clear}
        return {
            "/scenarios": {"GET": self._list},
            "/scenarios/*": {"GET": self._show, "PUT": self._keep, "DELETE": self._drop},
            "/carriers": {"GET": self._carriers},
            "/carriers/*/scenario": playing,
            "/carriers/*/logins/*/scenario": playing,
        }

    async def _list(self, exchange: Exchange) -> None:
        shown = [ScenarioView(name, one.title, one.title_zh, origin) for name, one, origin in self._stage.scenarios()]
        await exchange.answer_json({"scenarios": shown})

    async def _show(self, exchange: Exchange, name: str) -> None:
        try:
            scenario = self._stage.scenario(name)
        except UnknownName as error:
            raise _unknown(error) from error
        await exchange.answer_json({"name": name, "scenario": plain(scenario)})

    async def _keep(self, exchange: Exchange, name: str) -> None:
        body = await exchange.body()
        try:
            self._stage.keep(name, scenario_from_json(body))
        except ScenarioInvalid as error:
            raise Problem(400, error.problem, field=error.field, fix=_DOCUMENT) from error
        except CannotKeep as error:
            raise Problem(409, str(error), field="name", fix="delete one that is not needed") from error
        await self._show(exchange, name)

    async def _drop(self, exchange: Exchange, name: str) -> None:
        try:
            self._stage.drop(name)
        except UnknownName as error:
            raise _unknown(error) from error
        except CannotKeep as error:
            raise Problem(409, str(error), field="name", fix="clear it where it is played instead") from error
        await exchange.answer_nothing()

    async def _carriers(self, exchange: Exchange) -> None:
        await exchange.answer_json({"carriers": [_view(playing) for playing in self._stage.carriers()]})

    async def _playing(self, exchange: Exchange, carrier: str, login: str | None = None) -> None:
        try:
            playing = self._stage.playing(carrier, login)
        except UnknownName as error:
            raise _unknown(error) from error
        await exchange.answer_json(_view(playing))

    async def _play(self, exchange: Exchange, carrier: str, login: str | None = None) -> None:
        order = await exchange.read(_Order)
        try:
            scenario = self._ordered(order)
            self._stage.play(order.name or UNNAMED, scenario, carrier, login)
        except UnknownName as error:
            raise _unknown(error) from error
        except ScenarioInvalid as error:
            raise Problem(400, error.problem, field=error.field, fix=_DOCUMENT) from error
        await self._playing(exchange, carrier, login)

    async def _clear(self, exchange: Exchange, carrier: str, login: str | None = None) -> None:
        try:
            self._stage.clear(carrier, login)
        except UnknownName as error:
            raise _unknown(error) from error
        await exchange.answer_nothing()

    def _ordered(self, order: _Order) -> Scenario:
        if bool(order.name) == (order.scenario is not None):
            raise ScenarioInvalid("give either name or scenario", field="name")
        if order.scenario is None:
            return self._stage.scenario(order.name)
        return scenario_from(order.scenario, at="scenario")


def plain(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as plain values, without what it leaves out."""
    whole = msgspec.to_builtins(scenario)
    ordinary = msgspec.to_builtins(Scenario())
    return {key: _lean(value, ordinary[key]) for key, value in whole.items() if value != ordinary[key]}


def _lean(value: Any, ordinary: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict) and isinstance(ordinary, dict):
        return {key: inner for key, inner in value.items() if inner != ordinary.get(key)}
    return value


def _view(playing: Playing) -> PlayingView:
    scenario = None if playing.scenario is None else plain(playing.scenario)
    return PlayingView(playing.carrier, playing.login, playing.name, playing.is_own, scenario)


def _unknown(error: UnknownName) -> Problem:
    known = ", ".join(error.known)
    return Problem(404, str(error), field=error.what, fix=f"there are {known}" if known else "there is none")
