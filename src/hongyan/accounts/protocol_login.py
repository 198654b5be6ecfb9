"""What a protocol login (协议账号) is: how a customer comes in by CMPP, SGIP, SMGP or SMPP."""

from datetime import datetime
from enum import StrEnum

import msgspec
from asyncpg import Record

from hongyan.carriers.downstream.settings import LoginSettings

from .model import Network
from .rows import networks_of


class Family(StrEnum):
    """The protocols by which customers come in; a name is unique within one."""

    CMPP = "cmpp"
    SGIP = "sgip"
    SMGP = "smgp"
    SMPP = "smpp"


class LoginState(StrEnum):
    """Whether a login may bind."""

    ACTIVE = "active"
    DISABLED = "disabled"


class LoginInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What people may see of a protocol login: everything but its passwords."""

    login_id: int
    account_id: int
    family: Family
    name: str
    """What the customer binds as: SP_Id, Login Name, ClientID, system_id."""
    state: LoginState
    ip_allow: tuple[Network, ...]
    """Where it may connect from; empty allows every address."""
    links_max: int
    """Connections at once, of one gateway process."""
    window_size: int
    """Requests without answer on a link, each way."""
    speed_per_second: int
    """Submits a second over all links."""
    sources: tuple[str, ...]
    """Numbers that it may send from, and all that begin with one of them; empty: see `downstream.sources`."""
    settings: LoginSettings
    created_at: datetime
    last_bound_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Tell whether the login may bind."""
        return self.state is LoginState.ACTIVE


class ProtocolLogin(LoginInfo, frozen=True, kw_only=True):
    """A protocol login with its passwords, as the gateways hold it."""

    password: str
    reverse_password: str
    """What we bind to the customer with (SGIP)."""

    def __repr__(self) -> str:
        return f"ProtocolLogin({self.family}:{self.name})"


class NewLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A login just made, or given a new password: the one time that it is shown."""

    info: LoginInfo
    password: str

    def __repr__(self) -> str:
        return f"NewLogin({self.info.family}:{self.info.name})"


def login_seal_context(family: str, name: str) -> str:
    """Return what a login's password is sealed to: a sealed value moved to another login does not open."""
    return f"protocol_login:{family}:{name}"


def login_info_of(row: Record) -> LoginInfo:
    """Return what people may see of the login that a row holds."""
    return LoginInfo(
        login_id=row["login_id"],
        account_id=row["account_id"],
        family=Family(row["protocol"]),
        name=row["name"],
        state=LoginState(row["state"]),
        ip_allow=networks_of(row["ip_allow"]),
        links_max=row["links_max"],
        window_size=row["window_size"],
        speed_per_second=row["speed_per_second"],
        sources=tuple(row["sources"]),
        settings=msgspec.json.decode(row["settings"], type=LoginSettings),
        created_at=row["created_at"],
        last_bound_at=row["last_bound_at"],
    )
