"""Kills parts of a platform under load, lets it come to rest, and compares the ledgers."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import asyncpg
import msgspec

from hongyan.db.pool import connect, open_pool
from hongyan.db.queries import Queries
from hongyan.kit.secrets import Vault
from hongyan.messages.model import State
from hongyan.simulator.journal import Received, read_journal

from .by_protocol import LOGIN, PASSWORD, ProtocolLoad, check_reports
from .checker import check
from .customers import open_customers, open_login
from .ledgers import Ledgers, read_database
from .load import NO_REPORT_ENDING, Load
from .platform import VICTIMS, Platform, PlatformBroken
from .violation import Violation

DRAIN_SECONDS: Final = 90.0
QUIET_SECONDS: Final = 2.5
RECOVERY_SECONDS: Final = 60.0
_FIRST_ACCEPT_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.05
_TAIL_BYTES: Final = 8192
_IMPATIENT_SHARE: Final = 0.2
"""Rounds after which the next kill does not wait for the recovery."""
_QUERIES: Final = Queries.of(__package__)

Say = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a loop does."""

    rounds: int
    seed: int
    rate: float = 200.0
    """Requests a second."""
    protocol_share: float = 0.15
    """Submits of the customer who comes by CMPP, beside those requests."""
    poor_share: float = 0.06
    """How many requests come from an account that can seldom pay."""
    pause_seconds: tuple[float, float] = (0.4, 2.4)
    """Between a recovery and the next kill."""


class Kill(msgspec.Struct):
    """One round."""

    victims: tuple[str, ...]
    at_us: int
    recovery_seconds: float | None = None
    """Until a request sent after the kill was accepted and a carrier got a submit after that; None: not waited for."""


class Outcome(msgspec.Struct, kw_only=True):
    """What a loop found."""

    plan: Plan
    kills: list[Kill]
    ledgers: Ledgers
    violations: list[Violation]
    skipped: int
    audits: int
    seconds: float
    by_protocol: ProtocolLoad


async def run_loop(platform: Platform, plan: Plan, say: Say) -> Outcome:
    """Run the rounds on a platform that is ready; PlatformBroken when it does not come back."""
    started = time.monotonic()
    demo = platform.demo()
    vault = Vault.load(platform.data_dir / "master.key")
    async with await open_pool(demo["database_url"], size_max=2) as pool:
        customers = await open_customers(pool, vault, demo["send_url"])
        await open_login(pool, vault, customers[0].account_id, LOGIN, PASSWORD)
    random = Random(plan.seed)
    load = Load(*customers, rate=plan.rate, poor_share=plan.poor_share, random=Random(random.random()))
    rounds = _Rounds(platform, plan, load, random=random, database_url=demo["database_url"], say=say)
    protocol_rate = plan.rate * plan.protocol_share
    by_protocol = ProtocolLoad(
        platform.cmpp_port, customers[0].account_id, rate=protocol_rate, random=Random(random.random())
    )
    stop, leave = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(by_protocol.run(stop, leave))
        sending = tasks.create_task(load.run(stop))
        try:
            await rounds.run()
            stop.set()
            await sending
            await platform.wait_ready()
            say(f"load ended: {len(load.told)} numbers asked for; waiting for the rest to be settled")
            leftovers = await _drain(demo["database_url"])
        finally:
            stop.set()
            leave.set()
    credited = {customer.account_id: customer.credited for customer in customers}
    ledgers = await _read_at_rest(platform, load, by_protocol, credited)
    say("comparing the ledgers")
    return Outcome(
        plan=plan,
        kills=rounds.kills,
        ledgers=ledgers,
        violations=[*rounds.violations, *leftovers, *check(ledgers), *check_reports(by_protocol, ledgers)],
        skipped=load.skipped,
        audits=rounds.audits,
        seconds=time.monotonic() - started,
        by_protocol=by_protocol,
    )


