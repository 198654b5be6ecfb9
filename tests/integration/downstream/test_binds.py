"""Who is let in, who is not and with which code, and what a flood of binds costs the others."""

import asyncio
import hashlib
import struct
from ipaddress import ip_address

import pytest
import structlog
from structlog.testing import capture_logs

from hongyan.accounts import login_service
from hongyan.accounts import service as accounts
from hongyan.accounts.protocol_login import Family
from hongyan.downstream.binds import ADDRESSES_MAX, FAILURES_MAX, LINES_MAX, address_of
from tests.integration.pipeline.running import eventually
from tests.integration.pipeline.world import TEXT

from .customer import Customer, a_customer
from .faces import CMPP20, CMPP30, FACES, NAMES, PASSWORD, SGIP, SMPP, Face
from .house import House

every_protocol = pytest.mark.parametrize("face", FACES, ids=NAMES)
WRONG = "wrong-pw"


async def refusal_of(face: Face, port: int, password: str = PASSWORD) -> str:
    """Return what a link says of its first try to bind."""
    customer = Customer(face, port, password=password)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(customer.link.run())
        async with asyncio.timeout(5):
            while not customer.link.trouble:
                await asyncio.sleep(0.01)
        trouble = customer.link.trouble
        await customer.link.stop(0)
    return trouble


@every_protocol
async def test_a_wrong_password_and_an_unknown_login_are_told_the_same_and_no_secret_is_logged(
    face: Face, house: House
) -> None:
    structlog.reset_defaults()
    async with house.open() as server:
        with capture_logs() as lines:
            unknown = await refusal_of(face, server.ports[face.family])
            await house.login(face)
            await eventually(lambda: _knows(server, face))
            wrong = await refusal_of(face, server.ports[face.family], WRONG)
            async with a_customer(face, server.ports[face.family]):
                pass

    assert wrong == unknown
    assert f"status {face.bind_codes['unauthentic']}" in wrong
    refused = [line for line in lines if line["event"] == "downstream.bind_refused"]
    assert {line["reason"] for line in refused} == {"login unknown", "not authentic"}
    assert WRONG not in str(lines)
    assert PASSWORD not in str(lines)


@every_protocol
async def test_more_links_than_agreed_are_refused_until_one_leaves(face: Face, house: House) -> None:
    await house.login(face, links_max=1)
    async with house.open() as server:
        async with a_customer(face, server.ports[face.family]) as first:
            assert f"status {face.bind_codes['links']}" in await refusal_of(face, server.ports[face.family])
            assert (await first.submit(TEXT)).code == 0
        async with a_customer(face, server.ports[face.family]):
            pass


@every_protocol
async def test_an_address_that_is_not_allowed_is_refused(face: Face, house: House) -> None:
    await house.login(face, ip_allow=["203.0.113.0/24"])
    async with house.open() as server:
        assert f"status {face.bind_codes['address']}" in await refusal_of(face, server.ports[face.family])


@every_protocol
async def test_a_login_that_is_disabled_is_sent_away_and_kept_out(face: Face, house: House) -> None:
    await house.login(face)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        async with house.world.pool.acquire() as connection:
            await login_service.disable_login(connection, Family(face.family), face.login, actor="test")
        await customer.until(lambda: bool(customer.lost))
        assert f"status {face.bind_codes['disabled']}" in await refusal_of(face, server.ports[face.family])

        async with house.world.pool.acquire() as connection:
            await login_service.enable_login(connection, Family(face.family), face.login, actor="test")
        await customer.until(lambda: customer.link.is_bound)
        assert (await customer.submit(TEXT)).code == 0


async def test_a_suspended_account_cannot_submit(house: House) -> None:
    await house.login(CMPP30)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        async with house.world.pool.acquire() as connection:
            await accounts.suspend_account(connection, house.world.account_id, actor="test")
        await eventually(lambda: _is_suspended(server, house))
        assert (await customer.submit(TEXT)).code == 105
        assert "status 5" in await refusal_of(CMPP30, server.ports["cmpp"])


async def test_a_version_that_the_login_may_not_use_is_too_high_for_it(house: House) -> None:
    await house.login(CMPP20, settings={"versions": "2.0"})
    async with house.open() as server:
        assert "status 4" in await refusal_of(CMPP30, server.ports["cmpp"])
        async with a_customer(CMPP20, server.ports["cmpp"]) as customer:
            assert (await customer.submit(TEXT)).code == 0


@pytest.mark.parametrize("system_type,trouble", [("", ""), ("VMA", "status 83: system type is invalid")])
async def test_a_login_may_want_a_system_type(house: House, system_type: str, trouble: str) -> None:
    await house.login(SMPP, settings={"system_type": system_type})
    async with house.open() as server:
        if trouble:
            assert trouble in await refusal_of(SMPP, server.ports["smpp"])
            return
        async with a_customer(SMPP, server.ports["smpp"]) as customer:
            assert (await customer.submit(TEXT)).code == 0


