"""The send endpoint's own decisions; what clients see of it is in `tests/conformance/market`."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from hongyan.db.errors import DatabaseUnavailable, SchemaTooNew
from hongyan.http.market.authorization import Rules
from hongyan.http.market.rates import RateLimits
from hongyan.http.market.send import BalanceLookup, MarketSettings, SendEndpoint
from hongyan.kit.clock import SystemClock
from hongyan.pipeline.submission import BalanceInsufficient, StoreUnavailable
from tests.conformance.market.platform import Balances, IntakeRecorder, Keys
from tests.conformance.market.wire import MOBILE, signed_headers, target
from tests.unit.http.asking import Answer, ask

QUERY = target().partition("?")[2]


def an_endpoint(intake: IntakeRecorder, *, balances: BalanceLookup | None = None, **settings: Any) -> SendEndpoint:
    return SendEndpoint(
        keys=Keys(), intake=intake, clock=SystemClock(), settings=MarketSettings(**settings), balances=balances
    )


async def send(endpoint: SendEndpoint, *, query: str = QUERY, **request: Any) -> Answer:
    headers = {**signed_headers(), **request.pop("headers", {})}
    answer = await ask(endpoint, "/release/qxt_yzm_sms/", method="POST", query=query, headers=headers, **request)
    assert answer is not None
    return answer


def counted(outcome: str, code: str) -> float:
    labels = {"outcome": outcome, "code": code}
    return REGISTRY.get_sample_value("hongyan_market_requests_total", labels) or 0.0


async def test_a_balance_nobody_can_tell_is_left_out() -> None:
    intake = IntakeRecorder()
    intake.error = BalanceInsufficient()

    assert set((await send(an_endpoint(intake))).json) == {"status", "message"}
    assert set((await send(an_endpoint(intake, balances=Balances()))).json) == {"status", "balance", "message"}
    assert "balance" not in (await send(an_endpoint(intake), query=QUERY + "&v=9")).json


async def test_more_requests_than_a_second_may_hold_get_429() -> None:
    endpoint = an_endpoint(IntakeRecorder(), rates=RateLimits(key_per_second=0))
    answer = await send(endpoint)

    assert (answer.status, answer.body) == (429, b'{"message":"API rate limit exceeded"}')
    assert answer.headers["retry-after"] == "1"


async def test_behind_a_trusted_proxy_the_client_is_who_it_says() -> None:
    intake = IntakeRecorder()
    endpoint = an_endpoint(intake, trusted_proxies=(ip_network("127.0.0.0/8"),))
    far = signed_headers(secret_id="AKIDfar")

    assert (await send(endpoint, headers={**far, "X-Forwarded-For": "203.0.113.9"})).json["status"] == "0"
    assert intake.last.address == ip_address("203.0.113.9")
    assert (await send(endpoint, headers={**far, "X-Forwarded-For": "198.51.100.9"})).json["status"] == "2"


async def test_a_balance_that_cannot_be_told_now_hides_no_refusal() -> None:
    class Away:
        async def balance(self, account_id: int) -> int:
            raise StoreUnavailable

    answer = await send(an_endpoint(IntakeRecorder(), balances=Away()), query=QUERY + "&v=9")

    assert (answer.status, answer.json["status"]) == (200, "4")
    assert "balance" not in answer.json


async def test_an_unavailable_database_is_not_now() -> None:
    intake = IntakeRecorder()
    intake.error = DatabaseUnavailable()
    answer = await send(an_endpoint(intake))

    assert (answer.status, answer.headers["retry-after"], answer.json["status"]) == (503, "2", "11")


@pytest.mark.parametrize("error", [SchemaTooNew(), RuntimeError(f"{MOBILE} testkey0001"), ValueError(QUERY)])
async def test_what_nobody_foresaw_is_logged_without_its_text(error: Exception) -> None:
    intake = IntakeRecorder()
    intake.error = error
    with capture_logs() as logs:
        answer = await send(an_endpoint(intake))

    assert (answer.status, answer.json["status"]) == (500, "11")
    assert [log["event"] for log in logs] == ["request.failed"]
    assert logs[0]["error"] == type(error).__name__
    assert MOBILE not in str(logs)
    assert "testkey0001" not in str(logs)


async def test_a_client_that_goes_away_in_its_body_sends_nothing() -> None:
    intake = IntakeRecorder()
    headers = {**signed_headers(), "Content-Length": "10"}
    half = [{"type": "http.request", "body": b"content=", "more_body": True}]
    answer = await ask(
        an_endpoint(intake), "/release/qxt_yzm_sms/", method="POST", query=QUERY, headers=headers, messages=half
    )

    assert answer is None
    assert intake.submissions == []


async def test_requests_are_counted_by_outcome() -> None:
    endpoint = an_endpoint(IntakeRecorder())
    before = counted("accepted", "0"), counted("refused", "8"), counted("gateway", "signature_differs")
    await send(endpoint)
    await send(endpoint, query="content=x")
    await send(endpoint, headers={"Authorization": signed_headers(key="wrong")["Authorization"]})

    after = counted("accepted", "0"), counted("refused", "8"), counted("gateway", "signature_differs")
    assert [new - old for new, old in zip(after, before, strict=True)] == [1.0, 1.0, 1.0]


async def test_an_api_may_be_closed_to_everyone() -> None:
    answer = await send(an_endpoint(IntakeRecorder(), rules=Rules(has_usage_plan=False)))

    assert (answer.status, answer.body) == (403, b'{"message":"Found no validate usage plan"}')
