"""`/healthz`, `/readyz` and `/metrics`."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from hongyan.http.addresses import Network, is_within, read_address
from hongyan.http.problems import MEDIA_TYPE as PROBLEM_TYPE
from hongyan.http.problems import headers_of, problem
from hongyan.kit.clock import Clock

from .exposition import MEDIA_TYPE as METRICS_TYPE
from .exposition import expose
from .readiness import Database, check_readiness

_JSON = "application/json"


def ops_endpoints(
    *, database: Database | None, clock: Clock, metrics_allow: Sequence[Network]
) -> list[HTTPRouteHandler]:
    """Return the endpoints for operators; `/metrics` answers only the networks given."""

    @get("/healthz", sync_to_thread=False)
    def healthz() -> Response[bytes]:
        """Say that this process lives; asks nobody."""
        return Response(b'{"alive":true}', media_type=_JSON)

    @get("/readyz")
    async def readyz() -> Response[bytes]:
        """Say whether the platform can take and send messages; if not, or not over all channels, why."""
        if database is None:
            body = problem(503, "database.missing", "This process has no database.").encode()
            return Response(body, status_code=503, media_type=PROBLEM_TYPE, headers=headers_of(503))
        readiness = await check_readiness(database, clock)
        status = 200 if readiness.ready else 503
        return Response(
            msgspec.json.encode(readiness), status_code=status, media_type=_JSON, headers=headers_of(status)
        )

    @get("/metrics", sync_to_thread=False)
    def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Print the metrics."""
        peer = request.client
        address = read_address(peer.host) if peer is not None else None
        if address is not None and not is_within(address, metrics_allow):
            body = problem(403, "metrics.forbidden", "Metrics are not shown to this address.").encode()
            return Response(body, status_code=403, media_type=PROBLEM_TYPE)
        return Response(expose(), media_type=METRICS_TYPE)

    return [healthz, readyz, metrics]
