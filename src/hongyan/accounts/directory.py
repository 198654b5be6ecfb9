"""Who may send: every account, key and protocol login in memory, as of one moment.

A directory never changes. A process loads a new one when it hears that accounts changed and puts it in
the place of the old; what is in hand goes on with what it looked up.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import structlog
from asyncpg import Record

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.secrets import InvalidSeal, Vault

from .model import Account, ApiKey, Network
from .protocol_login import ProtocolLogin, login_info_of, login_seal_context
from .rows import account_of, key_info_of, seal_context

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()


class Directory:
    """Accounts by id, keys by their public half, logins by protocol and name."""

    def __init__(
        self, accounts: Iterable[Account], keys: Iterable[ApiKey], logins: Iterable[ProtocolLogin] = ()
    ) -> None:
        self._accounts = {account.account_id: account for account in accounts}
        self._keys = {key.secret_id: key for key in keys}
        self._logins = {(login.family.value, login.name): login for login in logins}
        self._logins_by_id = {login.login_id: login for login in self._logins.values()}
        self._networks = {key.api_key_id: key.ip_allow for key in self._keys.values() if key.ip_allow}

    def key(self, secret_id: str) -> ApiKey | None:
        """Return the key with this public half, active or not."""
        return self._keys.get(secret_id)

    def account(self, account_id: int) -> Account | None:
        """Return the account, active or not."""
        return self._accounts.get(account_id)

    def login(self, family: str, name: str) -> ProtocolLogin | None:
        """Return the protocol login of this name, active or not."""
        return self._logins.get((family, name))

    def login_of(self, login_id: int) -> ProtocolLogin | None:
        """Return the protocol login with this id, active or not."""
        return self._logins_by_id.get(login_id)

    def logins(self) -> Iterable[ProtocolLogin]:
        """Return all protocol logins."""
        return self._logins.values()

    def addresses_of(self, api_key_id: int) -> tuple[Network, ...]:
        """Return the networks that a key may be used from; empty when from everywhere."""
        return self._networks.get(api_key_id, ())


async def load_directory(connection: AnyConnection, vault: Vault) -> Directory:
    """Read all accounts, keys and protocol logins as of one moment.

    A key or login whose secret does not open is left out and logged, so that one damaged row keeps one of
    them out and not everyone.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        accounts = await connection.fetch(_QUERIES["all_accounts"])
        rows = await connection.fetch(_QUERIES["all_keys"])
        login_rows = await connection.fetch(_QUERIES["all_logins"])
    keys: list[ApiKey] = []
    for row in rows:
        info = key_info_of(row)
        try:
            secret = vault.open(row["secret_sealed"], seal_context(info.secret_id))
        except InvalidSeal:
            _log.error("key.seal_invalid", api_key_id=info.api_key_id)
            continue
        keys.append(ApiKey(secret=secret, **msgspec.structs.asdict(info)))
    return Directory(map(account_of, accounts), keys, _open_logins(login_rows, vault))


def _open_logins(rows: Iterable[Record], vault: Vault) -> Iterator[ProtocolLogin]:
    for row in rows:
        info = login_info_of(row)
        context = login_seal_context(info.family, info.name)
        try:
            password = vault.open(row["password_sealed"], context).decode()
            sealed = row["reverse_password_sealed"]
            reverse_password = password if sealed is None else vault.open(sealed, context).decode()
        except InvalidSeal:
            _log.error("login.seal_invalid", login_id=info.login_id)
            continue
        fields = {name: getattr(info, name) for name in info.__struct_fields__}
        yield ProtocolLogin(password=password, reverse_password=reverse_password, **fields)
