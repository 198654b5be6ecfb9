"""Clients that send signed requests at an even pace and remember what they were told.

Each number is used once, so that it names its message everywhere. Some numbers have the simulator's magic
endings, some requests have several numbers, some cannot be accepted. A client never sends a request again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec

from benchmarks.end_to_end.client import Connection, SignedHead, Target

from .customers import Customer
from .ledgers import recipient_of
from .texts import BILLS, CODES, NOTICES, SALES, UNREGISTERED
from .told import Fate, Text, Told

CLIENTS: Final = 32
ANSWER_SECONDS: Final = 6.0
"""Longer than any answer of the platform's takes; then the client gives up."""
_CONNECT_PAUSE_SECONDS: Final = 0.05
_NO_NUMBER: Final = "12345"

ORDINARY: Final = ""
NO_REPORT_ENDING: Final = 9003
_ENDINGS: Final = {
    ORDINARY: 66.0,
    "9001": 5.0,  # undelivered
    "9002": 4.0,  # rejected
    "9003": 1.0,  # no report
    "9004": 12.0,  # report before response
    "9005": 8.0,  # double report
    "9006": 4.0,  # slow
    "9007": 0.1,  # busy: it stops its channel for a second
}
_TEXTS: Final[Sequence[tuple[float, Sequence[Text]]]] = (
    (50.0, CODES),
    (25.0, NOTICES),
    (12.0, SALES),
    (8.0, BILLS),
    (2.0, (UNREGISTERED,)),
)
_ORDINARY_BLOCK: Final = 9000
"""Numbers of a block that have no magic ending."""
_SEVERAL_SHARE: Final = 0.08
_PREFIXES: Final = ("138", "130", "133", "139", "9198", "189")
"""Of every carrier that the demonstration has, each with its own protocol."""


class Numbers:
    """Numbers of three carriers, none twice; two that begin at blocks far apart share none."""

    def __init__(self, random: Random, *, first_block: int = 0) -> None:
        self._random = random
        first = first_block * len(_PREFIXES)
        self._serials = Counter(dict.fromkeys(_ENDINGS, first) | {ORDINARY: first * _ORDINARY_BLOCK})

    def next(self) -> str:
        """Return a number, perhaps one with a magic ending."""
        ending = self._random.choices(list(_ENDINGS), list(_ENDINGS.values()))[0]
        serial = self._serials[ending]
        self._serials[ending] += 1
        prefix, serial = _PREFIXES[serial % len(_PREFIXES)], serial // len(_PREFIXES)
        if ending == ORDINARY:
            block, last = divmod(serial, _ORDINARY_BLOCK)
            return f"{prefix}{block:04d}{last:04d}"
        return f"{prefix}{serial:04d}{ending}"


class _Item(msgspec.Struct):
    mid: str
    result: int


class _Body(msgspec.Struct):
    status: str
    items: list[_Item] = msgspec.field(name="list", default_factory=list)


class _Request(msgspec.Struct):
    number: int
    customer: Customer
    text: Text
    mobiles: list[str]
    sent_at_us: int = 0


