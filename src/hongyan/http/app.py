"""The HTTP application: each path to its surface.

/release/…, and the market's paths with a wrong environment   the market API, a plain ASGI endpoint
/ for browsers                                               a page that says what this is
everything else                                              Litestar: health, readiness, metrics
"""

from typing import Any, cast

import msgspec
import structlog
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from hongyan.kit.clock import Clock, SystemClock
from hongyan.kit.errors import Error
from hongyan.kit.failures import describe
from hongyan.pipeline.submission import IntakePort

from . import front
from .addresses import LOOPBACK, Network
from .asgi import App, Receive, Scope, Send, answer
from .market.authorization import KeyLookup
from .market.gateway import Fault, text_of
from .market.send import BalanceLookup, MarketSettings, SendEndpoint
from .market.surface import MarketSurface
from .ops.endpoints import ops_endpoints
from .ops.readiness import Database
from .problems import MEDIA_TYPE, Problem, headers_of, problem, problem_of

_log = structlog.get_logger(__name__)


class HttpServices(msgspec.Struct, frozen=True, kw_only=True):
    """What the surfaces stand on."""

    keys: KeyLookup
    """Asked at each request, so it must follow changes: a holder of the current directory."""
    intake: IntakePort
    clock: Clock = msgspec.field(default_factory=SystemClock)
    balances: BalanceLookup | None = None
    database: Database | None = None
    """An asyncpg pool, for `/readyz`."""
    market: MarketSettings = MarketSettings()
    metrics_allow: tuple[Network, ...] = LOOPBACK
    """Networks that may read `/metrics`."""


def build_app(services: HttpServices) -> App:
    """Put the surfaces together."""
    endpoint = SendEndpoint(
        keys=services.keys,
        intake=services.intake,
        clock=services.clock,
        settings=services.market,
        balances=services.balances,
    )
    market = MarketSurface(endpoint)
    rest = cast("App", _build_rest(services))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await rest(scope, receive, send)
        elif scope["path"] == "/" and front.is_wanted(scope["method"], dict(scope["headers"]).get(b"accept", b"")):
            await answer(send, 200, front.PAGE, front.HEADERS)
        elif not await market(scope, receive, send):
            await rest(scope, receive, send)

    return app


def _build_rest(services: HttpServices) -> ASGIApp:
    endpoints = ops_endpoints(database=services.database, clock=services.clock, metrics_allow=services.metrics_allow)
    return Litestar(
        route_handlers=endpoints,
        exception_handlers={HTTPException: _on_http_exception, Error: _on_error, Exception: _on_failure},
        openapi_config=None,
        debug=False,
        pdb_on_exception=False,
        logging_config=None,
    )


def _on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Say in our own shape what the framework found wrong with a request."""
    path = request.scope["path"]
    match error.status_code:
        case 404:
            told = problem(404, "path.unknown", f"Nothing is at {path}.", message=text_of(Fault.PATH_UNKNOWN, path))
        case 405:
            detail = f"{request.method} is not possible at {path}."
            told = problem(405, "method.not_allowed", detail, message=text_of(Fault.METHOD_NOT_ALLOWED))
        case status:
            told = problem(status, "request.invalid", error.detail)
    return _respond(told, dict(error.headers or {}))


def _on_error(_: Request[Any, Any, Any], error: Error) -> Response[bytes]:
    return _respond(problem_of(error))


def _on_failure(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("request.failed", path=request.scope["path"], **describe(error))
    return _respond(problem(500, "internal", "Something failed here; the log of this process says what."))


def _respond(told: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        told.encode(),
        status_code=told.status,
        media_type=MEDIA_TYPE,
        headers={**headers_of(told.status), **(headers or {})},
    )
