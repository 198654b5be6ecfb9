"""The scenarios that a running simulator knows, and which of them each carrier plays."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from .carrier import Carrier
from .login import Login
from .scenario import SCENARIOS_MAX, Scenario, check_name, shipped_scenarios


class Origin(StrEnum):
    """Where a scenario comes from."""

    SHIPPED = "shipped"
    OWN = "own"
    """From a file at the start, or put by API or command."""


class UnknownName(Exception):
    """There is no carrier, login or scenario of that name; `known` are those that there are."""

    def __init__(self, what: str, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no {what} {name!r}")
        self.what = what
        self.known = known


class CannotKeep(Exception):
    """A scenario that cannot be put or taken away under that name."""


class Playing(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier, or one of its logins, plays."""

    carrier: str
    login: str | None
    name: str
    """Empty for none; `(own)` for one that was given without a name."""
    is_own: bool
    """False for a login that follows its carrier."""
    scenario: Scenario | None


class Stage:
    """All scenarios and all carriers."""

    def __init__(self, carriers: Sequence[Carrier], own: Mapping[str, Scenario] | None = None) -> None:
        self._carriers = {carrier.config.name: carrier for carrier in carriers}
        self._own = dict(own or {})

    def scenarios(self) -> list[tuple[str, Scenario, Origin]]:
        """Return all scenarios, own ones first."""
        own = [(name, scenario, Origin.OWN) for name, scenario in self._own.items()]
        shipped = shipped_scenarios().items()
        return own + [(name, scenario, Origin.SHIPPED) for name, scenario in shipped if name not in self._own]

    def scenario(self, name: str) -> Scenario:
        """Return one; an own one hides a shipped one of its name. UnknownName else."""
        scenario = self._own.get(name) or shipped_scenarios().get(name)
        if scenario is None:
            raise UnknownName("scenario", name, [known for known, _, _ in self.scenarios()])
        return scenario

    def keep(self, name: str, scenario: Scenario) -> None:
        """Keep a scenario under a name; who plays one of that name plays on as before until it is set again."""
        check_name(name)
        if name not in self._own and len(self._own) >= SCENARIOS_MAX:
            raise CannotKeep(f"{SCENARIOS_MAX} scenarios are kept already")
        self._own[name] = scenario

    def drop(self, name: str) -> None:
        """Forget an own scenario. UnknownName, or CannotKeep for a shipped one."""
        self.scenario(name)
        if self._own.pop(name, None) is None:
            raise CannotKeep("a scenario that is shipped stays")

    def playing(self, carrier_name: str, login_name: str | None = None) -> Playing:
        """Return what a carrier or a login plays."""
        carrier, login = self._find(carrier_name, login_name)
        conduct = carrier.conduct if login is None else login.conduct
        return Playing(
            carrier=carrier_name,
            login=login_name,
            name="" if conduct is None else conduct.name,
            is_own=login is None or login.has_own_scenario,
            scenario=None if conduct is None else conduct.scenario,
        )

    def carriers(self) -> list[Playing]:
        """Return what all carriers play, each followed by its logins."""
        return [
            self.playing(name, login) for name, carrier in self._carriers.items() for login in (None, *carrier.logins)
        ]

    def play(self, name: str, scenario: Scenario, carrier_name: str, login_name: str | None = None) -> None:
        """Have a carrier, or one login, play a scenario from now on."""
        carrier, login = self._find(carrier_name, login_name)
        carrier.play(scenario, name, login=login)

    def clear(self, carrier_name: str, login_name: str | None = None) -> None:
        """Have a carrier behave by its settings again, or a login as its carrier does."""
        carrier, login = self._find(carrier_name, login_name)
        carrier.play(None, "", login=login)

    def _find(self, carrier_name: str, login_name: str | None) -> tuple[Carrier, Login | None]:
        carrier = self._carriers.get(carrier_name)
        if carrier is None:
            raise UnknownName("carrier", carrier_name, list(self._carriers))
        if login_name is None:
            return carrier, None
        login = carrier.logins.get(login_name)
        if login is None:
            raise UnknownName("login", login_name, list(carrier.logins))
        return carrier, login
