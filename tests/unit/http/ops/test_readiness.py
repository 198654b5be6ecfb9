"""Judging what the processes say of themselves."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest

from hongyan.http.ops.readiness import (
    ChannelCheck,
    DatabaseCheck,
    Heartbeat,
    HeartbeatDetail,
    LinkCount,
    Readiness,
    RoleCheck,
    check_readiness,
    judge,
)
from hongyan.kit.clock import ManualClock

ANSWERED = DatabaseCheck(ok=True, milliseconds=1.0)


def beat(role: str, age_seconds: float = 1.0, **channels: tuple[int, int]) -> Heartbeat:
    detail = HeartbeatDetail({name: LinkCount(*counts) for name, counts in channels.items()})
    return Heartbeat(role, age_seconds, detail)


ALL = [beat("api"), beat("gateway", cm=(1, 2)), beat("courier")]


class Answering:
    """A database that has one answer."""

    def __init__(self, answer: dict[str, Any] | Exception | None) -> None:
        self._answer = answer

    async def fetchrow(self, query: str, *args: object, timeout: float | None = None) -> dict[str, Any]:  # noqa: ASYNC109
        if self._answer is None:
            await asyncio.Event().wait()
        if isinstance(self._answer, Exception):
            raise self._answer
        assert self._answer is not None
        return self._answer


def test_all_roles_and_a_link_for_each_channel_are_enough() -> None:
    readiness = judge(ALL, ["cm"], database=ANSWERED)

    assert readiness == Readiness(
        ready=True,
        database=ANSWERED,
        roles={role: RoleCheck(ok=True, instances=1, age_seconds=1.0) for role in ("api", "gateway", "courier")},
        channels={"cm": ChannelCheck(ok=True, bound=1, links=2)},
    )


@pytest.mark.parametrize("missing", ["api", "gateway", "courier"])
def test_a_role_nobody_heard_of_is_missing(missing: str) -> None:
    readiness = judge([beat(role) for role in ("api", "gateway", "courier") if role != missing], [], database=ANSWERED)

    assert not readiness.ready
    assert readiness.roles[missing] == RoleCheck(ok=False, instances=0)


@pytest.mark.parametrize("gateway", [beat("gateway"), beat("gateway", cm=(0, 2))], ids=["untold", "unbound"])
def test_a_platform_of_which_no_channel_has_a_bound_link_is_not_ready(gateway: Heartbeat) -> None:
    readiness = judge([beat("api"), gateway, beat("courier")], ["cm", "cu"], database=ANSWERED)

    assert (readiness.ready, readiness.degraded) == (False, False)
    assert not readiness.channels["cm"].ok


def test_a_platform_of_which_some_channel_has_no_bound_link_is_ready_but_degraded() -> None:
    readiness = judge([*ALL[::2], beat("gateway", cm=(0, 2), cu=(1, 2))], ["cm", "cu"], database=ANSWERED)

    assert (readiness.ready, readiness.degraded) == (True, True)
    assert {name: check.ok for name, check in readiness.channels.items()} == {"cm": False, "cu": True}
    assert msgspec.json.decode(msgspec.json.encode(readiness))["degraded"] is True


def test_a_platform_without_channels_is_ready() -> None:
    readiness = judge(ALL, [], database=ANSWERED)

    assert (readiness.ready, readiness.degraded) == (True, False)
    assert "degraded" not in msgspec.json.decode(msgspec.json.encode(readiness))


def test_a_channel_that_its_carrier_holds_back_says_how_fast_it_may_go() -> None:
    detail = HeartbeatDetail({"cm": LinkCount(1, 1, speed_now=60)})
    readiness = judge([beat("api"), Heartbeat("gateway", 1.0, detail), beat("courier")], ["cm"], database=ANSWERED)

    assert readiness.channels == {"cm": ChannelCheck(ok=True, bound=1, links=1, speed_now=60)}
    assert (readiness.ready, readiness.degraded) == (True, False)


def test_several_gateways_add_up_and_stopped_channels_do_not_count() -> None:
    beats = [
        beat("api"),
        beat("api", 0.5),
        beat("gateway", cm=(1, 1)),
        beat("gateway", cm=(1, 1), old=(0, 1)),
        beat("courier"),
    ]
    readiness = judge(beats, ["cm"], database=ANSWERED)

    assert readiness.ready
    assert readiness.roles["api"] == RoleCheck(ok=True, instances=2, age_seconds=0.5)
    assert readiness.channels == {"cm": ChannelCheck(ok=True, bound=2, links=2)}


async def test_what_the_database_says_is_read() -> None:
    beats = [msgspec.json.encode(one).decode() for one in ALL]
    readiness = await check_readiness(Answering({"heartbeats": beats, "channels": ["cm"]}), ManualClock())

    assert readiness.ready
    assert readiness.database == DatabaseCheck(ok=True, milliseconds=0.0)


@pytest.mark.parametrize(
    "error, reason",
    [
        (ConnectionRefusedError(), "ConnectionRefusedError"),
        (asyncpg.CannotConnectNowError("starting up"), "CannotConnectNowError"),
        (asyncpg.InterfaceError("pool is closing"), "InterfaceError"),
    ],
)
async def test_a_database_that_is_away_is_not_ready(error: Exception, reason: str) -> None:
    readiness = await check_readiness(Answering(error), ManualClock())

    assert readiness == Readiness(ready=False, database=DatabaseCheck(ok=False, reason=reason))


async def test_a_database_that_does_not_answer_is_given_a_second() -> None:
    async with asyncio.timeout(3):
        readiness = await check_readiness(Answering(None), ManualClock())

    assert readiness.database == DatabaseCheck(ok=False, reason="no answer within 1 s")
