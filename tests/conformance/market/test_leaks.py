"""Nothing that a client sends reaches a log or a metric: numbers, texts, keys, signatures."""

import logging

import pytest
from structlog.testing import capture_logs

from hongyan.pipeline.submission import BalanceInsufficient, StoreUnavailable

from .platform import SECRET_KEY, IntakeRecorder
from .wire import SEND, Wire, ask, request, signed_headers, target

NUMBER = "13912345678"
TEXT = "【canary】code 924613"
CANARIES = [NUMBER, "canary", "924613", SECRET_KEY, "AKIDtestid"]


def requests() -> list[bytes]:
    headers = signed_headers()
    good = target(content=TEXT, mobile=NUMBER)
    return [
        request(good),
        request(f"{SEND}?content={TEXT}&mobile={NUMBER}"),
        request(SEND, body=f"content={TEXT}&mobile={NUMBER}".encode()),
        request(good + f"&password={SECRET_KEY}&extno={NUMBER}"),
        request(good, headers={}),
        request(good, headers=signed_headers(key=TEXT)),
        request(good, headers={**headers, "Authorization": headers["Authorization"].replace("hmac-sha1", NUMBER)}),
        request(good, method="GET"),
        request(good.replace("release", "prepub")),
        request(f"/nowhere?mobile={NUMBER}"),
        request(good, headers={**headers, "X-Long": NUMBER * 2000}),
        request(good, headers={**headers, "Upgrade": NUMBER, "Connection": "upgrade"}),
        f"POST {good}\r\n{NUMBER}\r\n\r\n".encode(),
    ]


@pytest.mark.parametrize(
    "error", [None, BalanceInsufficient(), StoreUnavailable(), RuntimeError(f"{NUMBER} {TEXT} {SECRET_KEY}")], ids=repr
)
def test_no_log_and_no_metric_holds_what_a_client_sent(
    port: int, intake: IntakeRecorder, caplog: pytest.LogCaptureFixture, error: Exception | None
) -> None:
    intake.error = error
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        for octets in requests():
            ask(port, octets)
        with Wire(port) as wire:
            wire.send(request(target(content=TEXT, mobile=NUMBER))[:-20])
        metrics = ask(port, request("/metrics", method="GET", headers={})).body.decode()

    written = f"{logs}{caplog.text}{metrics}"
    assert not [canary for canary in CANARIES if canary in written]
    assert bool(logs) == isinstance(error, RuntimeError)
