"""Channels and routes, changed and read back as the table that messages are routed by."""

import msgspec
import pytest

from hongyan.carriers.settings import ChannelSettings
from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool
from hongyan.kit.secrets import Vault
from hongyan.numbers.model import Carrier
from hongyan.routing import service
from hongyan.routing.errors import ChannelInvalid, ChannelNameTaken, ChannelNotFound, RouteExists, RouteNotFound
from hongyan.routing.model import ChannelInfo, ChannelState, Route, RouteState
from hongyan.routing.rules import ChannelDraft
from hongyan.routing.service import ChannelChanges
from hongyan.routing.table import RouteTable, load_route_table
from tests.integration.notices import notices

VAULT = Vault(b"k" * 32)
DRAFT = ChannelDraft(protocol="cmpp20", host="127.0.0.1", port=7890, login="901234", src_id="10690001")


async def table(pool: Pool) -> RouteTable:
    async with pool.acquire() as connection:
        return await load_route_table(connection, VAULT)


async def a_channel(connection: AnyConnection, name: str = "mobile-1", vault: Vault = VAULT) -> ChannelInfo:
    return await service.add_channel(connection, vault, name=name, draft=DRAFT, password="very-secret", actor="test")


async def a_route(connection: AnyConnection, channel: str = "mobile-1", *, priority: int = 1) -> Route:
    return await service.add_route(connection, carrier=Carrier.MOBILE, channel=channel, priority=priority, actor="test")


async def chosen(pool: Pool) -> str | None:
    choice = (await table(pool)).choose(Carrier.MOBILE, 1)
    return choice.channel.name if choice else None


async def test_a_channel_is_added_active_with_its_password_sealed(pool: Pool) -> None:
    async with notices(pool) as heard, pool.acquire() as connection:
        added = await a_channel(connection)

    at_rest = await pool.fetchval("SELECT password_sealed FROM channels")
    channel = (await table(pool)).channel(added.channel_id)
    assert b"very-secret" not in at_rest
    assert channel is not None
    assert channel.password == "very-secret"
    assert (channel.name, channel.state, channel.window_size) == ("mobile-1", ChannelState.ACTIVE, 16)
    assert heard == ["routing"]


