"""The carrier's side: what customers do wrong, and what becomes of the others meanwhile."""

import asyncio
import gc
from typing import cast

import psutil
import pytest
from structlog.testing import capture_logs

from .behaviours import BOTH_SERVERS, Role
from .declared import DECLARED
from .peers.customer import Customer, calling
from .peers.subjects import Stage
from .proofs import proves
from .speech import ANNA, LOGIN, PASSWORD, Speech, code_text

BINDS = 1500
AT_ONCE = 60
GROWTH_BYTES_MAX = 8 * 1024 * 1024
"""Of the whole process: so many connections that are kept would take more."""
FRAMES = {
    "shorter than its header": "00000003",
    "longer than any may be": "7fffffff 00000001",
    "no length at all": "00000000 00000000",
}


@proves("bad-source", "bad-class", "bad-coding", "bad-length", "bad-count", "bad-header", role=BOTH_SERVERS)
async def test_what_is_wrong_with_a_submit_is_said_by_its_code_and_the_link_goes_on(
    stage: Stage, speech: Speech, role: Role
) -> None:
    async with stage.served(role, speech) as (subject, customer):
        for behaviour, bads in speech.bad_submits().items():
            tried = [bad for bad in bads if role is Role.SERVER or bad.everywhere]
            assert bool(tried) is ((behaviour, speech.name, role) not in DECLARED), behaviour
            for bad in tried:
                ((code, _),) = await customer.submit(bad.pdu)
                assert code in bad.codes, (behaviour, bad)
        assert (await customer.say("1234"))[0] == 0

        assert customer.of("lost") == []
        assert await subject.has_texts(ANNA, 1) == [code_text("1234")]


@proves("bad-version", role=BOTH_SERVERS)
async def test_a_version_that_is_not_spoken_is_refused_by_its_code(stage: Stage, speech: Speech, role: Role) -> None:
    stranger = Customer(speech)
    stranger.new_session = speech.session_of_wrong_version
    async with (
        stage.served(role, speech) as (subject, customer),
        calling(stranger, subject.port, is_bound=False),
    ):
        await stranger.until_trouble()

        assert stranger.link.trouble.startswith(f"bind_refused: status {speech.wrong_version}: ")
        assert customer.of("lost") == []


@proves("bad-length", role=BOTH_SERVERS)
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
async def test_a_stream_that_cannot_be_read_ends_its_own_connection_only(
    stage: Stage, speech: Speech, role: Role, frame: str
) -> None:
    async with stage.served(role, speech) as (subject, customer):
        reader, writer = await asyncio.open_connection("127.0.0.1", subject.port)
        writer.write(bytes.fromhex(frame) + bytes(32))
        async with asyncio.timeout(5):
            await reader.read()  # until it is closed
        writer.close()

        assert customer.of("lost") == []
        assert (await customer.say())[0] == 0


@proves("bind-flood", role=BOTH_SERVERS)
async def test_a_flood_of_binds_is_refused_in_bounded_memory_while_others_are_served(
    stage: Stage, speech: Speech, role: Role
) -> None:
    async with stage.served(role, speech) as (subject, customer):
        await flood(speech, subject.port, 500)  # what is made once is made now
        before = memory()
        await flood(speech, subject.port, BINDS)

        assert memory() - before < GROWTH_BYTES_MAX
        assert customer.of("lost") == []
        assert (await customer.say())[0] == 0


@proves("one-line", role=BOTH_SERVERS)
async def test_a_refused_bind_is_one_line_with_its_reason_and_no_secret(
    stage: Stage, speech: Speech, role: Role
) -> None:
    stranger = Customer(speech, password="wr0ng-pw"[:8])
    with capture_logs() as lines:
        async with stage.served(role, speech) as (subject, _):
            await knock(subject.port, stranger.bind_frame())

    event, reason = ("downstream.bind_refused", "reason") if role is Role.SERVER else ("listener.link_lost", "detail")
    (refusal,) = [line for line in lines if line["event"] == event and "refused" in str(line)]
    assert refusal[reason]
    about_it = [line for line in lines if line.get("peer") == refusal["peer"]]
    assert about_it == [refusal]
    assert PASSWORD not in str(lines)
    assert "wr0ng-pw" not in str(lines)


@proves("one-line", role=(Role.SERVER,))
async def test_a_refused_submit_is_one_line_with_its_reason_and_nothing_of_it(
    stage: Stage, speech: Speech, role: Role
) -> None:
    with capture_logs() as lines:
        async with stage.served(role, speech) as (_, customer):
            (bad, *_) = speech.bad_submits()["bad-coding"]
            await customer.submit(bad.pdu)

    (refusal,) = [line for line in lines if line["event"] == "downstream.submit_refused"]
    assert refusal["reason"]
    assert refusal["login"] == LOGIN
    for secret in (PASSWORD, "482913", str(ANNA).removeprefix("86")):
        assert secret not in str(lines)


async def flood(speech: Speech, port: int, count: int) -> None:
    """Ask to be let in so often, by a wrong password; each is answered or cut off."""
    frame = Customer(speech, password="wrong").bind_frame()
    for _ in range(count // AT_ONCE + 1):
        await asyncio.gather(*(knock(port, frame) for _ in range(AT_ONCE)))


def memory() -> int:
    """Return the octets that this process holds, what is only garbage left out."""
    gc.collect()
    return int(psutil.Process().memory_info().rss)


class Stranger(asyncio.Protocol):
    """Sends a bind and waits for the end of the connection."""

    def __init__(self, frame: bytes) -> None:
        self.frame = frame
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self.frame)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set_result(None)


async def knock(port: int, frame: bytes) -> None:
    """Ask to be let in, and wait to be shut out."""
    _, stranger = await asyncio.get_running_loop().create_connection(lambda: Stranger(frame), "127.0.0.1", port)
    await stranger.gone
