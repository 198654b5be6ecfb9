"""Accounts and keys, changed and read back."""

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from hongyan.accounts import service
from hongyan.accounts.directory import Directory, load_directory
from hongyan.accounts.errors import AccountInvalid, AccountNameTaken, AccountNotFound, KeyInvalid, KeyNotFound
from hongyan.accounts.model import Account, AccountState, KeyState, Payment, UnregisteredPolicy
from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool
from hongyan.kit.secrets import Vault
from tests.integration.notices import notices

VAULT = Vault(b"k" * 32)


async def directory(pool: Pool, vault: Vault = VAULT) -> Directory:
    async with pool.acquire() as connection:
        return await load_directory(connection, vault)


async def an_account(connection: AnyConnection, name: str = "demo") -> Account:
    return await service.create_account(connection, name=name, price_per_segment=45, actor="test")


async def test_a_new_account_is_active_prepaid_and_refuses_unregistered_texts(pool: Pool) -> None:
    async with notices(pool) as heard, pool.acquire() as connection:
        account = await an_account(connection)

    assert (account.name, account.state, account.price_per_segment) == ("demo", AccountState.ACTIVE, 45)
    assert (account.payment, account.unregistered) == (Payment.PREPAID, UnregisteredPolicy.REFUSE)
    assert heard == ["accounts"]
    assert (await directory(pool)).account(account.account_id) == account


