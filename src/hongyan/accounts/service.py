"""Changing accounts and keys.

Every change is one transaction that also tells all processes to read the area anew; a secret is in
clear only in the answer to its making. `actor` is who asks for the change, for the log.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import structlog
from asyncpg import UniqueViolationError

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.fields import FieldChecks
from hongyan.kit.secrets import Vault, new_secret_id, new_secret_key

from .errors import AccountInvalid, AccountNameTaken, AccountNotFound, ExtensionTaken, KeyInvalid, KeyNotFound
from .model import Account, AccountState, ApiKeyInfo, KeyState, NewApiKey, Payment, UnregisteredPolicy
from .rows import account_of, key_info_of, seal_context
from .rules import check_extension, check_label, check_name, check_price, read_networks

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()


async def create_account(
    connection: AnyConnection,
    *,
    name: str,
    price_per_segment: int,
    payment: Payment = Payment.PREPAID,
    unregistered: UnregisteredPolicy = UnregisteredPolicy.REFUSE,
    actor: str,
) -> Account:
    """Create an account; AccountInvalid or AccountNameTaken. Its balance is opened by billing."""
    checks = FieldChecks()
    check_name(checks, name)
    check_price(checks, price_per_segment)
    checks.raise_as(AccountInvalid)
    async with connection.transaction():
        row = await connection.fetchrow(_QUERIES["insert_account"], name, payment, price_per_segment, unregistered)
        if row is None:
            raise AccountNameTaken(f"There is an account named {name} already.", name=name)
        await connection.execute(_QUERIES["announce"])
    account = account_of(row)
    _log.info("account.created", account_id=account.account_id, actor=actor)
    return account


async def list_accounts(connection: AnyConnection) -> list[Account]:
    """Return all accounts, the oldest first."""
    return [account_of(row) for row in await connection.fetch(_QUERIES["all_accounts"])]


async def find_account(connection: AnyConnection, name: str) -> Account:
    """Return the account of this name; AccountNotFound."""
    row = await connection.fetchrow(_QUERIES["account_by_name"], name)
    if row is None:
        raise AccountNotFound(f"There is no account named {name}.", name=name)
    return account_of(row)


async def get_account(connection: AnyConnection, account_id: int) -> Account:
    """Return the account; AccountNotFound."""
    row = await connection.fetchrow(_QUERIES["account_by_id"], account_id)
    if row is None:
        raise AccountNotFound(account_id=account_id)
    return account_of(row)


async def suspend_account(connection: AnyConnection, account_id: int, *, actor: str) -> Account:
    """Stop an account from sending; what it has sent goes on."""
    return await _change(connection, account_id, state=AccountState.SUSPENDED, actor=actor)


async def resume_account(connection: AnyConnection, account_id: int, *, actor: str) -> Account:
    """Let an account send again."""
    return await _change(connection, account_id, state=AccountState.ACTIVE, actor=actor)


async def change_account(
    connection: AnyConnection,
    account_id: int,
    *,
    price_per_segment: int | None = None,
    payment: Payment | None = None,
    unregistered: UnregisteredPolicy | None = None,
    extension: str | None = None,
    actor: str,
) -> Account:
    """Change what is given; AccountInvalid, ExtensionTaken. Messages already accepted keep their price and extension.

    Billing's `set_payment` is the door for `payment`: the overdraft limit has to go with it.
    """
    checks = FieldChecks()
    if price_per_segment is not None:
        check_price(checks, price_per_segment)
    if extension is not None:
        check_extension(checks, extension)
    checks.raise_as(AccountInvalid)
    return await _change(
        connection,
        account_id,
        payment=payment,
        price_per_segment=price_per_segment,
        unregistered=unregistered,
        extension=extension,
        actor=actor,
    )


async def create_key(
    connection: AnyConnection,
    vault: Vault,
    *,
    account_id: int,
    label: str = "",
    ip_allow: Sequence[str] = (),
    actor: str,
) -> NewApiKey:
    """Make a key for an account and return it with its secret, which is shown this once."""
    checks = FieldChecks()
    check_label(checks, label)
    checks.raise_as(KeyInvalid)
    networks = [str(network) for network in read_networks(ip_allow)]
    secret_id, secret_key = new_secret_id(), new_secret_key()
    sealed = vault.seal(secret_key.encode(), seal_context(secret_id))
    async with connection.transaction():
        await get_account(connection, account_id)
        row = await connection.fetchrow(_QUERIES["insert_key"], account_id, secret_id, sealed, label, networks)
        assert row is not None, "an insert returns its row"
        await connection.execute(_QUERIES["announce"])
    info = key_info_of(row)
    _log.info("key.created", account_id=account_id, api_key_id=info.api_key_id, actor=actor)
    return NewApiKey(info=info, secret_key=secret_key)


async def list_keys(connection: AnyConnection, account_id: int) -> list[ApiKeyInfo]:
    """Return the keys of an account, the oldest first."""
    return [key_info_of(row) for row in await connection.fetch(_QUERIES["keys_of_account"], account_id)]


async def disable_key(connection: AnyConnection, secret_id: str, *, actor: str) -> ApiKeyInfo:
    """Stop a key from signing requests."""
    return await _change_key(connection, secret_id, state=KeyState.DISABLED, actor=actor)


async def enable_key(connection: AnyConnection, secret_id: str, *, actor: str) -> ApiKeyInfo:
    """Let a key sign requests again."""
    return await _change_key(connection, secret_id, state=KeyState.ACTIVE, actor=actor)


async def allow_addresses(
    connection: AnyConnection, secret_id: str, ip_allow: Sequence[str], *, actor: str
) -> ApiKeyInfo:
    """Replace the addresses and networks that a key may be used from; none allows every address."""
    networks = [str(network) for network in read_networks(ip_allow)]
    return await _change_key(connection, secret_id, ip_allow=networks, actor=actor)


async def touch_keys(connection: AnyConnection, api_key_ids: Collection[int], at: datetime) -> None:
    """Note that keys were used; many at once, and nobody has to read the area anew for it."""
    if api_key_ids:
        await connection.execute(_QUERIES["touch_keys"], sorted(api_key_ids), at)


async def _change(
    connection: AnyConnection,
    account_id: int,
    *,
    state: AccountState | None = None,
    payment: Payment | None = None,
    price_per_segment: int | None = None,
    unregistered: UnregisteredPolicy | None = None,
    extension: str | None = None,
    actor: str,
) -> Account:
    async with connection.transaction():
        try:
            row = await connection.fetchrow(
                _QUERIES["update_account"], account_id, state, payment, price_per_segment, unregistered, extension
            )
        except UniqueViolationError:
            raise ExtensionTaken(f"Another account has the extension {extension}.", extension=extension) from None
        if row is None:
            raise AccountNotFound(account_id=account_id)
        await connection.execute(_QUERIES["announce"])
    _log.info("account.changed", account_id=account_id, actor=actor)
    return account_of(row)


async def _change_key(
    connection: AnyConnection,
    secret_id: str,
    *,
    state: KeyState | None = None,
    ip_allow: list[str] | None = None,
    actor: str,
) -> ApiKeyInfo:
    async with connection.transaction():
        row = await connection.fetchrow(_QUERIES["update_key"], secret_id, state, ip_allow)
        if row is None:
            raise KeyNotFound(f"There is no API key {secret_id}.", secret_id=secret_id)
        await connection.execute(_QUERIES["announce"])
    info = key_info_of(row)
    _log.info("key.changed", api_key_id=info.api_key_id, state=info.state.value, actor=actor)
    return info
