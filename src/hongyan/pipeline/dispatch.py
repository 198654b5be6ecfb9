"""Dispatch: claims messages for the channels that this process owns and hands them to their runners.

One loop claims for all channels at once. It runs when there may be something to claim and some channel
has room: after a NOTIFY, after answers freed the window, after a pause of the pacer, and once a second
in case a NOTIFY was lost. Marking a message `sending` is committed before its first byte is written.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog

from hongyan.content.model import MessageKind
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock

from .channel import ChannelRunner
from .doubt import judge_doubt
from .lease import LeaseHolder
from .metrics import CLAIM_SECONDS, CLAIMED
from .reports import event_detail
from .settle import Doubt, Settler

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

POLL_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 0.2
RECHECK_SECONDS: Final = 60.0
"""How long after a lost outcome the database is asked once more: a server that froze may carry the statement out late."""
STATEMENT_SECONDS: Final = 2.0
"""How long a statement may take before its outcome counts as unknown; what is claimed goes on being sent then."""
GATHER_SECONDS: Final = 0.004
"""The pause after a claim that brought more than a handful: credit gathers meanwhile, so claims stay large."""
GATHER_AFTER: Final = 8
CLAIM_MAX: Final = 500


class Dispatcher:
    """Claims for the channels of one gateway process."""

    def __init__(self, pool: Pool, leases: LeaseHolder, settler: Settler, clock: Clock) -> None:
        self.runners: dict[int, ChannelRunner] = {}
        self._pool = pool
        self._leases = leases
        self._settler = settler
        self._clock = clock
        self._woken = asyncio.Event()
        self._arrivals = 0
        self._polled_at = clock.monotonic()
        self._stopping = False
        self._idle = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._is_uncertain = False
        """A statement's outcome was lost: the database may have claimed what no runner has."""
        self._reconcile_at = float("-inf")
        self._recheck_at = float("inf")
        self._leaving: set[ChannelRunner] = set()
        """Runners whose links are being closed: nothing more is claimed for them."""
        # channel_id → the arrivals count at the claim that left nothing behind.
        self._emptied_at: dict[int, int] = {}

    def wake(self) -> None:
        """Something changed that may allow a claim or a submit."""
        self._woken.set()
        if self._stopping and self._is_idle():
            self._idle.set()

    def arrived(self, _payload: str = "") -> None:
        """New messages may be waiting."""
        self._arrivals += 1
        self._woken.set()

    def stop_claiming(self) -> None:
        """Claim nothing more; what was claimed goes out."""
        self._stopping = True

    async def run(self) -> None:
        """Claim and send until cancelled."""
        pause = POLL_SECONDS
        while True:
            await self._wait(pause)
            claimed = 0
            if self._is_uncertain or self._clock.monotonic() >= self._recheck_at:
                await self._reconcile()
            else:
                claimed = await self._claim()
            pause = self._pump()
            if self._is_uncertain:
                pause = min(pause, RETRY_SECONDS)
            if claimed > GATHER_AFTER:
                await asyncio.sleep(GATHER_SECONDS)

    async def retire(self, channel_id: int) -> ChannelRunner:
        """Take a channel's runner out: nothing more is claimed for it, and what it has not sent goes back.

        It is remembered until `forget`, as long as its links may still be answered.
        """
        async with self._claiming:
            runner = self.runners.pop(channel_id)
            self._leaving.add(runner)
        await self.put_back([runner])
        return runner

    def forget(self, runner: ChannelRunner) -> None:
        """A retired runner has nothing left."""
        self._leaving.discard(runner)

    async def recover(self, channel_id: int, fence: int) -> None:
        """Doubt what an earlier owner of the channel left marked sending."""
        rows = await self._pool.fetch(_QUERIES["abandoned_claims"], channel_id, fence)
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        for row in rows:
            kind = MessageKind(row["priority"])
            verdict = judge_doubt(kind, attempt=row["attempt"], now=now, expires_at=row["expires_at"])
            detail = event_detail(
                reason="the dispatcher was lost",
                attempt=row["attempt"],
                resend="now" if verdict.resend_now else None,
            )
            self._settler.doubted(Doubt(row["mid"], row["attempt"], verdict, None, detail))
        if rows:
            _log.warning("dispatch.claims_in_doubt", channel=channel_id, messages=len(rows))
        self.arrived()

    async def put_back(self, runners: Iterable[ChannelRunner]) -> None:
        """Give back what was claimed for these channels and never written."""
        mids = sorted(mid for runner in runners for mid in runner.unsent())
        if not mids:
            return
        try:
            await self._unclaim(mids)
        except BaseException:
            self._is_uncertain = True
            raise

    async def emptied(self) -> None:
        """Return when nothing is on the wire."""
        while not self._is_idle():
            self._idle.clear()
            await self._idle.wait()

    async def _claim(self) -> int:
        async with self._claiming:
            wanted = self._wanted()
            if not wanted:
                return 0
            arrivals = self._arrivals
            try:
                rows = await self._fetch_claims(wanted)
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not (is_unavailable(error) or isinstance(error, asyncpg.TransactionRollbackError)):
                    raise
                _log.warning("dispatch.claim_failed", error=type(error).__name__)
                self._is_uncertain = True
                return 0
            self._launch(wanted, rows, arrivals)
        return len(rows)

    async def _fetch_claims(self, wanted: Sequence[tuple[int, int, int]]) -> list[asyncpg.Record]:
        with CLAIM_SECONDS.time():
            return await self._pool.fetch(
                _QUERIES["claim_ready"],
                [channel_id for channel_id, _, _ in wanted],
                [fence for _, fence, _ in wanted],
                [room for _, _, room in wanted],
                self._leases.owner,
                datetime.fromtimestamp(self._clock.now(), UTC),
                timeout=STATEMENT_SECONDS,
            )

    def _launch(self, wanted: Sequence[tuple[int, int, int]], rows: Sequence[asyncpg.Record], arrivals: int) -> None:
        by_channel: defaultdict[int, list[asyncpg.Record]] = defaultdict(list)
        for row in rows:
            by_channel[row["channel_id"]].append(row)
        for channel_id, _, room in wanted:
            claimed = by_channel[channel_id]
            if len(claimed) < room:
                self._emptied_at[channel_id] = arrivals
            if claimed:
                self.runners[channel_id].launch(claimed)
        CLAIMED.inc(len(rows))

    def _wanted(self) -> list[tuple[int, int, int]]:
        """Return (channel, fence, room) of the channels that can take more and may have some."""
        if self._stopping or not self._leases.is_valid:
            return []
        fences = self._leases.fences
        return [
            (channel_id, fences[channel_id], min(room, CLAIM_MAX))
            for channel_id, runner in self.runners.items()
            if fences.get(channel_id) == runner.fence
            and self._emptied_at.get(channel_id) != self._arrivals
            and (room := runner.room()) > 0
        ]

    def _is_idle(self) -> bool:
        return all(runner.is_idle for runner in self.runners.values())

    def _pump(self) -> float:
        """Let the runners send; return how long to wait for the next turn."""
        times = [at for runner in self.runners.values() if (at := runner.pump()) is not None]
        if not times:
            return POLL_SECONDS
        return min(POLL_SECONDS, max(0.001, min(times) - self._clock.monotonic()))

    async def _wait(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()
        now = self._clock.monotonic()
        if now - self._polled_at >= POLL_SECONDS:
            self._polled_at = now
            self._arrivals += 1

    async def _reconcile(self) -> None:
        """After a statement whose outcome was lost: put back what the database has claimed and we never got."""
        now = self._clock.monotonic()
        if now < self._reconcile_at:
            return
        self._reconcile_at = now + RETRY_SECONDS
        is_recheck = now >= self._recheck_at and not self._is_uncertain
        try:
            await self._put_back_unknown()
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if not (is_unavailable(error) or isinstance(error, asyncpg.TransactionRollbackError)):
                raise
            _log.warning("dispatch.still_uncertain", error=type(error).__name__)
        else:
            self._recheck_at = float("inf") if is_recheck else now + RECHECK_SECONDS
            self._is_uncertain = False
            self.arrived()

    async def _put_back_unknown(self) -> None:
        # Nothing is claimed meanwhile. What is marked sending under our fences is in a runner, or its fate is known and
        # not yet written, or it was never handed to a runner. What ends during the query is still in `known`.
        known = {mid for runner in (*self.runners.values(), *self._leaving) for mid in runner.flights}
        known |= self._settler.unwritten()
        fences = self._leases.fences
        rows = await self._pool.fetch(
            _QUERIES["claimed_under"], list(fences), list(fences.values()), timeout=STATEMENT_SECONDS
        )
        lost = sorted(row["mid"] for row in rows if row["mid"] not in known)
        if lost:
            await self._unclaim(lost)
            _log.info("dispatch.claims_put_back", messages=len(lost))

    async def _unclaim(self, mids: Sequence[int]) -> None:
        fences = self._leases.fences
        await self._pool.execute(
            _QUERIES["unclaim"], mids, list(fences), list(fences.values()), timeout=STATEMENT_SECONDS
        )
