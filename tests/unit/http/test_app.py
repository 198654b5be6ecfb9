"""Which path leads where."""

from ipaddress import ip_network
from typing import Any

import pytest
from structlog.testing import capture_logs

from hongyan.db.errors import DatabaseUnavailable
from hongyan.http import app as app_module
from hongyan.http.app import HttpServices, build_app
from tests.conformance.market.platform import IntakeRecorder, Keys
from tests.conformance.market.wire import signed_headers, target

from .asking import Answer, ask

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class BrokenDatabase:
    """Raises whatever it is told to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def fetchrow(self, query: str, *args: object, timeout: float | None = None) -> None:  # noqa: ASYNC109
        raise self._error


async def get(path: str, *, services: dict[str, Any] | None = None, **request: Any) -> Answer:
    app = build_app(HttpServices(keys=Keys(), intake=IntakeRecorder(), **(services or {})))
    answer = await ask(app, path, **request)
    assert answer is not None
    return answer


async def test_the_send_endpoint_is_reached() -> None:
    path, _, query = target().partition("?")
    answer = await get(path, method="POST", query=query, headers=signed_headers())

    assert answer.json["status"] == "0"


async def test_health_is_told_without_asking_anyone() -> None:
    answer = await get("/healthz", services={"database": BrokenDatabase(AssertionError())})

    assert (answer.status, answer.body) == (200, b'{"alive":true}')
    assert answer.headers["content-type"] == "application/json"


async def test_a_browser_sees_a_page_at_the_root() -> None:
    answer = await get("/", headers=BROWSER)

    assert answer.status == 200
    assert "鸿雁" in answer.body.decode()
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("method, headers", [("GET", {}), ("POST", BROWSER), ("POST", {"Accept": "application/json"})])
async def test_programs_find_nothing_at_the_root_yet(method: str, headers: dict[str, str]) -> None:
    answer = await get("/", method=method, headers=headers)

    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_an_unknown_path_is_a_problem_with_the_gateways_word() -> None:
    answer = await get("/v1/nothing")

    assert answer.status == 404
    assert answer.json == {
        "title": "Not Found",
        "status": 404,
        "code": "path.unknown",
        "detail": "Nothing is at /v1/nothing.",
        "message": "There is no api match uri[/v1/nothing]",
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_a_wrong_method_is_a_problem(path: str) -> None:
    answer = await get(path, method="POST")

    assert (answer.status, answer.json["code"]) == (405, "method.not_allowed")
    assert answer.json["message"] == "Method Not Allowed"
    assert "GET" in answer.headers["allow"]


async def test_metrics_are_shown_to_allowed_addresses_only() -> None:
    far = ("203.0.113.5", 40000)

    assert b"hongyan_market_requests_total" in (await get("/metrics")).body
    assert (await get("/metrics", client=None)).status == 200
    assert (await get("/metrics", client=far)).json["code"] == "metrics.forbidden"
    allowed = {"metrics_allow": (ip_network("203.0.113.0/24"),)}
    assert (await get("/metrics", client=far, services=allowed)).status == 200


async def test_readiness_without_a_database_is_503() -> None:
    answer = await get("/readyz")

    assert (answer.status, answer.headers["retry-after"]) == (503, "2")


async def test_our_errors_become_problems() -> None:
    answer = await get("/readyz", services={"database": BrokenDatabase(DatabaseUnavailable())})

    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "database.unavailable", "2")


async def test_what_nobody_foresaw_is_a_problem_without_its_text() -> None:
    with capture_logs() as logs:
        answer = await get("/readyz", services={"database": BrokenDatabase(RuntimeError("13800138000"))})

    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert [log["event"] for log in logs] == ["request.failed"]
    assert "13800138000" not in str(logs) + answer.body.decode()


def test_the_module_names_its_services() -> None:
    assert {"keys", "intake", "clock", "balances", "database", "market", "metrics_allow"} == set(
        app_module.HttpServices.__struct_fields__
    )
