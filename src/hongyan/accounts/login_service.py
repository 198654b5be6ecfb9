"""Changing protocol logins.

Every change is one transaction that also tells all gateways to read the area anew: they cut the links of a login that
is disabled or removed. A password is in clear only in the answer to its making.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
import structlog

from hongyan.carriers.downstream.settings import LoginSettings
from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.fields import FieldChecks
from hongyan.kit.secrets import Vault, new_password

from .errors import LoginInvalid, LoginNameTaken, LoginNotFound
from .login_rules import (
    PASSWORD_OCTETS_MAX,
    check_login_name,
    check_numbers,
    check_password,
    check_sources,
    read_settings,
)
from .protocol_login import Family, LoginInfo, LoginState, NewLogin, login_info_of, login_seal_context
from .rules import read_networks
from .service import get_account

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()

FRESH_PASSWORD_LENGTH: Final = 15


class LoginDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for of a login; None of a change stays as it is."""

    ip_allow: Sequence[str] | None = None
    links_max: int | None = None
    window_size: int | None = None
    speed_per_second: int | None = None
    sources: Sequence[str] | None = None
    settings: Mapping[str, str] | None = None
    """As people write them; see `login_rules.SETTINGS_OF`."""


DEFAULT_LINKS: Final = 2
DEFAULT_WINDOW_SIZE: Final = 16
DEFAULT_SPEED: Final = 100


async def add_login(
    connection: AnyConnection,
    vault: Vault,
    *,
    account_id: int,
    family: Family,
    name: str,
    password: str | None = None,
    reverse_password: str | None = None,
    draft: LoginDraft,
    actor: str,
) -> NewLogin:
    """Make a login; without a password it gets a random one. LoginInvalid, LoginNameTaken."""
    password = fresh_password(family) if password is None else password
    links_max = DEFAULT_LINKS if draft.links_max is None else draft.links_max
    window_size = DEFAULT_WINDOW_SIZE if draft.window_size is None else draft.window_size
    speed = DEFAULT_SPEED if draft.speed_per_second is None else draft.speed_per_second
    checks = FieldChecks()
    check_login_name(checks, family, name)
    _check_passwords(checks, family, password, reverse_password)
    check_numbers(checks, links_max, window_size, speed)
    check_sources(checks, draft.sources or ())
    checks.raise_as(LoginInvalid)
    networks = [str(network) for network in read_networks(draft.ip_allow or (), LoginInvalid)]
    settings = read_settings(family, draft.settings or {}, LoginSettings())
    async with connection.transaction():
        await get_account(connection, account_id)
        row = await connection.fetchrow(
            _QUERIES["insert_login"],
            account_id,
            family,
            name,
            _seal(vault, family, name, password),
            None if reverse_password is None else _seal(vault, family, name, reverse_password),
            networks,
            links_max,
            window_size,
            speed,
            list(draft.sources or ()),
            msgspec.json.encode(settings).decode(),
        )
        if row is None:
            raise LoginNameTaken(f"There is a login of {family.upper()} named {name} already.", name=name)
        await connection.execute(_QUERIES["announce"])
    info = login_info_of(row)
    _log.info("login.created", login_id=info.login_id, account_id=account_id, protocol=family.value, actor=actor)
    return NewLogin(info=info, password=password)


async def list_logins(connection: AnyConnection, account_id: int | None = None) -> list[LoginInfo]:
    """Return the logins of an account, or all; the oldest first."""
    if account_id is None:
        rows = await connection.fetch(_QUERIES["all_logins"])
    else:
        rows = await connection.fetch(_QUERIES["logins_of_account"], account_id)
    return [login_info_of(row) for row in rows]


async def find_login(connection: AnyConnection, family: Family, name: str) -> LoginInfo:
    """Return the login of this name; LoginNotFound."""
    row = await connection.fetchrow(_QUERIES["login_by_name"], family, name)
    if row is None:
        raise _no_login(family, name)
    return login_info_of(row)


