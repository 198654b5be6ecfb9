"""The gateway: owns channels, keeps their links up, sends, and writes what carriers say.

    snapshot ──▶ channels ──▶ leases ──▶ runners ──▶ links
                                │           ▲ │
                      dispatcher (claims) ──┘ └──▶ settler, replies (write)

Everything runs in one task group on one event loop. Stopping goes the way of the messages: no more
claims, windows empty, what was said is written, links unbind, leases are given up.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from hongyan.carriers import PROTOCOLS
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import Pool, is_unavailable
from hongyan.kit.clock import Clock
from hongyan.link.listener import ListenerConfig
from hongyan.replies.rules import ANSWERS_WITHIN
from hongyan.routing.model import Channel
from hongyan.routing.table import RouteTable

from .channel import ChannelRunner
from .dispatch import Dispatcher
from .lease import RENEW_SECONDS, LeaseHolder
from .links import limits_of, make_links, needs_new_links
from .replies import ReplyWriter
from .reverse import ReverseListener
from .settle import Settler

_log = structlog.get_logger()

READY_CHANNEL: Final = "hongyan_ready"
DRAIN_SECONDS: Final = 8.0
"""How long windows may take to empty at a stop; what is unanswered then is in doubt."""
LINK_STOP_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 0.5


class Gateway:
    """One gateway process."""

    def __init__(
        self,
        pool: Pool,
        bus: NotifyBus,
        leases: LeaseHolder,
        *,
        routes: Callable[[], RouteTable],
        clock: Clock,
        drain_seconds: float = DRAIN_SECONDS,
        reply_window: timedelta = ANSWERS_WITHIN,
        sgip_listen: ListenerConfig | None = None,
    ) -> None:
        """`sgip_listen`: where carriers' own connections come in; None: nowhere."""
        self._pool = pool
        self._leases = leases
        self._routes = routes
        self._clock = clock
        self._drain_seconds = drain_seconds
        self._settler = Settler(pool, clock)
        self._replies = ReplyWriter(pool, clock, answers_within=reply_window)
        self._reverse: ReverseListener | None = None
        if sgip_listen is not None:
            self._reverse = ReverseListener(
                sgip_listen, routes=routes, settler=self._settler, replies=self._replies, clock=clock
            )
        self._dispatcher = Dispatcher(pool, leases, self._settler, clock)
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._retiring: set[int] = set()
        """Channels whose links are being closed; they start anew, if they are to, after that."""
        leases.on_loss(self._changed.set)
        bus.subscribe(READY_CHANNEL, self._dispatcher.arrived)
        bus.on_reconnect(self._dispatcher.arrived)

    def routes_changed(self) -> None:
        """Channels may have been added, changed or stopped."""
        self._changed.set()
        if self._reverse is not None:
            self._reverse.routes_changed()

    def status(self) -> dict[str, object]:
        """Return what the heartbeat tells: links bound and messages on the wire, channel by channel."""
        return {"channels": {runner.channel.name: runner.status() for runner in self._dispatcher.runners.values()}}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain and return."""
        async with asyncio.TaskGroup() as tasks:
            settling = tasks.create_task(self._settler.run(), name="settle")
            replying = tasks.create_task(self._replies.run(), name="replies")
            dispatching = tasks.create_task(self._dispatcher.run(), name="dispatch")
            holding = tasks.create_task(self._hold_channels(tasks), name="channels")
            listening = tasks.create_task(self._reverse.run(), name="reverse") if self._reverse else None
            await stop.wait()
            await self._drain()
            if listening is not None:
                listening.cancel()
                await asyncio.wait([listening])  # what it has brought is written below
            holding.cancel()
            await asyncio.wait([holding])  # it renews by the session that now releases
            await self._release()
            dispatching.cancel()
            replying.cancel()
            settling.cancel()

    async def _hold_channels(self, tasks: asyncio.TaskGroup) -> None:
        """Renew leases, and start and stop runners to match them and the channels' settings."""
        while True:
            self._changed.clear()
            pause = RENEW_SECONDS
            try:
                await self._leases.renew()
                await self._match_runners(tasks)
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("lease.renewal_failed", error=type(error).__name__)
                pause = RETRY_SECONDS
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _match_runners(self, tasks: asyncio.TaskGroup) -> None:
        if self._stopping.is_set():
            return
        table, fences = self._routes(), self._leases.fences
        for channel_id, runner in self._dispatcher.runners.items():
            channel = table.channel(channel_id)
            if channel_id in self._retiring:
                continue
            if channel is None or fences.get(channel_id) != runner.fence or needs_new_links(runner.channel, channel):
                self._retiring.add(channel_id)
                tasks.create_task(self._retire(runner), name=f"retire {runner.channel.name}")
            elif channel is not runner.channel:
                runner.adopt(channel)
                for link in (*runner.links, *runner.receivers):
                    link.adopt_limits(limits_of(channel))
                self._dispatcher.wake()
        for channel_id, fence in fences.items():
            channel = table.channel(channel_id)
            is_new = channel_id not in self._dispatcher.runners and channel_id not in self._retiring
            if is_new and channel is not None and _can_run(channel):
                await self._dispatcher.recover(channel_id, fence)
                if self._stopping.is_set():
                    return
                runner = self._dispatcher.runners[channel_id] = self._start_runner(channel, tasks)
                runner.fence = fence

    async def _retire(self, runner: ChannelRunner) -> None:
        """Close a channel's links; what was claimed and not written goes back to the queue."""
        channel_id = runner.channel.channel_id
        try:
            await self._dispatcher.retire(channel_id)
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if not is_unavailable(error):
                raise
            _log.warning("channel.retired_without_database", channel=runner.channel.name)
        await self._stop_links([runner])
        runner.give_up("the channel was closed")
        self._dispatcher.forget(runner)
        self._retiring.discard(channel_id)
        self._changed.set()

    def _start_runner(self, channel: Channel, tasks: asyncio.TaskGroup) -> ChannelRunner:
        runner = ChannelRunner(channel, self._settler, self._clock, replies=self._replies, wake=self._dispatcher.wake)
        runner.may_send = lambda: self._leases.holds(channel.channel_id, runner.fence)
        runner.links, runner.receivers = make_links(channel, runner, self._clock)
        for link in (*runner.links, *runner.receivers):
            tasks.create_task(link.run(), name=f"link {channel.name} {link.index}")
        return runner

    async def _stop_links(self, runners: list[ChannelRunner]) -> None:
        async with asyncio.TaskGroup() as stops:
            for runner in runners:
                for link in (*runner.links, *runner.receivers):
                    stops.create_task(link.stop(LINK_STOP_SECONDS))

    async def _drain(self) -> None:
        self._stopping.set()
        self._dispatcher.stop_claiming()
        runners = list(self._dispatcher.runners.values())
        try:
            async with asyncio.timeout(self._drain_seconds):
                await self._dispatcher.put_back(runners)
                await self._dispatcher.emptied()
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if not is_unavailable(error):
                raise
            in_flight = sum(len(runner.flights) for runner in runners)
            _log.warning("gateway.drain_incomplete", error=type(error).__name__, in_flight=in_flight)
        await self._stop_links(runners)

    async def _release(self) -> None:
        """Write what is left and give the leases up."""
        runners = list(self._dispatcher.runners.values())
        try:
            async with asyncio.timeout(LINK_STOP_SECONDS):
                await self._dispatcher.put_back(runners)
                for runner in runners:
                    runner.give_up("the gateway stopped")
                await self._settler.flushed()
                await self._replies.flushed()
                await self._leases.release()
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if not is_unavailable(error):
                raise
            _log.warning("gateway.release_failed", error=type(error).__name__)


def _can_run(channel: Channel) -> bool:
    if channel.protocol not in PROTOCOLS:
        _log.error("channel.protocol_unknown", channel=channel.name, protocol=channel.protocol)
        return False
    return channel.is_active
