"""What the phone API refuses, and how it says so. What it does is tested over real HTTP."""

import httpx
import pytest

from hongyan.kit.clock import ManualClock
from hongyan.simulator.answering import Answering
from hongyan.simulator.application import Application
from hongyan.simulator.phone_api import PhoneApi
from hongyan.simulator.phones import Phones

ANNA = "13800138000"


class _Figures:
    """Statistics of nothing."""

    def __init__(self) -> None:
        self.forgotten = 0

    def snapshot(self) -> object:
        return {"carriers": []}

    def forget_maxima(self) -> None:
        self.forgotten += 1


def a_reader(figures: _Figures | None = None) -> httpx.AsyncClient:
    """Return a client of an API with empty phones."""
    phones = Phones(ManualClock())
    api = PhoneApi(phones, figures or _Figures(), Answering(phones, [], clock=ManualClock()))
    application = Application(api.routes(), host_names=["Phones.test"])
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    "method, path, status, field",
    [
        ("GET", "/phones/abc/messages", 400, "number"),
        ("GET", "/phones/1380013800x/messages/next", 400, "number"),
        ("DELETE", "/phones/12/messages", 400, "number"),
        ("GET", "/phones/+/events", 400, "number"),
        ("GET", f"/phones/{ANNA}/messages?limit=0", 400, "limit"),
        ("GET", f"/phones/{ANNA}/messages?limit=501", 400, "limit"),
        ("GET", f"/phones/{ANNA}/messages?limit=", 400, "limit"),
        ("GET", f"/phones/{ANNA}/messages?before=-1", 400, "before"),
        ("GET", f"/phones/{ANNA}/messages?offset=1", 400, "offset"),
        ("GET", f"/phones/{ANNA}/messages/next?timeout=ten", 400, "timeout"),
        ("GET", f"/phones/{ANNA}/messages/next?timeout=121", 400, "timeout"),
        ("GET", f"/phones/{ANNA}/messages/next?timeout=nan", 400, "timeout"),
        ("GET", f"/phones/{ANNA}/messages/next?after=%D9%A3", 400, "after"),
        ("GET", "/phones?limit=1e3", 400, "limit"),
        ("GET", "/nothing", 404, "path"),
        ("GET", "/phones//messages", 404, "path"),
        ("POST", "/phones", 405, "method"),
        ("PUT", f"/phones/{ANNA}/messages", 405, "method"),
    ],
)
async def test_bad_input_names_the_field_and_the_fix(method: str, path: str, status: int, field: str) -> None:
    async with a_reader() as reader:
        response = await reader.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert response.json()["field"] == field
    assert response.json()["fix"]
    assert ("allow" in response.headers) == (status == 405)


@pytest.mark.parametrize(
    "host, status",
    [
        ("127.0.0.1:18080", 200),
        ("localhost", 200),
        ("phones.localhost:1", 200),
        ("simulator:18080", 200),
        ("[::1]:18080", 200),
        ("phones.test", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:18080", 421),
    ],
)
async def test_names_that_a_stranger_may_point_here_are_refused(host: str, status: int) -> None:
    async with a_reader() as reader:
        assert (await reader.get("/phones", headers={"Host": host})).status_code == status


async def test_a_slash_at_the_end_changes_nothing() -> None:
    async with a_reader() as reader:
        assert (await reader.get("/phones/")).json() == {"total": 0, "phones": []}


async def test_a_number_that_never_rang_has_an_empty_inbox() -> None:
    async with a_reader() as reader:
        assert (await reader.get(f"/phones/{ANNA}/messages")).json() == {
            "number": ANNA,
            "e164": "+8613800138000",
            "total": 0,
            "messages": [],
            "before": None,
        }


@pytest.mark.parametrize(
    "method, path, body, status, field",
    [
        ("PUT", f"/phones/{ANNA}/state", {"state": "asleep"}, 400, "state"),
        ("PUT", f"/phones/{ANNA}/state", {}, 400, ""),
        ("PUT", f"/phones/{ANNA}/state", {"state": "on", "for": 5}, 400, ""),
        ("POST", f"/phones/{ANNA}/replies", {"text": ""}, 400, "text"),
        ("POST", f"/phones/{ANNA}/replies", {"text": "x" * 10_001}, 400, "text"),
        ("POST", f"/phones/{ANNA}/replies", {"text": 5}, 400, "text"),
        ("POST", f"/phones/{ANNA}/replies", {"text": "x" * 70_000}, 413, ""),
        ("POST", f"/phones/{ANNA}/replies", {"text": "yes"}, 400, "login"),
    ],
)
async def test_a_bad_body_names_the_field(method: str, path: str, body: object, status: int, field: str) -> None:
    async with a_reader() as reader:
        response = await reader.request(method, path, json=body)

    assert (response.status_code, response.json()["field"]) == (status, field)
    assert response.json()["fix"]


async def test_a_body_that_a_web_page_could_send_without_asking_is_refused() -> None:
    async with a_reader() as reader:
        response = await reader.post(f"/phones/{ANNA}/replies", content=b'{"text": "x"}')
        assert (response.status_code, response.json()["field"]) == (415, "Content-Type")
        broken = await reader.post(
            f"/phones/{ANNA}/replies", content=b"{", headers={"Content-Type": "application/json"}
        )
        assert broken.status_code == 400


async def test_a_phone_is_on_until_it_is_told_something_else() -> None:
    async with a_reader() as reader:
        assert (await reader.get(f"/phones/{ANNA}")).json()["state"] == "on"
        assert (await reader.put(f"/phones/{ANNA}/state", json={"state": "off"})).json()["state"] == "off"
        assert (await reader.get(f"/phones/{ANNA}/state")).json() == {
            "number": ANNA,
            "e164": "+8613800138000",
            "state": "off",
            "waiting": 0,
        }


async def test_figures_are_shown_and_their_maxima_forgotten() -> None:
    figures = _Figures()
    async with a_reader(figures) as reader:
        assert (await reader.get("/stats")).json() == {"carriers": []}
        assert (await reader.delete("/stats")).status_code == 204
    assert figures.forgotten == 1
