"""From database rows to accounts and keys, and the names that both readers and writers share."""

from collections.abc import Iterable
from ipaddress import ip_network

from asyncpg import Record

from .model import Account, AccountState, ApiKeyInfo, KeyState, Network, Payment, UnregisteredPolicy


def seal_context(secret_id: str) -> str:
    """Return what an API secret is sealed to: a sealed value moved to another key does not open."""
    return f"api_key:{secret_id}"


def account_of(row: Record) -> Account:
    """Return the account that a row holds."""
    return Account(
        account_id=row["account_id"],
        name=row["name"],
        state=AccountState(row["state"]),
        payment=Payment(row["payment"]),
        price_per_segment=row["price_per_segment"],
        unregistered=UnregisteredPolicy(row["unregistered"]),
        extension=row["extension"],
        created_at=row["created_at"],
    )


def key_info_of(row: Record) -> ApiKeyInfo:
    """Return what people may see of the key that a row holds."""
    return ApiKeyInfo(
        api_key_id=row["api_key_id"],
        account_id=row["account_id"],
        secret_id=row["secret_id"],
        label=row["label"],
        state=KeyState(row["state"]),
        ip_allow=networks_of(row["ip_allow"]),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )


def networks_of(written: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks of an allow list that is stored."""
    return tuple(map(ip_network, written))
