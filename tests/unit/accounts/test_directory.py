"""Looking up accounts and keys."""

from datetime import UTC, datetime
from ipaddress import ip_network

import msgspec

from hongyan.accounts.directory import Directory
from hongyan.accounts.model import Account, AccountState, ApiKey, KeyState, Payment, UnregisteredPolicy

CREATED_AT = datetime(2026, 11, 22, tzinfo=UTC)
ACCOUNT = Account(
    account_id=10,
    name="demo",
    state=AccountState.SUSPENDED,
    payment=Payment.PREPAID,
    price_per_segment=45,
    unregistered=UnregisteredPolicy.REFUSE,
    created_at=CREATED_AT,
)
KEY = ApiKey(
    api_key_id=1,
    account_id=10,
    secret_id="AKIDone",
    label="",
    state=KeyState.DISABLED,
    ip_allow=(),
    created_at=CREATED_AT,
    last_used_at=None,
    secret=b"x",
)


def test_accounts_and_keys_are_found_active_or_not() -> None:
    directory = Directory([ACCOUNT], [KEY])

    assert directory.account(10) is ACCOUNT
    assert directory.key("AKIDone") is KEY
    assert not ACCOUNT.is_active


def test_what_is_not_there_is_none() -> None:
    directory = Directory([ACCOUNT], [KEY])

    assert directory.account(11) is None
    assert directory.key("akidone") is None


def test_a_key_names_the_networks_that_it_may_be_used_from() -> None:
    office = (ip_network("203.0.113.0/24"),)
    directory = Directory([], [KEY, msgspec.structs.replace(KEY, api_key_id=2, secret_id="AKIDtwo", ip_allow=office)])

    assert directory.addresses_of(2) == office
    assert directory.addresses_of(1) == directory.addresses_of(3) == ()
