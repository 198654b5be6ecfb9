"""`POST /release/qxt_yzm_sms`: one signed request, a text to up to 200 numbers.

A plain ASGI endpoint, because this is the hot path. What is wrong with the signature gets a 4xx and one sentence from
the gateway's table; what is wrong with the business gets HTTP 200 and a STATUS, since several of the clients in use
never look into an answer that is not 2xx. Only "not now" is a 429 or 503, with Retry-After.
"""

import secrets
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import count
from typing import Final, Protocol

import msgspec
import structlog

from hongyan.http.addresses import Network, client_address
from hongyan.http.asgi import JSON, ClientGone, Headers, Receive, Scope, Send, answer, read_body
from hongyan.kit.clock import Clock
from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.failures import describe
from hongyan.kit.ids import format_id
from hongyan.pipeline.submission import (
    IntakePort,
    Receipt,
    StoreUnavailable,
    Submission,
    SubmissionRefused,
    TryLater,
)

from .authorization import Authorized, KeyLookup, Rules, authorize
from .codes import INTERNAL_ERROR, RESULTS, RequestRefused, Status, http_status, remedy
from .gateway import Fault, GatewayRefusal, refuse
from .metrics import ACCEPT_SECONDS, requests
from .parameters import read_parameters
from .rates import RateLimits, RateMeter

API_ID: Final = (b"X-Api-ID", b"api-qxtyzsms")
_QUOTA: Final = (b"X-UsagePlan-Quota", b"unlimited")
_RETRY_NEXT_SECOND: Final = (b"Retry-After", b"1")
_OK: Final = Status.OK.value
_NO_NAMES: Final[frozenset[bytes]] = frozenset()
_encode: Final = msgspec.json.Encoder().encode
_log = structlog.get_logger(__name__)


class BalanceLookup(Protocol):
    """Tells what an account has left, for refusals that this surface makes itself."""

    async def balance(self, account_id: int) -> int:
        """Return the balance in 厘; one of our errors if it cannot be told now."""
        ...


class MarketSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may decide about the market API."""

    rules: Rules = Rules()
    rates: RateLimits = RateLimits()
    trusted_proxies: tuple[Network, ...] = ()
    """Reverse proxies whose X-Forwarded-For is believed."""


class Item(msgspec.Struct, frozen=True):
    """The answer for one number."""

    mid: str
    mobile: str
    result: int


class Success(msgspec.Struct, frozen=True):
    """The answer to an accepted request."""

    status: str
    balance: int
    items: list[Item] = msgspec.field(name="list")


class Failure(msgspec.Struct, frozen=True):
    """The answer to a refused request."""

    status: str
    balance: int | msgspec.UnsetType
    message: str


class Reply(msgspec.Struct, frozen=True):
    """A response, and how it is counted."""

    outcome: str
    code: str
    http_status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class RequestIds:
    """32 hex digits each: random for the process, then counting."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(8).encode()
        self._numbers = count(1)

    def next(self) -> tuple[bytes, bytes]:
        """Return the header of the next request."""
        return (b"X-Api-RequestId", b"%b%016x" % (self._prefix, next(self._numbers)))