class _Wire(Connection):
    """A keep-alive connection that is asked one thing at a time."""

    def __init__(self) -> None:
        super().__init__(self._answered)
        self.is_lost = False
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Return the status and the body; status 0 when the connection broke."""
        self._answer = asyncio.get_running_loop().create_future()
        self.send(request)
        return await self._answer

    def connection_lost(self, error: Exception | None) -> None:
        """Take no more requests."""
        self.is_lost = True
        super().connection_lost(error)

    def _answered(self, _connection: Connection, status: int, body: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((status, body))


class Load:
    """All clients together."""

    def __init__(self, rich: Customer, poor: Customer, *, rate: float, poor_share: float, random: Random) -> None:
        self.told: list[Told] = []
        self.skipped = 0
        """Requests that were not sent because all clients were still waiting for answers."""
        self.last_accepted_sent_us = 0
        """When the latest request was sent that was accepted."""
        self._rich, self._poor = rich, poor
        self._rate = rate
        self._poor_share = poor_share
        self._random = random
        self._numbers = Numbers(random)
        self._heads: dict[tuple[int, str], SignedHead] = {}
        self._queue: asyncio.Queue[_Request] = asyncio.Queue(CLIENTS)
        self._count = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, and return when every client has its answer."""
        async with asyncio.TaskGroup() as tasks:
            clients = [tasks.create_task(self._serve()) for _ in range(CLIENTS)]
            started = time.monotonic()
            asked = 0
            while not stop.is_set():
                due = int((time.monotonic() - started) * self._rate)
                for _ in range(due - asked):
                    self._ask()
                asked = due
                await asyncio.sleep(0.01)
            await self._queue.join()
            for client in clients:
                client.cancel()

    def _ask(self) -> None:
        if self._queue.full():
            self.skipped += 1
            return
        self._count += 1
        several = self._random.random() < _SEVERAL_SHARE
        mobiles = [self._numbers.next() for _ in range(self._random.randint(2, 6) if several else 1)]
        if several and self._random.random() < 0.3:
            mobiles.insert(self._random.randrange(len(mobiles) + 1), _NO_NUMBER)
        customer = self._poor if self._random.random() < self._poor_share else self._rich
        texts = self._random.choices([texts for _, texts in _TEXTS], [weight for weight, _ in _TEXTS])[0]
        self._queue.put_nowait(_Request(self._count, customer, self._random.choice(texts), mobiles))

    async def _serve(self) -> None:
        wire: _Wire | None = None
        while True:
            request = await self._queue.get()
            try:
                wire = await self._send(request, wire)
            finally:
                self._queue.task_done()

    async def _send(self, request: _Request, wire: _Wire | None) -> _Wire | None:
        """Send one request, write down the answer, and return the connection if it can be used again."""
        request.sent_at_us = _now_us()
        if wire is None or wire.is_lost:
            wire = await _connect(request.customer)
            if wire is None:
                self._note(request, Fate.REFUSED, "no connection")
                await asyncio.sleep(_CONNECT_PAUSE_SECONDS)
                return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status, body = await wire.ask(self._head(request).request(",".join(request.mobiles)))
        except TimeoutError:
            wire.close()
            self._note(request, Fate.UNKNOWN, "no answer")
            return None
        self._note_answer(request, status, body)
        return wire

    def _note_answer(self, request: _Request, status: int, body: bytes) -> None:
        if status == 0 or status >= 500:
            self._note(request, Fate.UNKNOWN, str(status))
            return
        answer = msgspec.json.decode(body, type=_Body) if status == 200 else _Body("")
        code = f"{status}/{answer.status}"
        if answer.status != "0":
            self._note(request, Fate.REFUSED, code)
            return
        assert len(answer.items) == len(request.mobiles), "one entry for each number"
        self.last_accepted_sent_us = max(self.last_accepted_sent_us, request.sent_at_us)
        for mobile, item in zip(request.mobiles, answer.items, strict=True):
            if item.result == 0:
                self._note_number(request, mobile, Fate.ACCEPTED, code, int(item.mid, 16))
            else:
                self._note_number(request, mobile, Fate.REFUSED, f"{code}/{item.result}")

    def _note(self, request: _Request, fate: Fate, code: str) -> None:
        for mobile in request.mobiles:
            self._note_number(request, mobile, fate, code)

    def _note_number(self, request: _Request, mobile: str, fate: Fate, code: str, mid: int | None = None) -> None:
        recipient = 0 if mobile == _NO_NUMBER else recipient_of(mobile)
        account_id = request.customer.account_id
        self.told.append(
            Told(request.number, account_id, recipient, request.text, fate, mid, request.sent_at_us, _now_us(), code)
        )

    def _head(self, request: _Request) -> SignedHead:
        customer, text = request.customer, request.text
        head = self._heads.get((customer.account_id, text.content))
        if head is None:
            target = Target(
                customer.host, customer.port, customer.path, customer.secret_id, customer.secret_key, text.content
            )
            head = self._heads[customer.account_id, text.content] = SignedHead(target)
        return head


async def _connect(customer: Customer) -> _Wire | None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            _, wire = await asyncio.get_running_loop().create_connection(_Wire, customer.host, customer.port)
    except (OSError, TimeoutError):
        return None
    return wire


def _now_us() -> int:
    return time.time_ns() // 1000