async def test_a_changed_window_and_speed_hold_at_once_on_links_that_are_bound(house: House) -> None:
    await house.login(CMPP30)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        draft = login_service.LoginDraft(window_size=1, speed_per_second=50)
        async with house.world.pool.acquire() as connection:
            await login_service.change_login(
                connection, family=Family.CMPP, name=CMPP30.login, draft=draft, actor="test"
            )
        await eventually(lambda: _has_window(server, 1))
        tokens = [customer.send(TEXT) for _ in range(3)]
        assert [(await customer.answer_to(token)).code for token in tokens] == [0, 8, 8]


async def test_a_bind_is_noted(house: House) -> None:
    login = await house.login(CMPP30)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]):
        await server.usage.flush()
    async with house.world.pool.acquire() as connection:
        found = await login_service.find_login(connection, Family.CMPP, login.name)
    assert found.last_bound_at is not None


async def test_a_flood_of_wrong_binds_disturbs_nobody_and_is_logged_in_few_lines(house: House) -> None:
    await house.login(CMPP30)
    structlog.reset_defaults()
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        with capture_logs() as lines:
            for _ in range(5):
                await asyncio.gather(*(_bind_wrongly(server.ports["cmpp"]) for _ in range(60)))
                assert (await customer.submit(TEXT)).code == 0
        assert server.check._failures["127.0.0.1"] == FAILURES_MAX

    refused = [line for line in lines if line["event"] == "downstream.bind_refused"]
    assert len(refused) <= LINES_MAX
    assert {line["reason"] for line in refused} == {"login unknown", "busy"}


async def test_a_submit_before_the_bind_ends_the_connection(house: House) -> None:
    async with house.open() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["cmpp"])
        writer.write(struct.pack("!3I", 12, 0x00000004, 1))
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()


async def test_a_frame_longer_than_any_ends_the_connection_and_no_other(house: House) -> None:
    await house.login(CMPP30)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["cmpp"])
        writer.write(struct.pack("!3I", 0x7FFFFFFF, 1, 1))
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
        assert (await customer.submit(TEXT)).code == 0


async def test_sgip_customers_who_listen_are_connected_to_and_pushed_to(house: House) -> None:
    reports: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bind = await reader.readexactly(61)
        assert bind[4:8] == b"\x00\x00\x00\x01"
        assert bind[20] == 2
        assert bind[21:37].rstrip(b"\0") == b"gateway"
        assert bind[37:53].rstrip(b"\0") == PASSWORD.encode()
        writer.write(struct.pack("!2I", 29, 0x80000001) + bind[8:20] + bytes(9))
        report = await reader.readexactly(64)
        writer.write(struct.pack("!2I", 29, 0x80000005) + report[8:20] + bytes(9))
        reports.put_nowait(report)
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    settings = {
        "same_connection": "false",
        "reverse_host": "127.0.0.1",
        "reverse_port": str(port),
        "reverse_login": "gateway",
    }
    login = await house.login(SGIP, settings=settings)
    await house.world.pool.execute(
        "INSERT INTO pushes (login_id, kind, subject_id, payload)"
        " VALUES ($1, 0, 1, report_payload(1, 'DELIVRD', '1069', '13800138000', '\\x0102030405060708090a0b0c', now()))",
        login.login_id,
    )
    async with house.open() as server, a_customer(SGIP, server.ports["sgip"]) as customer:
        async with asyncio.timeout(5):
            report = await reports.get()
        await eventually(lambda: _is_empty(house))
    listener.close()

    assert report[4:8] == b"\x00\x00\x00\x05"
    assert report[20:32] == bytes(range(1, 13))
    assert report[33:54].rstrip(b"\0") == b"13800138000"
    assert not customer.told, "its own connection is for its submits"


def test_an_address_is_read_without_its_port() -> None:
    assert address_of("203.0.113.9:7890") == ip_address("203.0.113.9")
    assert address_of("::ffff:203.0.113.9:7890") == ip_address("203.0.113.9")
    assert address_of("") is None
    assert ADDRESSES_MAX > FAILURES_MAX


async def _is_empty(house: House) -> bool:
    return await house.count("pushes") == 0


async def _bind_wrongly(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    digest = hashlib.md5(b"nonsense", usedforsecurity=False).digest()
    writer.write(struct.pack("!3I", 39, 1, 1) + b"999999" + digest + b"\x30" + struct.pack("!I", 101000000))
    async with asyncio.timeout(10):
        answer = await reader.read()
    assert answer[12:16] in (b"\x00\x00\x00\x03", b"\x00\x00\x00\x07")
    writer.close()


async def _knows(server: object, face: Face) -> bool:
    return server.snapshot().directory.login(face.family, face.login) is not None  # type: ignore[attr-defined]


async def _is_suspended(server: object, house: House) -> bool:
    account = server.snapshot().directory.account(house.world.account_id)  # type: ignore[attr-defined]
    return not account.is_active


async def _has_window(server: object, size: int) -> bool:
    return all(link.window_size == size for link in server.roster)  # type: ignore[attr-defined]