class SendEndpoint:
    """The send endpoint."""

    def __init__(
        self,
        *,
        keys: KeyLookup,
        intake: IntakePort,
        clock: Clock,
        settings: MarketSettings,
        balances: BalanceLookup | None = None,
    ) -> None:
        self._keys = keys
        self._intake = intake
        self._clock = clock
        self._settings = settings
        self._balances = balances
        self._ids = RequestIds()
        self._meter = RateMeter(settings.rates)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; any method but POST gets 405."""
        started_at = self._clock.monotonic()
        if scope["method"] != "POST":
            await self.refuse(refuse(Fault.METHOD_NOT_ALLOWED), send, (b"Allow", b"POST"))
            return
        headers: Headers = scope["headers"]
        fields = dict(headers)
        repeated = _NO_NAMES if len(fields) == len(headers) else _repeated(headers)
        verdict = authorize(fields, repeated, keys=self._keys, now=self._clock.now(), rules=self._settings.rules)
        if isinstance(verdict, GatewayRefusal):
            await self.refuse(verdict, send)
            return
        left = self._meter.take(int(started_at), verdict.key.api_key_id)
        if -1 in left:
            await self.refuse(refuse(Fault.RATE_EXCEEDED), send, _RETRY_NEXT_SECOND)
            return
        try:
            form = await read_body(receive) if _has_body(fields) else b""
        except ClientGone:
            return
        reply = await self._reply(scope, form, fields=fields, authorized=verdict)
        if reply.outcome == "accepted":
            ACCEPT_SECONDS.observe(self._clock.monotonic() - started_at)
        requests(reply.outcome, reply.code).inc()
        await answer(send, reply.http_status, reply.body, [*self._headers(left), *reply.headers])

    async def refuse(self, refusal: GatewayRefusal, send: Send, *headers: tuple[bytes, bytes]) -> None:
        """Send an answer of the gateway's own."""
        requests("gateway", refusal.fault.name.lower()).inc()
        limit = self._settings.rates.service_per_second
        rate = (b"X-Service-RateLimit", b"%d/%d" % (self._meter.left(int(self._clock.monotonic())), limit))
        await answer(send, refusal.status, refusal.body, [JSON, self._ids.next(), API_ID, rate, *headers])

    def _headers(self, left: tuple[int, int]) -> Headers:
        rates = self._settings.rates
        return [
            JSON,
            self._ids.next(),
            API_ID,
            (b"X-Service-RateLimit", b"%d/%d" % (left[0], rates.service_per_second)),
            (b"X-UsagePlan-RateLimit", b"%d/%d" % (left[1], rates.key_per_second)),
            _QUOTA,
        ]

    async def _reply(
        self, scope: Scope, form: bytes, *, fields: Mapping[bytes, bytes], authorized: Authorized
    ) -> Reply:
        """Submit what was asked; whatever happens, the client is told and the log gets no text of it."""
        try:
            return await self._submit(scope, form, fields=fields, authorized=authorized)
        except TryLater as error:
            return _not_now(error)
        except Error as error:
            return _not_now(StoreUnavailable()) if error.kind is ErrorKind.UNAVAILABLE else _failed(error)
        except Exception as error:  # noqa: BLE001  # tidy: allow-broad-except, the border of a request
            return _failed(error)

    async def _submit(
        self, scope: Scope, form: bytes, *, fields: Mapping[bytes, bytes], authorized: Authorized
    ) -> Reply:
        try:
            submission = self._read(scope, form, fields=fields, authorized=authorized)
            return _accepted(await self._intake.submit(submission))
        except TryLater:
            raise
        except RequestRefused as error:
            return _refused(error.status, error.message, await self._balance(authorized))
        except SubmissionRefused as error:
            status, message = remedy(error)
            balance = await self._balance(authorized) if error.balance is None else error.balance
            return _refused(status, message, balance)

    def _read(self, scope: Scope, form: bytes, *, fields: Mapping[bytes, bytes], authorized: Authorized) -> Submission:
        key = authorized.key
        address = client_address(scope["client"], fields, self._settings.trusted_proxies)
        parameters = read_parameters(
            scope["query_string"], form, fields.get(b"content-type", b""), authorized=authorized
        )
        return Submission(
            account_id=key.account_id,
            api_key_id=key.api_key_id,
            content=parameters.content,
            mobiles=parameters.mobiles,
            address=address,
        )

    async def _balance(self, authorized: Authorized) -> int | None:
        if self._balances is None:
            return None
        try:
            return await self._balances.balance(authorized.key.account_id)
        except Error:
            return None


def _has_body(fields: Mapping[bytes, bytes]) -> bool:
    return fields.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in fields


def _repeated(headers: Sequence[tuple[bytes, bytes]]) -> Container[bytes]:
    return frozenset(name for name, times in Counter(name for name, _ in headers).items() if times > 1)


def _accepted(receipt: Receipt) -> Reply:
    items = [Item(format_id(entry.mid or 0), entry.mobile, RESULTS[entry.outcome]) for entry in receipt.entries]
    return Reply("accepted", _OK, 200, _encode(Success(_OK, receipt.balance, items)))


def _refused(status: Status, message: str, balance: int | None) -> Reply:
    body = _encode(Failure(status.value, msgspec.UNSET if balance is None else balance, message))
    return Reply("refused", status.value, 200, body)


def _not_now(error: TryLater) -> Reply:
    status, message = remedy(error)
    body = _encode(Failure(status.value, msgspec.UNSET if error.balance is None else error.balance, message))
    retry_after = (b"Retry-After", b"%d" % error.retry_after_seconds)
    return Reply("unavailable", status.value, http_status(error), body, (retry_after,))


def _failed(error: Exception) -> Reply:
    _log.error("request.failed", surface="market", **describe(error))
    body = _encode(Failure(Status.UNAVAILABLE.value, msgspec.UNSET, INTERNAL_ERROR))
    return Reply("failed", Status.UNAVAILABLE.value, 500, body)