async def test_a_name_belongs_to_one_channel(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await a_channel(connection)
        with pytest.raises(ChannelNameTaken):
            await a_channel(connection)


async def test_a_wrong_channel_is_not_added(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(ChannelInvalid):
            await a_channel(connection, "two words")

        assert await service.list_channels(connection) == []


async def test_a_change_leaves_the_rest_as_it_was(pool: Pool) -> None:
    async with notices(pool) as heard, pool.acquire() as connection:
        added = await a_channel(connection)
        changed = await service.change_channel(
            connection, VAULT, name="mobile-1", changes=ChannelChanges(speed_per_second=7, port=7891), actor="test"
        )

    channel = (await table(pool)).channel(added.channel_id)
    assert channel is not None
    assert (changed.speed_per_second, changed.port, changed.login) == (7, 7891, "901234")
    assert channel.password == "very-secret"
    assert heard == ["routing", "routing"]


async def test_settings_are_added_changed_and_taken_back_one_by_one(pool: Pool) -> None:
    draft = msgspec.structs.replace(DRAFT, settings={"heartbeat_tries": "5", "long_text": "udh16"})
    async with pool.acquire() as connection:
        added = await service.add_channel(
            connection, VAULT, name="mobile-1", draft=draft, password="very-secret", actor="test"
        )
        changes = ChannelChanges(settings={"long_text": None, "fee_code": "10"})
        changed = await service.change_channel(connection, VAULT, name="mobile-1", changes=changes, actor="test")
        untouched = await service.change_channel(
            connection, VAULT, name="mobile-1", changes=ChannelChanges(port=7891), actor="test"
        )

    assert added.settings == ChannelSettings(heartbeat_tries=5, long_text="udh16")
    assert changed.settings == untouched.settings == ChannelSettings(heartbeat_tries=5, fee_code="10")
    assert await pool.fetchval("SELECT settings FROM channels") == '{"fee_code": "10", "heartbeat_tries": 5}'


async def test_a_setting_must_apply_to_the_protocol_that_a_channel_is_changed_to(pool: Pool) -> None:
    draft = msgspec.structs.replace(DRAFT, settings={"fee_user_type": 2})
    async with pool.acquire() as connection:
        await service.add_channel(connection, VAULT, name="mobile-1", draft=draft, password="x", actor="test")
        with pytest.raises(ChannelInvalid) as caught:
            await service.change_channel(
                connection, VAULT, name="mobile-1", changes=ChannelChanges(protocol="smpp34"), actor="test"
            )
        changed = await service.change_channel(
            connection,
            VAULT,
            name="mobile-1",
            changes=ChannelChanges(protocol="smpp34", settings={"fee_user_type": None, "dest_npi": 6}),
            actor="test",
        )

    assert [problem.field for problem in caught.value.problems] == ["settings.fee_user_type"]
    assert (changed.protocol, changed.settings) == ("smpp34", ChannelSettings(dest_npi=6))


async def test_a_secret_setting_is_sealed_at_rest_and_only_the_table_has_it(pool: Pool) -> None:
    settings = {"node": 3075512345, "reverse_password": "from-unicom"}
    draft = msgspec.structs.replace(DRAFT, protocol="sgip12", settings=settings)
    async with pool.acquire() as connection:
        added = await service.add_channel(
            connection, VAULT, name="unicom-1", draft=draft, password="very-secret", actor="test"
        )
        changed = await service.change_channel(
            connection, VAULT, name="unicom-1", changes=ChannelChanges(speed_per_second=7), actor="test"
        )

    channel = (await table(pool)).channel(added.channel_id)
    assert "from-unicom" not in await pool.fetchval("SELECT settings FROM channels")
    assert added.settings == changed.settings == ChannelSettings(node=3075512345)
    assert channel is not None
    assert channel.settings == ChannelSettings(node=3075512345, reverse_password="from-unicom")


async def test_a_new_password_is_sealed_in_the_place_of_the_old(pool: Pool) -> None:
    async with pool.acquire() as connection:
        added = await a_channel(connection)
        await service.change_channel(
            connection, VAULT, name="mobile-1", changes=ChannelChanges(), password="another", actor="test"
        )

    channel = (await table(pool)).channel(added.channel_id)
    assert channel is not None
    assert channel.password == "another"


async def test_a_change_is_checked_against_what_stays(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await a_channel(connection)
        with pytest.raises(ChannelInvalid):
            await service.change_channel(
                connection, VAULT, name="mobile-1", changes=ChannelChanges(port=0), actor="test"
            )
        with pytest.raises(ChannelNotFound):
            await service.change_channel(connection, VAULT, name="none", changes=ChannelChanges(port=1), actor="test")

        assert (await service.find_channel(connection, "mobile-1")).port == 7890


async def test_a_stopped_channel_carries_nothing_until_started(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await a_channel(connection)
        await a_route(connection)
        before = await chosen(pool)
        stopped = await service.stop_channel(connection, "mobile-1", actor="test")
        meanwhile = await chosen(pool)
        await service.start_channel(connection, "mobile-1", actor="test")
        with pytest.raises(ChannelNotFound):
            await service.stop_channel(connection, "none", actor="test")

    assert stopped.state is ChannelState.STOPPED
    assert (before, meanwhile, await chosen(pool)) == ("mobile-1", None, "mobile-1")


async def test_channels_are_listed_and_found_without_their_passwords(pool: Pool) -> None:
    async with pool.acquire() as connection:
        first, second = await a_channel(connection), await a_channel(connection, "mobile-2")

        assert await service.list_channels(connection) == [first, second]
        assert await service.find_channel(connection, "mobile-2") == second
        with pytest.raises(ChannelNotFound):
            await service.find_channel(connection, "mobile-3")


async def test_a_channel_whose_password_does_not_open_carries_nothing(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await a_channel(connection, vault=Vault(b"x" * 32))
        await a_channel(connection, "mobile-2")
        await a_route(connection)
        await a_route(connection, "mobile-2", priority=2)

    assert await chosen(pool) == "mobile-2"


async def test_routes_are_added_changed_and_removed(pool: Pool) -> None:
    async with notices(pool) as heard, pool.acquire() as connection:
        await a_channel(connection)
        route = await a_route(connection)
        added = await chosen(pool)
        changed = await service.change_route(connection, route.route_id, weight=5, actor="test")
        await service.change_route(connection, route.route_id, state=RouteState.STOPPED, actor="test")
        stopped = await chosen(pool)
        await service.remove_route(connection, route.route_id, actor="test")
        left = await service.list_routes(connection)

    assert (added, stopped, left) == ("mobile-1", None, [])
    assert (changed.weight, changed.priority, changed.carrier) == (5, 1, Carrier.MOBILE)
    assert heard == ["routing"] * 5


async def test_a_carrier_has_one_route_to_a_channel(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await a_channel(connection)
        await a_route(connection)
        with pytest.raises(RouteExists):
            await a_route(connection)
        other = await service.add_route(connection, carrier=Carrier.UNICOM, channel="mobile-1", actor="test")

        assert [route.route_id for route in await service.list_routes(connection)][-1] == other.route_id


async def test_a_route_needs_a_channel_and_a_change_needs_a_route(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(ChannelNotFound):
            await a_route(connection)
        with pytest.raises(RouteNotFound):
            await service.change_route(connection, 999, weight=1, actor="test")
        with pytest.raises(RouteNotFound):
            await service.remove_route(connection, 999, actor="test")
