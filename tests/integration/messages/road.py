"""A channel, an account, and the pipeline's own statements to move messages along."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from hongyan.content.model import MessageKind
from hongyan.db.pool import Pool
from hongyan.db.queries import Queries
from hongyan.kit.clock import ManualClock
from hongyan.kit.ids import IdGenerator
from hongyan.messages.model import State
from hongyan.pipeline.courier import Courier
from hongyan.pipeline.doubt import judge_doubt
from hongyan.pipeline.reports import Refusal, Report, event_detail
from hongyan.pipeline.settle import Answer, Doubt, Settler
from hongyan.pipeline.store import IntakeStore, MessageRow, UnregisteredBatch
from hongyan.pipeline.validity import VALIDITY

_PIPELINE = Queries.of("hongyan.pipeline")
_OWNER = "gateway-test"
_FENCE = 1
PRICE = 45


class Road:
    """Messages of one account over one channel; time stands still unless a test moves it."""

    def __init__(self, pool: Pool, account_id: int, *, api_key_id: int, channel_id: int, route_id: int) -> None:
        self.clock = ManualClock()
        self.settler = Settler(pool, self.clock)
        self.store = IntakeStore(pool, self.clock)
        self.account_id = account_id
        self._pool = pool
        self._api_key_id = api_key_id
        self._channel_id = channel_id
        self._route_id = route_id
        self._ids = IdGenerator(self.clock, 7)

    @property
    def now(self) -> datetime:
        """The road's own time."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

    async def accept(self, recipient: int = 8613800138000, **differences: Any) -> int:
        """Commit one message and return its id."""
        mid = self._ids.next()
        kind = differences.get("kind", MessageKind.VERIFICATION)
        row = MessageRow(
            mid=mid,
            batch_id=mid,
            account_id=self.account_id,
            api_key_id=self._api_key_id,
            recipient=recipient,
            carrier=1,
            kind=kind,
            signature_id=None,
            template_id=None,
            segments=1,
            charge=PRICE * differences.get("segments", 1),
            channel_id=self._channel_id,
            route_id=self._route_id,
            expires_at=self.now + VALIDITY[kind],
            content="【鸿雁】您的验证码为482913，5分钟内有效",
        )
        await self.store.accept([row._replace(**differences)])
        return mid

    async def keep_unregistered(self) -> int:
        """Commit a message whose report is decided at once."""
        mid = self._ids.next()
        batch = UnregisteredBatch(
            self.account_id, self._api_key_id, [(mid, 8613800138000, 1)], 1, self.now, "MA:0024", "【鸿雁】你好"
        )
        await self.store.keep_unregistered(batch)
        return mid

    async def claim(self, seconds: float = 0.004) -> list[int]:
        """Mark everything that waits as sending, so long after the last thing that happened."""
        self.clock.advance(seconds)
        wanted = ([self._channel_id], [_FENCE], [100], _OWNER, self.now)
        return [row["mid"] for row in await self._pool.fetch(_PIPELINE["claim_ready"], *wanted)]

    async def answer(self, mid: int, part: int = 1, *, of: int = 1, **differences: Any) -> None:
        """Have the carrier answer a segment, 6 ms after it was sent."""
        sent_at = self.now
        self.clock.advance(0.006)
        answer = Answer(mid, 1, part, self._channel_id, 2, 70 + part, 0, f"id-{mid}-{part}", sent_at, self.now)
        answer = answer._replace(**differences)
        taken = answer.result == 0
        simple = of == 1 and answer.attempt == 1
        self.settler.answered(answer, submitted=taken and part == of, simple=simple)
        if not taken:
            self.settler.refused(Refusal(mid, answer.attempt, State.REJECTED, f"MT:{answer.result:04d}", self.now))
        await self.settler.flushed()

    async def report(self, mid: int, part: int = 1, *, stat: str = "DELIVRD", recipient: int | None = None) -> None:
        """Have the carrier report on a segment, 250 ms after the last thing that happened."""
        self.clock.advance(0.250)
        self.settler.reported(Report(self._channel_id, f"id-{mid}-{part}", recipient, stat, self.now), lambda: None)
        await self.settler.flushed()

    async def lose(self, mid: int, kind: MessageKind = MessageKind.VERIFICATION) -> None:
        """Cut the link under a first attempt."""
        self.clock.advance(1.0)
        verdict = judge_doubt(kind, attempt=1, now=self.now, expires_at=self.now + timedelta(minutes=4))
        detail = event_detail(
            reason="the peer closed", channel="cmcc-1", link=2, attempt=1, resend="now" if verdict.resend_now else None
        )
        self.settler.doubted(Doubt(mid, 1, verdict, 2, detail))
        await self.settler.flushed()

    async def note(self, mid: int, event: str, detail: str) -> None:
        """Write a line into the timeline."""
        self.settler.noted(mid, self.now, event, detail)
        await self.settler.flushed()

    async def sweep(self, after: timedelta) -> None:
        """Let time pass and the courier look at what is due."""
        self.clock.advance(after.total_seconds())
        await Courier(self._pool, self.clock).sweep()


@asynccontextmanager
async def open_road(pool: Pool) -> AsyncIterator[Road]:
    """Make what messages need, and run what writes them."""
    made = await _make_parts(pool)
    road = Road(pool, made[0], api_key_id=made[1], channel_id=made[2], route_id=made[3])
    await pool.execute(_PIPELINE["ensure_partitions"], (road.now + timedelta(hours=8)).date(), 2)
    await pool.execute(_PIPELINE["acquire_leases"], _OWNER, 1, timedelta(hours=1), 1)
    async with asyncio.TaskGroup() as tasks:
        workers = [tasks.create_task(road.settler.run()), tasks.create_task(road.store.run())]
        yield road
        for worker in workers:
            worker.cancel()


async def _make_parts(pool: Pool) -> Sequence[int]:
    account_id = await pool.fetchval(
        "INSERT INTO accounts (name, price_per_segment) VALUES ('demo', $1) RETURNING account_id", PRICE
    )
    await pool.execute("INSERT INTO balances (account_id, available) VALUES ($1, 100000)", account_id)
    await pool.execute("INSERT INTO settlements (account_id) VALUES ($1)", account_id)
    api_key_id = await pool.fetchval(
        "INSERT INTO api_keys (account_id, secret_id, secret_sealed, label)"
        " VALUES ($1, 'AKIDexample', '', 'shop') RETURNING api_key_id",
        account_id,
    )
    channel_id = await pool.fetchval(
        "INSERT INTO channels (name, protocol, host, port, login, password_sealed, src_id)"
        " VALUES ('cmcc-1', 'cmpp30', '127.0.0.1', 7890, '900001', '', '10690000') RETURNING channel_id"
    )
    route_id = await pool.fetchval(
        "INSERT INTO routes (carrier, channel_id, priority, weight) VALUES (1, $1, 1, 10) RETURNING route_id",
        channel_id,
    )
    return account_id, api_key_id, channel_id, route_id
