"""Sending on long texts that are whole: one message each, by the same intake as everything else."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from hongyan.carriers.downstream.protocol import Refusal, SubmitRefused
from hongyan.db.pool import is_unavailable
from hongyan.kit.failures import describe
from hongyan.pipeline.snapshot import Snapshot
from hongyan.pipeline.submission import IntakePort, Origin, Submission, SubmissionRefused, TryLater

from .assembly import Assembly, WholeText
from .metrics import TEXTS
from .refusals import refusal_for, refusal_of, stat_of
from .sources import extension_for

_log = structlog.get_logger()

SENDERS: Final = 16
"""Texts that are sent on at once: together they share the commits of intake."""
SWEEP_SECONDS: Final = 2.0
SWEEP_TEXTS: Final = 500


class TextSender:
    """Gives whole texts to intake, and gives up those that never become whole."""

    def __init__(self, assembly: Assembly, intake: IntakePort, snapshot: Callable[[], Snapshot]) -> None:
        self._assembly = assembly
        self._intake = intake
        self._snapshot = snapshot
        self._under_way: set[int] = set()

    async def run(self) -> None:
        """Send until cancelled; what lay there from an earlier process is found by the first sweep."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(SENDERS):
                tasks.create_task(self._send_all(), name=f"long texts {number}")
            tasks.create_task(self._sweep_all(), name="long text sweep")

    async def send(self, text_id: int) -> None:
        """Send one text on, or say in its parts' reports why not; one that cannot be taken now stays."""
        try:
            text = await self._assembly.read(text_id)
            if text is not None:
                await self._submit(text)
                TEXTS.labels("accepted").inc()
        except SubmitRefused as refused:
            await self._give_up(text_id, refused.refusal)

    async def sweep(self) -> None:
        """Find what is whole and lies there, and give up what is overdue."""
        for text_id in await self._assembly.look(SWEEP_TEXTS):
            if text_id not in self._under_way and not self._assembly.whole.full():
                self._assembly.whole.put_nowait(text_id)
        while await self._assembly.fail_overdue(SWEEP_TEXTS) == SWEEP_TEXTS:
            pass

    async def _submit(self, text: WholeText) -> None:
        snapshot = self._snapshot()
        login = snapshot.directory.login_of(text.login_id)
        account = snapshot.directory.account(login.account_id) if login is not None else None
        if login is None or account is None:
            raise SubmitRefused(Refusal.ACCOUNT_SUSPENDED)
        extension = extension_for(text.source, login, account, snapshot.routes.channels)
        if extension is None:
            raise SubmitRefused(Refusal.SOURCE_NOT_ALLOWED)
        submission = Submission(
            account_id=login.account_id,
            api_key_id=None,
            content=text.content,
            mobiles=[text.destination],
            extension=extension,
            valid_until=text.valid_until,
            origin=Origin(login_id=text.login_id, source=text.source, report=text.report, text_id=text.text_id),
        )
        try:
            receipt = await self._intake.submit(submission)
        except TryLater:
            TEXTS.labels("postponed").inc()
            return
        except SubmissionRefused as refused:
            raise SubmitRefused(refusal_of(refused)) from None
        refusal = refusal_for(receipt.entries[0].outcome)
        if refusal is not None:
            raise SubmitRefused(refusal)

    async def _give_up(self, text_id: int, refusal: Refusal) -> None:
        """Report a refusal about each part; where another process has sent the text meanwhile, there is nothing to."""
        if await self._assembly.fail([text_id], stat_of(refusal)):
            TEXTS.labels("refused").inc()
            _log.info("downstream.text_refused", text_id=text_id, reason=refusal.value)

    async def _send_all(self) -> None:
        while True:
            text_id = await self._assembly.whole.get()
            if text_id in self._under_way:
                continue
            self._under_way.add(text_id)
            try:
                await self.send(text_id)
            except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, the border of a text
                if not is_unavailable(error):
                    _log.error("downstream.text_failed", text_id=text_id, **describe(error))
            finally:
                self._under_way.discard(text_id)

    async def _sweep_all(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("downstream.sweep_postponed", error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)
