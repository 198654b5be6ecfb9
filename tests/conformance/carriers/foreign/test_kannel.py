"""Debian's Kannel 1.4.5 as a customer of our message centre and of the simulator.

It is started as its package has it, but from build/peers, with a bearerbox that keeps one SMPP connection and a smsbox that
takes texts by HTTP. What it received is read from its access log. As packaged it has no SMPP server, so that it cannot be
a carrier of ours.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.conformance.carriers.behaviours import BOTH_SERVERS, Role
from tests.conformance.carriers.peers.customer import Customer
from tests.conformance.carriers.peers.subjects import Stage
from tests.conformance.carriers.speech import ANNA, LOGIN, PASSWORD, SOURCE, SPEECHES, code_text, notification
from tests.conformance.carriers.test_server_pushes import road

from .process import PATIENCE_SECONDS, PEERS

SMPP = SPEECHES["smpp34"]
KANNEL = PEERS / "kannel"
LONG = notification(*("一二三四五",) * 20)

in_both_roles = pytest.mark.parametrize("role", BOTH_SERVERS, ids=lambda role: role.value)


class Kannel:
    """A running bearerbox and smsbox."""

    def __init__(self, log: Path, send_port: int) -> None:
        self._log = log
        self._send_port = send_port

    async def send(self, text: str) -> None:
        """Ask it by HTTP to send a text and to have it reported."""
        query: dict[str, str | int] = {
            "username": "tester",
            "password": "tester",
            "from": SOURCE,
            "to": str(ANNA),
            "text": text,
            "charset": "UTF-8",
            "coding": 2,
            "dlr-mask": 3,
            "dlr-url": "http://127.0.0.1:9/",
        }
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._send_port}") as http, timeout():
            while True:
                try:
                    response = await http.get("/cgi-bin/sendsms", params=query)
                except httpx.TransportError:
                    await asyncio.sleep(0.05)  # it is not up yet
                    continue
                assert response.status_code == 202, response.text
                return

    async def logged(self, what: str, count: int = 1) -> list[str]:
        """Wait until its access log has so many lines of a kind; return them."""
        try:
            async with timeout():
                while len(lines := self._lines(what)) < count:
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise TimeoutError(f"{what} is not in its log: {self._lines('')}") from error
        return lines

    def _lines(self, what: str) -> list[str]:
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return [line for line in text.splitlines() if what in line]


@asynccontextmanager
async def kannel(port: int, directory: Path, *, password: str = PASSWORD) -> AsyncIterator[Kannel]:
    """Run Kannel as a customer of an SMPP server for the time of the block."""
    if not (KANNEL / "usr/sbin/bearerbox").exists():
        pytest.skip("Debian's Kannel is not here: `make peers` fetches it where there are apt-get and dpkg")
    admin, box, send = free_ports(3)
    config = directory / "kannel.conf"
    config.write_text(_config(port, password, admin=admin, box=box, send=send, directory=directory), encoding="utf-8")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_running("bearerbox", config))
        await _listens(box)
        await stack.enter_async_context(_running("smsbox", config))
        yield Kannel(directory / "access.log", send)


def _config(port: int, password: str, *, admin: int, box: int, send: int, directory: Path) -> str:
    return f"""\
group = core
admin-port = {admin}
admin-password = tester
smsbox-port = {box}
box-allow-ip = 127.0.0.1
access-log = "{directory}/access.log"

group = smsc
smsc = smpp
smsc-id = ours
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = {LOGIN}
smsc-password = {password}
system-type = ""
interface-version = 34
source-addr-ton = 0
dest-addr-ton = 1
dest-addr-npi = 1
enquire-link-interval = 1
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {send}

group = sendsms-user
username = tester
password = tester
max-messages = 10
concatenation = true

group = sms-service
keyword = default
text = ""
omit-empty = true
"""


@asynccontextmanager
async def _running(name: str, config: Path) -> AsyncIterator[None]:
    libraries = ":".join(str(path) for path in sorted(KANNEL.glob("**/*-linux-gnu")))
    process = await asyncio.create_subprocess_exec(
        str(KANNEL / "usr/sbin" / name),
        "-v",
        "4",
        str(config),
        env={**os.environ, "LD_LIBRARY_PATH": libraries},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(3):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _listens(port: int) -> None:
    """Wait until something listens there."""
    async with timeout():
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def timeout() -> asyncio.Timeout:
    """Bound a wait for another process."""
    return asyncio.timeout(PATIENCE_SECONDS)


@in_both_roles
async def test_it_sends_short_and_long_texts_and_hears_a_reply(stage: Stage, role: Role, tmp_path: Path) -> None:
    async with (
        stage.subject_of(role, SMPP, Customer(SMPP)) as subject,
        kannel(subject.port, tmp_path) as peer,
    ):
        await peer.send(code_text())
        await peer.send(LONG)
        assert set(await subject.has_texts(ANNA, 2)) == {code_text(), LONG}

        await subject.reply(ANNA, SOURCE, "TD")
        (line,) = await peer.logged("Receive SMS")
        assert f"[from:+{ANNA}]" in line
        assert f"[to:{SOURCE}]" in line
        assert "[msg:2:TD]" in line


@pytest.mark.parametrize("role", [Role.SERVER], ids=lambda role: role.value)
async def test_it_hears_what_became_of_its_texts(stage: Stage, role: Role, tmp_path: Path) -> None:
    async with road(stage, SMPP) as (subject, customer, carrier):
        carrier.on_submit = carrier.take_and_report
        await customer.link.stop(0)  # what is reported is for the peer alone
        async with kannel(subject.port, tmp_path) as peer:
            await peer.send(code_text())

            (line,) = await peer.logged("Receive DLR")
            assert "stat:DELIVRD" in line


async def test_the_simulator_reports_to_it(tmp_path: Path) -> None:
    async with (
        Stage(None).subject_of(Role.SIMULATOR, SMPP, Customer(SMPP)) as subject,
        kannel(subject.port, tmp_path) as peer,
    ):
        await peer.send(code_text())

        (line,) = await peer.logged("Receive DLR")
        assert "stat:DELIVRD" in line
