"""Protocol logins, changed and read back."""

from ipaddress import ip_network

import pytest

from hongyan.accounts import login_service as logins
from hongyan.accounts import service
from hongyan.accounts.directory import load_directory
from hongyan.accounts.errors import AccountInvalid, ExtensionTaken, LoginInvalid, LoginNameTaken, LoginNotFound
from hongyan.accounts.protocol_login import Family, LoginState, NewLogin
from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool
from hongyan.kit.secrets import Vault
from tests.integration.notices import notices

VAULT = Vault(b"k" * 32)
DRAFT = logins.LoginDraft(ip_allow=["203.0.113.9"], sources=["1069000188"], settings={"report_size": "60"})


async def a_login(connection: AnyConnection, name: str = "106001", **differences: object) -> NewLogin:
    account = await service.create_account(connection, name=f"of {name}", price_per_segment=45, actor="test")
    given = {"family": Family.CMPP, "draft": DRAFT, **differences}
    return await logins.add_login(connection, VAULT, account_id=account.account_id, name=name, actor="test", **given)  # type: ignore[arg-type]


async def test_a_new_login_is_active_and_its_random_password_is_shown_once(pool: Pool) -> None:
    async with pool.acquire() as connection:
        made = await a_login(connection)
        directory = await load_directory(connection, VAULT)

    login = directory.login("cmpp", "106001")
    assert login is not None
    assert directory.login_of(login.login_id) == login
    assert (login.password, login.reverse_password) == (made.password, made.password)
    assert (login.state, login.ip_allow) == (LoginState.ACTIVE, (ip_network("203.0.113.9"),))
    assert (login.sources, login.settings.report_size) == (("1069000188",), 60)
    assert made.password not in repr(made) + repr(login) + str(made.info)
    assert directory.login("smgp", "106001") is None


async def test_every_change_is_announced(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await a_login(connection)
        async with notices(pool) as heard:
            draft = logins.LoginDraft(window_size=4)
            await logins.change_login(connection, family=Family.CMPP, name="106001", draft=draft, actor="test")
            await logins.set_password(
                connection, VAULT, family=Family.CMPP, name="106001", password="another9", actor="test"
            )
            await logins.disable_login(connection, Family.CMPP, "106001", actor="test")
            await logins.enable_login(connection, Family.CMPP, "106001", actor="test")
            await logins.remove_login(connection, Family.CMPP, "106001", actor="test")
        assert heard == ["accounts"] * 5
        with pytest.raises(LoginNotFound):
            await logins.find_login(connection, Family.CMPP, "106001")


async def test_what_is_not_given_stays(pool: Pool) -> None:
    async with pool.acquire() as connection:
        made = await a_login(connection)
        draft = logins.LoginDraft(speed_per_second=7, settings={"versions": "2.0"})
        changed = await logins.change_login(connection, family=Family.CMPP, name="106001", draft=draft, actor="test")

    assert (changed.speed_per_second, changed.window_size) == (7, made.info.window_size)
    assert (changed.settings.versions, changed.settings.report_size) == ("2.0", 60)
    assert changed.sources == made.info.sources


async def test_a_name_is_taken_within_its_protocol_only(pool: Pool) -> None:
    async with pool.acquire() as connection:
        made = await a_login(connection)
        account_id = made.info.account_id
        same = {"account_id": account_id, "name": "106001", "draft": logins.LoginDraft(), "actor": "test"}
        with pytest.raises(LoginNameTaken):
            await logins.add_login(connection, VAULT, family=Family.CMPP, **same)  # type: ignore[arg-type]
        await logins.add_login(connection, VAULT, family=Family.SMGP, **same)  # type: ignore[arg-type]
        assert [login.family for login in await logins.list_logins(connection, account_id)] == ["cmpp", "smgp"]


async def test_all_wrong_fields_are_named_at_once(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(LoginInvalid) as caught:
            await a_login(connection, "too-long", password="short", draft=logins.LoginDraft(links_max=0, sources=["x"]))
        with pytest.raises(LoginInvalid) as addresses:
            await a_login(connection, "106002", draft=logins.LoginDraft(ip_allow=["nowhere"]))

    assert [problem.field for problem in caught.value.problems] == ["name", "password", "links_max", "sources"]
    assert [problem.field for problem in addresses.value.problems] == ["ip_allow"]


async def test_only_sgip_has_a_password_of_ours(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(LoginInvalid):
            await a_login(connection, reverse_password="ours1234")
        await a_login(connection, "sp", family=Family.SGIP, reverse_password="ours1234", draft=logins.LoginDraft())
        login = (await load_directory(connection, VAULT)).login("sgip", "sp")
    assert login is not None
    assert login.reverse_password == "ours1234"


async def test_a_damaged_seal_keeps_one_login_out_and_not_everyone(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await a_login(connection)
        await a_login(connection, "106002")
        await connection.execute("UPDATE protocol_logins SET password_sealed = '\\x01' WHERE name = '106001'")
        directory = await load_directory(connection, VAULT)
    assert [login.name for login in directory.logins()] == ["106002"]


async def test_an_extension_belongs_to_one_account(pool: Pool) -> None:
    async with pool.acquire() as connection:
        ids = [
            (await service.create_account(connection, name=name, price_per_segment=45, actor="test")).account_id
            for name in ("one", "two")
        ]
        changed = await service.change_account(connection, ids[0], extension="88", actor="test")
        with pytest.raises(ExtensionTaken):
            await service.change_account(connection, ids[1], extension="88", actor="test")
        with pytest.raises(AccountInvalid):
            await service.change_account(connection, ids[1], extension="8x", actor="test")
        await service.change_account(connection, ids[0], extension="", actor="test")
        await service.change_account(connection, ids[1], extension="88", actor="test")
    assert changed.extension == "88"
