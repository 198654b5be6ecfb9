"""Who may send: every account and key in memory, as of one moment.

A directory never changes. A process loads a new one when it hears that accounts changed and puts it in
the place of the old; what is in hand goes on with what it looked up.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.secrets import InvalidSeal, Vault

from .model import Account, ApiKey, Network
from .rows import account_of, key_info_of, seal_context

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()


class Directory:
    """Accounts by id and keys by their public half."""

    def __init__(self, accounts: Iterable[Account], keys: Iterable[ApiKey]) -> None:
        self._accounts = {account.account_id: account for account in accounts}
        self._keys = {key.secret_id: key for key in keys}
        self._networks = {key.api_key_id: key.ip_allow for key in self._keys.values() if key.ip_allow}

    def key(self, secret_id: str) -> ApiKey | None:
        """Return the key with this public half, active or not."""
        return self._keys.get(secret_id)

    def account(self, account_id: int) -> Account | None:
        """Return the account, active or not."""
        return self._accounts.get(account_id)

    def addresses_of(self, api_key_id: int) -> tuple[Network, ...]:
        """Return the networks that a key may be used from; empty when from everywhere."""
        return self._networks.get(api_key_id, ())


async def load_directory(connection: AnyConnection, vault: Vault) -> Directory:
    """Read all accounts and keys as of one moment.

    A key whose secret does not open is left out and logged, so that one damaged row refuses one key and
    not everyone.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        accounts = await connection.fetch(_QUERIES["all_accounts"])
        rows = await connection.fetch(_QUERIES["all_keys"])
    keys: list[ApiKey] = []
    for row in rows:
        info = key_info_of(row)
        try:
            secret = vault.open(row["secret_sealed"], seal_context(info.secret_id))
        except InvalidSeal:
            _log.error("key.seal_invalid", api_key_id=info.api_key_id)
            continue
        keys.append(ApiKey(secret=secret, **msgspec.structs.asdict(info)))
    return Directory(map(account_of, accounts), keys)