class _Rounds:
    def __init__(
        self, platform: Platform, plan: Plan, load: Load, *, random: Random, database_url: str, say: Say
    ) -> None:
        self.kills: list[Kill] = []
        self.violations: list[Violation] = []
        self.audits = 0
        self._platform = platform
        self._plan = plan
        self._load = load
        self._random = random
        self._database_url = database_url
        self._say = say
        self._deck: list[tuple[str, ...]] = []

    async def run(self) -> None:
        """Kill and wait, round after round."""
        if not await _until(lambda: self._load.last_accepted_sent_us > 0, _FIRST_ACCEPT_SECONDS):
            raise PlatformBroken(f"nothing was accepted before the first kill\n{self._platform.log_end()}")
        for number in range(1, self._plan.rounds + 1):
            await asyncio.sleep(self._random.uniform(*self._plan.pause_seconds))
            kill = await self._strike()
            self.kills.append(kill)
            is_last = number == self._plan.rounds
            if is_last or self._random.random() >= _IMPATIENT_SHARE:
                await self._recover(kill)
            how = "not waited for" if kill.recovery_seconds is None else f"back in {kill.recovery_seconds:.1f} s"
            self._say(f"round {number}/{self._plan.rounds}: {' + '.join(kill.victims) or 'nobody left'}, {how}")

    async def _strike(self) -> Kill:
        if not self._deck:
            pairs = [tuple(self._random.sample(VICTIMS, 2)) for _ in range(2)]
            self._deck = [*((victim,) for victim in VICTIMS), *pairs]
            self._random.shuffle(self._deck)
        at_us = time.time_ns() // 1000
        hit: list[str] = []
        for victim in self._deck.pop():
            if hit and self._random.random() < 0.5:
                await asyncio.sleep(self._random.uniform(0, 0.4))
            if self._platform.kill(victim):
                hit.append(victim)
        return Kill(tuple(hit), at_us)

    async def _recover(self, kill: Kill) -> None:
        """Wait until a request gets through to a carrier again, and look at the money then."""
        await self._platform.wait_ready(RECOVERY_SECONDS)
        if not await _until(lambda: self._load.last_accepted_sent_us > kill.at_us, RECOVERY_SECONDS):
            raise PlatformBroken(f"nothing is accepted after {kill.victims}\n{self._platform.log_end()}")
        accepted_us = self._load.last_accepted_sent_us
        if not await _until(lambda: _last_submit_us(self._platform.journal) > accepted_us, RECOVERY_SECONDS):
            raise PlatformBroken(f"nothing is submitted after {kill.victims}\n{self._platform.log_end()}")
        kill.recovery_seconds = time.time() - kill.at_us / 1e6
        await self._audit()

    async def _audit(self) -> None:
        connection = await connect(self._database_url)
        try:
            rows = await connection.fetch(_QUERIES["money_differences"])
        finally:
            await connection.close()
        self.audits += 1
        self.violations += [Violation("money.balance", f"under load: {dict(row)}") for row in rows]


async def _drain(database_url: str) -> list[Violation]:
    """Wait until nothing is on its way but what must wait; what does not get there is a violation."""
    deadline = time.monotonic() + DRAIN_SECONDS
    connection = await connect(database_url)
    try:
        while rows := await connection.fetch(_QUERIES["unfinished"], NO_REPORT_ENDING):
            if time.monotonic() >= deadline:
                return [_left(row) for row in rows]
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    return []


def _left(row: asyncpg.Record) -> Violation:
    if row["state"] is None:
        return Violation("push.lost", f"{row['messages']} not pushed {DRAIN_SECONDS:.0f} s after the load")
    what = f"{row['messages']} messages still {State(row['state']).name} {DRAIN_SECONDS:.0f} s after the load"
    return Violation("live.forgotten", what)


async def _read_at_rest(platform: Platform, load: Load, by_protocol: ProtocolLoad, credited: dict[int, int]) -> Ledgers:
    """Read database and journal at a moment when nothing moves between them."""
    async with await open_pool(platform.demo()["database_url"], size_max=2) as pool:
        while True:
            size = platform.journal.stat().st_size
            await asyncio.sleep(QUIET_SECONDS)
            if platform.journal.stat().st_size != size:
                continue
            database = await read_database(pool, credited)
            journal = list(read_journal(platform.journal))
            if platform.journal.stat().st_size == size:
                told = [*load.told, *by_protocol.told_of(database.messages)]
                return Ledgers(told=told, journal=journal, database=database)


def _last_submit_us(journal: Path) -> int:
    with journal.open("rb") as file:
        file.seek(max(0, journal.stat().st_size - _TAIL_BYTES))
        lines = file.read().split(b"\n")[1:-1]
    for line in reversed(lines):
        if b'"received"' in line:
            return msgspec.json.decode(line, type=Received).at_us
    return 0


async def _until(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_POLL_SECONDS)
    return True