async def test_two_accounts_cannot_have_one_name(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await an_account(connection)
        with pytest.raises(AccountNameTaken):
            await an_account(connection)


@pytest.mark.parametrize("name", ["", " demo", "demo ", "de\nmo", "d" * 65, "\x00"])
async def test_a_name_that_nobody_could_type_is_refused(pool: Pool, name: str) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(AccountInvalid) as caught:
            await an_account(connection, name)

    assert [problem.field for problem in caught.value.problems] == ["name"]


@pytest.mark.parametrize("name", ["d", "示范账户", "a b", "d" * 64])
async def test_names_of_people_and_companies_are_accepted(pool: Pool, name: str) -> None:
    async with pool.acquire() as connection:
        await an_account(connection, name)
        assert (await service.find_account(connection, name)).name == name


async def test_all_wrong_fields_are_named_at_once(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(AccountInvalid) as caught:
            await service.create_account(connection, name="", price_per_segment=-1, actor="test")

    assert [problem.field for problem in caught.value.problems] == ["name", "price_per_segment"]


async def test_accounts_are_listed_and_found(pool: Pool) -> None:
    async with pool.acquire() as connection:
        first, second = await an_account(connection, "one"), await an_account(connection, "two")

        assert await service.list_accounts(connection) == [first, second]
        assert await service.find_account(connection, "two") == second
        assert await service.get_account(connection, first.account_id) == first
        with pytest.raises(AccountNotFound):
            await service.find_account(connection, "three")
        with pytest.raises(AccountNotFound):
            await service.get_account(connection, 999)


async def test_a_suspended_account_is_seen_so_by_every_process_until_resumed(pool: Pool) -> None:
    async with pool.acquire() as connection:
        account = await an_account(connection)

    async with notices(pool) as heard, pool.acquire() as connection:
        await service.suspend_account(connection, account.account_id, actor="test")
        suspended = (await directory(pool)).account(account.account_id)
        await service.resume_account(connection, account.account_id, actor="test")

    assert suspended is not None
    assert suspended.state is AccountState.SUSPENDED
    assert (await directory(pool)).account(account.account_id) == account
    assert heard == ["accounts", "accounts"]


async def test_a_change_leaves_the_rest_as_it_was(pool: Pool) -> None:
    async with pool.acquire() as connection:
        account = await an_account(connection)
        changed = await service.change_account(connection, account.account_id, price_per_segment=0, actor="test")
        again = await service.change_account(
            connection, account.account_id, unregistered=UnregisteredPolicy.REPORT, actor="test"
        )

        assert (changed.price_per_segment, changed.unregistered) == (0, UnregisteredPolicy.REFUSE)
        assert (again.price_per_segment, again.unregistered) == (0, UnregisteredPolicy.REPORT)
        with pytest.raises(AccountInvalid):
            await service.change_account(connection, account.account_id, price_per_segment=100_001, actor="test")
        with pytest.raises(AccountNotFound):
            await service.change_account(connection, 999, price_per_segment=1, actor="test")


async def test_a_secret_is_shown_once_sealed_at_rest_and_open_in_the_directory(pool: Pool) -> None:
    async with notices(pool) as heard, pool.acquire() as connection:
        account = await an_account(connection)
        made = await service.create_key(
            connection, VAULT, account_id=account.account_id, label="shop", ip_allow=["203.0.113.9"], actor="test"
        )
        listed = await service.list_keys(connection, account.account_id)

    at_rest = await pool.fetchval("SELECT secret_sealed FROM api_keys")
    key = (await directory(pool)).key(made.info.secret_id)
    assert made.secret_key.encode() not in at_rest
    assert listed == [made.info]
    assert key is not None
    assert key.secret == made.secret_key.encode()
    assert (key.account_id, key.label, key.is_active) == (account.account_id, "shop", True)
    assert heard == ["accounts", "accounts"]


async def test_an_account_has_several_keys_and_each_is_disabled_alone(pool: Pool) -> None:
    async with pool.acquire() as connection:
        account = await an_account(connection)
        first, second = [
            await service.create_key(connection, VAULT, account_id=account.account_id, actor="test") for _ in range(2)
        ]
        disabled = await service.disable_key(connection, first.info.secret_id, actor="test")
        states = [key.state for key in await service.list_keys(connection, account.account_id)]
        enabled = await service.enable_key(connection, first.info.secret_id, actor="test")

    assert disabled.state is KeyState.DISABLED
    assert states == [KeyState.DISABLED, KeyState.ACTIVE]
    assert enabled == first.info
    assert first.info.secret_id != second.info.secret_id


async def test_a_key_needs_an_account_and_a_change_needs_a_key(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(AccountNotFound):
            await service.create_key(connection, VAULT, account_id=999, actor="test")
        with pytest.raises(KeyNotFound):
            await service.disable_key(connection, "AKIDnone", actor="test")


async def test_the_allow_list_is_replaced_whole(pool: Pool) -> None:
    async with pool.acquire() as connection:
        account = await an_account(connection)
        key = await service.create_key(
            connection, VAULT, account_id=account.account_id, ip_allow=["203.0.113.9"], actor="test"
        )
        secret_id = key.info.secret_id
        allowed = await service.allow_addresses(connection, secret_id, ["10.0.0.0/8", "2001:db8::1"], actor="test")
        networks = (await directory(pool)).addresses_of(key.info.api_key_id)
        opened = await service.allow_addresses(connection, secret_id, [], actor="test")

    assert allowed.ip_allow == networks == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128"))
    assert opened.ip_allow == ()


async def test_a_wrong_allow_list_or_label_changes_nothing(pool: Pool) -> None:
    async with pool.acquire() as connection:
        account = await an_account(connection)
        with pytest.raises(KeyInvalid):
            await service.create_key(connection, VAULT, account_id=account.account_id, ip_allow=["x"], actor="test")
        with pytest.raises(KeyInvalid):
            await service.create_key(connection, VAULT, account_id=account.account_id, label="l" * 65, actor="test")

        assert await service.list_keys(connection, account.account_id) == []


async def test_last_use_is_noted_for_many_keys_and_never_set_back(pool: Pool) -> None:
    later, earlier = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC)
    async with pool.acquire() as connection:
        account = await an_account(connection)
        made = [await service.create_key(connection, VAULT, account_id=account.account_id, actor="test") for _ in "ab"]
        api_key_ids = {key.info.api_key_id for key in made}

        async with notices(pool) as heard:
            await service.touch_keys(connection, api_key_ids, later)
            await service.touch_keys(connection, api_key_ids, earlier)
            await service.touch_keys(connection, set(), later)
        keys = await service.list_keys(connection, account.account_id)

    assert [key.last_used_at for key in keys] == [later, later]
    assert heard == []


async def test_a_key_sealed_by_another_vault_is_left_out_and_the_others_stay(pool: Pool) -> None:
    async with pool.acquire() as connection:
        account = await an_account(connection)
        foreign = await service.create_key(connection, Vault(b"x" * 32), account_id=account.account_id, actor="test")
        own = await service.create_key(connection, VAULT, account_id=account.account_id, actor="test")

    loaded = await directory(pool)
    assert loaded.key(foreign.info.secret_id) is None
    assert loaded.key(own.info.secret_id) is not None


async def test_a_secret_moved_to_another_key_does_not_open(pool: Pool) -> None:
    async with pool.acquire() as connection:
        account = await an_account(connection)
        first, second = [
            await service.create_key(connection, VAULT, account_id=account.account_id, actor="test") for _ in range(2)
        ]
        await connection.execute(
            "UPDATE api_keys SET secret_sealed = (SELECT secret_sealed FROM api_keys WHERE secret_id = $1)"
            " WHERE secret_id = $2",
            first.info.secret_id,
            second.info.secret_id,
        )

    assert (await directory(pool)).key(second.info.secret_id) is None
