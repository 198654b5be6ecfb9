"""What an account and its API keys are."""

from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

import msgspec

Network: TypeAlias = IPv4Network | IPv6Network


class AccountState(StrEnum):
    """Whether an account may send."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Payment(StrEnum):
    """When an account pays."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"


class UnregisteredPolicy(StrEnum):
    """What becomes of a text that matches no approved template."""

    REFUSE = "refuse"
    """The request is refused."""
    REPORT = "report"
    """It is accepted and ends with the report `MA:0024`, as the market family does."""


class KeyState(StrEnum):
    """Whether an API key signs requests."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A customer: owns keys, signatures, templates and a balance."""

    account_id: int
    name: str
    state: AccountState
    payment: Payment
    price_per_segment: int
    """厘."""
    unregistered: UnregisteredPolicy
    extension: str = ""
    """Digits behind a channel's source number by which phones and replies know the account."""
    created_at: datetime

    @property
    def is_active(self) -> bool:
        """Tell whether the account may send."""
        return self.state is AccountState.ACTIVE


class ApiKeyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What people may see of an API key: everything but its secret."""

    api_key_id: int
    account_id: int
    secret_id: str
    label: str
    state: KeyState
    ip_allow: tuple[Network, ...]
    """Where requests may come from; empty allows every address."""
    created_at: datetime
    last_used_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Tell whether the key signs requests."""
        return self.state is KeyState.ACTIVE


class ApiKey(ApiKeyInfo, frozen=True, kw_only=True):
    """An API key with its secret, as the processes hold it to check signatures."""

    secret: bytes

    def __repr__(self) -> str:
        return f"ApiKey({self.secret_id})"


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key just made: the one time that its secret is shown."""

    info: ApiKeyInfo
    secret_key: str

    def __repr__(self) -> str:
        return f"NewApiKey({self.info.secret_id})"
