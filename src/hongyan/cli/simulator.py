"""`hongyan simulator`: simulated carriers and phones, alone or those of the demonstration, and orders to them."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

from hongyan.kit.clock import SystemClock
from hongyan.kit.errors import Error
from hongyan.kit.fields import FieldProblem
from hongyan.runtime.logging import configure_logging
from hongyan.runtime.process import run_role
from hongyan.runtime.signals import on_stop_signals
from hongyan.simulator.config import (
    CarrierConfig,
    PhoneConfig,
    SimulatorConfig,
    Speech,
    TlsConfig,
)
from hongyan.simulator.scenario import shipped_scenarios
from hongyan.simulator.server import Started, run_simulator

from .console import print_json, say
from .context import command_settings, common_options
from .group import Group, with_common_options
from .roles import split_address
from .simulator_client import SimulatorInvalid
from .simulator_options import (
    CertificateOption,
    DialBackOption,
    JournalOption,
    KeyOption,
    ListenOption,
    LoginOption,
    PasswordOption,
    PhonesOption,
    ProtocolOption,
    SameConnectionOption,
    ScenarioOption,
    SeedOption,
    SetupOption,
)
from .simulator_phone import phone, reply
from .simulator_scenario import app as scenario_app
from .simulator_scenario import scenarios_of

_SECOND_SIGNAL_STATUS: Final = 1
_PASSWORD_BYTES: Final = 4
"""8 characters in hex: as many as SMPP takes."""
_PORTS: Final = {Speech.CMPP: 7890, Speech.SGIP: 8801, Speech.SMGP: 8890, Speech.SMPP: 2775}
"""Where each protocol usually listens."""

app = Group("Run simulated carriers and phones alone, and tell them what to do.")
app.info.no_args_is_help = False
app.add_typer(scenario_app, name="scenario", help="Scenarios: how carriers misbehave.")
app.verb("phone")(phone)
app.verb("reply")(reply)


class SimulatorCannotStart(Error):
    """The simulator cannot listen, or cannot write its journal."""

    code = "simulator.cannot_start"
    remedy = "Free what it needs, or choose another port or file."


@app.callback(invoke_without_command=True)
@with_common_options
def run(
    *,
    protocol: ProtocolOption = None,
    listen: ListenOption = None,
    login: LoginOption = "test",
    password: PasswordOption = "",
    dial_back: DialBackOption = None,
    same_connection: SameConnectionOption = False,
    certificate: CertificateOption = None,
    key: KeyOption = None,
    scenario: ScenarioOption = "",
    phones: PhonesOption = "127.0.0.1:18080",
    journal: JournalOption = None,
    seed: SeedOption = None,
    setup: SetupOption = None,
) -> None:
    """Run simulated carriers and the sandbox phones alone; no database is needed.

    With --protocol it is one carrier for whatever client is to be tested, with --setup as many as the file has;
    without both it is those of the demonstration.
    """
    alone = {
        "--listen": listen,
        "--dial-back": dial_back,
        "--same-connection": same_connection,
        "--tls-certificate": certificate,
        "--tls-key": key,
    }
    both = {"--scenario": scenario, "--journal": journal, "--seed": seed}
    _refuse_unless(protocol is not None and setup is None, alone, "goes with --protocol, and not with --setup.")
    _refuse_unless(protocol is not None or setup is not None, both, "goes with --protocol or --setup.")
    back = {"--dial-back": dial_back, "--same-connection": same_connection}
    _refuse_unless(protocol in (None, Speech.SGIP), back, "goes with --protocol sgip.")
    if setup is not None:
        config = _read_setup(setup)
    elif protocol is not None:
        host, port = split_address(listen, option="--listen", port_min=0)
        phone_host, phone_port = split_address(phones, option="--phones", port_min=0)
        carrier = {
            "name": protocol,
            "protocol": protocol,
            "host": host or "127.0.0.1",
            "port": int(port or _PORTS[protocol]),
            "logins": [_login(login, password, dial_back, same_connection=same_connection)],
            "tls": _tls(certificate, key),
        }
        config = SimulatorConfig(
            carriers=(_carrier(carrier),),
            phones=PhoneConfig(host=phone_host or "127.0.0.1", port=int(phone_port or 18080)),
            journal=journal,
            seed=seed,
        )
    else:
        run_role("simulator", command_settings())
        return
    if scenario:
        own, name = scenarios_of(scenario, option="--scenario")
        if not own and name not in config.scenarios and name not in shipped_scenarios():
            known = ", ".join([*config.scenarios, *shipped_scenarios()])
            raise SimulatorInvalid([FieldProblem("--scenario", f"{name!r} is none of {known}, and no .toml file.")])
        config = msgspec.structs.replace(config, scenarios={**config.scenarios, **own}, scenario=name)
    _run_alone(config, tells_password=not password and setup is None)


def _refuse_unless(holds: bool, options: Mapping[str, object], demand: str) -> None:
    if not holds and (given := [name for name, value in options.items() if value]):
        raise SimulatorInvalid([FieldProblem(name, f"This {demand}") for name in given])


def _read_setup(path: Path) -> SimulatorConfig:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=SimulatorConfig, dec_hook=_path)
    except OSError as error:
        raise SimulatorInvalid([FieldProblem("--setup", f"{path} cannot be read: {error.strerror}.")]) from error
    except msgspec.ValidationError as error:
        problem, _, field = str(error).partition(" - at `$.")
        raise SimulatorInvalid([FieldProblem(field.rstrip("`") or str(path), problem)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SimulatorInvalid([FieldProblem(str(path), str(error))]) from error


def _path(kind: type[Any], value: object) -> Path:
    """Read a path, the one sort of value that TOML has no word for."""
    if kind is not Path or not isinstance(value, str):
        raise NotImplementedError
    return Path(value)


def _login(name: str, password: str, dial_back: str | None, *, same_connection: bool) -> dict[str, Any]:
    host, port = split_address(dial_back, option="--dial-back")
    return {
        "login": name,
        "password": password or secrets.token_hex(_PASSWORD_BYTES),
        "dial_back": None if port is None else {"host": host or "127.0.0.1", "port": int(port)},
        "same_connection": same_connection,
    }


def _tls(certificate: Path | None, key: Path | None) -> TlsConfig | None:
    if (certificate is None) != (key is None):
        raise SimulatorInvalid([FieldProblem("--tls-key", "Give --tls-certificate and --tls-key together.")])
    if certificate is None or key is None:
        return None
    for option, path in (("--tls-certificate", certificate), ("--tls-key", key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise SimulatorInvalid([FieldProblem(option, f"{path} cannot be read: {error.strerror}.")]) from error
    return TlsConfig(certificate=certificate, key=key)


def _carrier(values: dict[str, Any]) -> CarrierConfig:
    """Return a carrier, checked as one from a file is."""
    try:
        return msgspec.convert(values, CarrierConfig)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        field = "--password" if "password" in problem + path else "--login"
        raise SimulatorInvalid([FieldProblem(field, problem)]) from error


def _run_alone(config: SimulatorConfig, *, tells_password: bool) -> None:
    configure_logging(command_settings().logs, role="simulator")

    def tell(started: Started) -> None:
        if common_options.get().as_json:
            print_json(started)
            return
        for carrier in config.carriers:
            for login in carrier.logins:
                secret = f"  password {login.password}" if tells_password else ""
                where = f"{carrier.host}:{started.carrier_ports[carrier.name]}"
                say(f"{carrier.name}: {carrier.protocol.value} at {where}  login {login.login}{secret}")
        say(f"phones: {started.phone_url}")

    async def main() -> None:
        stop = asyncio.Event()
        on_stop_signals(stop.set, lambda: os._exit(_SECOND_SIGNAL_STATUS))
        await run_simulator(config, clock=SystemClock(), stop=stop, ready=tell)

    try:
        uvloop.run(main())
    except OSError as error:
        raise SimulatorCannotStart(f"the simulator cannot start: {error}.") from error