async def change_login(
    connection: AnyConnection, *, family: Family, name: str, draft: LoginDraft, actor: str
) -> LoginInfo:
    """Change what is given; LoginInvalid, LoginNotFound. Links that are bound follow without a new bind."""
    async with connection.transaction():
        before = await find_login(connection, family, name)
        checks = FieldChecks()
        check_numbers(
            checks,
            before.links_max if draft.links_max is None else draft.links_max,
            before.window_size if draft.window_size is None else draft.window_size,
            before.speed_per_second if draft.speed_per_second is None else draft.speed_per_second,
        )
        check_sources(checks, draft.sources or ())
        checks.raise_as(LoginInvalid)
        networks = None
        if draft.ip_allow is not None:
            networks = [str(network) for network in read_networks(draft.ip_allow, LoginInvalid)]
        settings = None
        if draft.settings is not None:
            settings = msgspec.json.encode(read_settings(family, draft.settings, before.settings)).decode()
        return await _update(
            connection,
            family,
            name,
            ip_allow=networks,
            links_max=draft.links_max,
            window_size=draft.window_size,
            speed_per_second=draft.speed_per_second,
            sources=None if draft.sources is None else list(draft.sources),
            settings=settings,
            actor=actor,
        )


async def set_password(
    connection: AnyConnection,
    vault: Vault,
    *,
    family: Family,
    name: str,
    password: str | None = None,
    reverse_password: str | None = None,
    actor: str,
) -> NewLogin:
    """Give a login another password, a random one unless given; links that are bound stay."""
    is_fresh = password is None and reverse_password is None
    chosen = fresh_password(family) if is_fresh else password
    checks = FieldChecks()
    _check_passwords(checks, family, chosen, reverse_password)
    checks.raise_as(LoginInvalid)
    info = await _update(
        connection,
        family,
        name,
        password=None if chosen is None else _seal(vault, family, name, chosen),
        reverse_password=None if reverse_password is None else _seal(vault, family, name, reverse_password),
        actor=actor,
    )
    return NewLogin(info=info, password=chosen or "")


async def disable_login(connection: AnyConnection, family: Family, name: str, *, actor: str) -> LoginInfo:
    """Keep a login out and cut its links; what it has submitted goes on, and its reports are kept for it."""
    return await _update(connection, family, name, state=LoginState.DISABLED, actor=actor)


async def enable_login(connection: AnyConnection, family: Family, name: str, *, actor: str) -> LoginInfo:
    """Let a login in again."""
    return await _update(connection, family, name, state=LoginState.ACTIVE, actor=actor)


async def remove_login(connection: AnyConnection, family: Family, name: str, *, actor: str) -> None:
    """Remove a login and what waits to be pushed to it; LoginNotFound. Its messages stay."""
    async with connection.transaction():
        login_id = await connection.fetchval(_QUERIES["delete_login"], family, name)
        if login_id is None:
            raise _no_login(family, name)
        await connection.execute(_QUERIES["announce"])
    _log.info("login.removed", login_id=login_id, protocol=family.value, actor=actor)


async def touch_logins(connection: AnyConnection, login_ids: Collection[int], at: datetime) -> None:
    """Note that logins were bound; nobody has to read the area anew for it."""
    if login_ids:
        await connection.execute(_QUERIES["touch_logins"], sorted(login_ids), at)


def fresh_password(family: Family) -> str:
    """Return a random password, as long as the protocol allows."""
    return new_password(min(FRESH_PASSWORD_LENGTH, PASSWORD_OCTETS_MAX[family]))


async def _update(
    connection: AnyConnection,
    family: Family,
    name: str,
    *,
    state: LoginState | None = None,
    password: bytes | None = None,
    reverse_password: bytes | None = None,
    ip_allow: list[str] | None = None,
    links_max: int | None = None,
    window_size: int | None = None,
    speed_per_second: int | None = None,
    sources: list[str] | None = None,
    settings: str | None = None,
    actor: str,
) -> LoginInfo:
    async with connection.transaction():
        row = await connection.fetchrow(
            _QUERIES["update_login"],
            family,
            name,
            state,
            password,
            reverse_password,
            ip_allow,
            links_max,
            window_size,
            speed_per_second,
            sources,
            settings,
        )
        if row is None:
            raise _no_login(family, name)
        await connection.execute(_QUERIES["announce"])
    info = login_info_of(row)
    _log.info("login.changed", login_id=info.login_id, protocol=family.value, state=info.state.value, actor=actor)
    return info


def _check_passwords(checks: FieldChecks, family: Family, password: str | None, reverse_password: str | None) -> None:
    if password is not None:
        check_password(checks, family, password)
    if reverse_password is not None:
        checks.expect(family is Family.SGIP, "reverse_password", "Only SGIP has a connection of ours to the customer.")
        check_password(checks, Family.SGIP, reverse_password, "reverse_password")


def _seal(vault: Vault, family: Family, name: str, password: str) -> bytes:
    return vault.seal(password.encode(), login_seal_context(family, name))


def _no_login(family: Family, name: str) -> LoginNotFound:
    return LoginNotFound(f"There is no login of {family.upper()} named {name}.", protocol=family.value, name=name)
