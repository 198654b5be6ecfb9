"""The seed of the demonstration: whole, repeatable, and respectful of what people changed."""

from collections.abc import Iterator

import msgspec
import pytest

from hongyan.accounts.service import find_account
from hongyan.accounts.service import list_keys as keys_of
from hongyan.billing.model import Balance
from hongyan.billing.service import balance, verify
from hongyan.carriers.settings import ChannelSettings
from hongyan.content.book import Match, load_book
from hongyan.content.model import MessageKind
from hongyan.content.service import list_templates
from hongyan.db.pool import Connection, Pool, connect
from hongyan.kit.clock import SystemClock
from hongyan.kit.secrets import Vault
from hongyan.numbers.model import Carrier
from hongyan.routing.service import find_channel, list_channels, stop_channel
from hongyan.routing.table import load_route_table
from hongyan.runtime.demo import SAMPLE_TEXT, Demo, seed_demo, simulator_config
from hongyan.runtime.settings import GatewaySettings, Settings, SimulatorSettings
from hongyan.simulator.config import DialBack

from .platforms import a_data_dir


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Settings on a data directory of their own."""
    with a_data_dir() as data_dir:
        data_dir.mkdir()
        yield Settings(data_dir=data_dir)


async def seeded(settings: Settings, url: str) -> Demo:
    vault = Vault.load_or_create(settings.master_key_path)
    return await seed_demo(
        settings, database_url=url, api_url="http://127.0.0.1:8080", vault=vault, clock=SystemClock()
    )


async def rows_of(pool: Pool) -> list[list[tuple[object, ...]]]:
    tables = ("accounts", "api_keys", "signatures", "templates", "channels", "routes", "balances", "ledger_entries")
    return [[tuple(row) for row in await pool.fetch(f"SELECT * FROM {table} ORDER BY 1")] for table in tables]


async def test_a_second_seed_changes_nothing(settings: Settings, database_url: str, pool: Pool) -> None:
    first = await seeded(settings, database_url)
    before = await rows_of(pool)
    assert await seeded(settings, database_url) == first
    assert await rows_of(pool) == before


async def test_the_account_can_send_at_once(settings: Settings, database_url: str, pool: Pool) -> None:
    await seeded(settings, database_url)
    async with pool.acquire() as connection:
        account = await find_account(connection, "demo")
        assert account.price_per_segment == 45
        assert await balance(connection, account.account_id) == Balance(100_000_000, 0, 0)
        assert await verify(connection) == []
        match = (await load_book(connection)).match(account.account_id, SAMPLE_TEXT)
        assert isinstance(match, Match)
        assert match.kind is MessageKind.VERIFICATION
        kinds = {template.kind for template in await list_templates(connection, account_id=account.account_id)}
        assert kinds == set(MessageKind)


async def test_every_carrier_has_a_channel(settings: Settings, database_url: str, pool: Pool) -> None:
    await seeded(settings, database_url)
    async with pool.acquire() as connection:
        table = await load_route_table(connection, Vault.load(settings.master_key_path))
    chosen = {carrier: table.choose(carrier, 1) for carrier in Carrier}
    protocols = {carrier.name: choice and choice.channel.protocol for carrier, choice in chosen.items()}
    assert protocols == {
        "MOBILE": "cmpp30",
        "UNICOM": "sgip12",
        "TELECOM": "smgp30",
        "BROADNET": "cmpp30",
        "INTERNATIONAL": "smpp34",
    }


async def test_what_people_changed_stays(settings: Settings, database_url: str, pool: Pool) -> None:
    await seeded(settings, database_url)
    async with pool.acquire() as connection:
        await stop_channel(connection, "demo-unicom", actor="operator")
        await seeded(settings, database_url)
        active = {channel.name: channel.is_active for channel in await list_channels(connection)}
    assert active == {
        "demo-mobile": True,
        "demo-unicom": False,
        "demo-telecom": True,
        "demo-international": True,
    }


async def test_channels_follow_the_simulator_to_other_ports(settings: Settings, database_url: str, pool: Pool) -> None:
    await seeded(settings, database_url)
    moved = msgspec.structs.replace(settings, simulator=SimulatorSettings(carrier_port=20000, phone_port=20005))
    demo = await seeded(moved, database_url)
    assert demo.phone_url == "http://127.0.0.1:20005/"
    async with pool.acquire() as connection:
        assert sorted(channel.port for channel in await list_channels(connection)) == [20000, 20001, 20002, 20003]


async def test_a_channel_of_an_older_demonstration_follows_its_carrier_to_another_protocol(
    settings: Settings, database_url: str, pool: Pool
) -> None:
    await seeded(settings, database_url)
    await pool.execute(
        """UPDATE channels SET protocol = 'cmpp20', login = '910002', settings = '{"fee_code": "10"}'"""
        " WHERE name = 'demo-international'"
    )
    await seeded(settings, database_url)
    async with pool.acquire() as connection:
        found = await find_channel(connection, "demo-international")
    assert (found.protocol, found.login, found.settings) == ("smpp34", "hongyan", ChannelSettings())


def test_the_simulator_dials_back_to_where_the_gateway_listens(settings: Settings) -> None:
    unicom = simulator_config(settings).carriers[1]
    told = msgspec.structs.replace(settings, gateway=GatewaySettings(sgip_host="0.0.0.0", sgip_port=8801))

    assert unicom.logins[0].dial_back == DialBack(host="127.0.0.1", port=17894, links=2)
    assert simulator_config(told).carriers[1].logins[0].dial_back == DialBack(host="127.0.0.1", port=8801, links=2)
    assert len(simulator_config(settings).carriers[3].logins[0].password) == 8  # SMPP has no room for more


async def test_a_disabled_key_is_replaced(settings: Settings, database_url: str, pool: Pool) -> None:
    first = await seeded(settings, database_url)
    await pool.execute("UPDATE api_keys SET state = 'disabled'")
    second = await seeded(settings, database_url)
    assert second.secret_id != first.secret_id
    assert len(await keys(database_url)) == 2


async def keys(url: str) -> list[str]:
    connection: Connection = await connect(url)
    try:
        account = await find_account(connection, "demo")
        return [key.secret_id for key in await keys_of(connection, account.account_id)]
    finally:
        await connection.close()
