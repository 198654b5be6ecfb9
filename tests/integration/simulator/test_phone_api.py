"""The phone API over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hongyan.simulator import phone_api
from hongyan.simulator import phones as phones_module

from .peers import ANNA, a_customer, a_simulator, a_submit

BERT = "13900139000"


async def _events(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    """Yield name and data of the events of a stream."""
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def test_numbers_are_listed_the_last_one_first() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        for number, text in ((ANNA, "one"), (BERT, "two"), (ANNA, "three")):
            await customer.submit(a_submit(text, number=number))
            await customer.has_reports(len(customer.responses))

        shown = await simulator.get("/phones")
        assert [(phone["number"], phone["messages"], phone["latest"]["text"]) for phone in shown["phones"]] == [
            (ANNA, 2, "three"),
            (BERT, 1, "two"),
        ]
        assert shown["total"] == 2
        assert len((await simulator.get("/phones", limit=1))["phones"]) == 1


async def test_an_inbox_is_read_in_pages() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        for index in range(3):
            await customer.submit(a_submit(str(index)))
            await customer.has_reports(index + 1)

        first = await simulator.get(f"/phones/{ANNA}/messages", limit=2)
        rest = await simulator.get(f"/phones/{ANNA}/messages", limit=2, before=first["before"])
        assert [message["text"] for message in first["messages"] + rest["messages"]] == ["2", "1", "0"]
        assert rest["before"] is None


@pytest.mark.parametrize("spelling", [ANNA, "86" + ANNA, "+86" + ANNA, "%2B86" + ANNA, "138%200013%208000"])
async def test_a_number_may_be_written_in_every_usual_way(spelling: str) -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit("hello", number="86" + ANNA))
        await customer.has_reports(1)

        assert await simulator.texts(spelling) == ["hello"]


async def test_next_waits_for_the_message_to_come() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer, asyncio.TaskGroup() as group:
        waiting = group.create_task(simulator.get(f"/phones/{ANNA}/messages/next", timeout=10))
        while (await simulator.get("/stats"))["phones"]["watches"] == 0:
            await asyncio.sleep(0.01)
        await customer.submit(a_submit("for another", number=BERT), a_submit("at last"))

        assert (await waiting)["text"] == "at last"


async def test_next_gives_nothing_when_nothing_comes() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit("before"))
        await customer.has_reports(1)

        response = await simulator.http.get(f"/phones/{ANNA}/messages/next", params={"timeout": 0.05})

        assert (response.status_code, response.content) == (204, b"")


async def test_next_after_an_id_misses_nothing() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        for text in ("one", "two"):
            await customer.submit(a_submit(text))
            await customer.has_reports(len(customer.responses))

        first = await simulator.get(f"/phones/{ANNA}/messages/next", after=0)
        second = await simulator.get(f"/phones/{ANNA}/messages/next", after=first["id"])
        response = await simulator.http.get(
            f"/phones/{ANNA}/messages/next", params={"after": second["id"], "timeout": 0}
        )
        assert [first["text"], second["text"]] == ["one", "two"]
        assert response.status_code == 204


async def test_messages_can_be_deleted() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit(), a_submit("two"), a_submit(number=BERT))
        await customer.has_reports(3)

        assert (await simulator.http.delete(f"/phones/+86{ANNA}/messages")).json() == {"deleted": 2}
        assert await simulator.texts() == []
        assert (await simulator.http.delete("/phones")).json() == {"deleted": 1}
        assert await simulator.get("/phones") == {"total": 0, "phones": []}


async def test_the_stream_of_a_number_tells_of_its_messages_and_their_reports() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        async with simulator.http.stream("GET", f"/phones/{ANNA}/events") as response:
            events = _events(response)
            await customer.submit(a_submit("other", number=BERT), a_submit("hello"))
            arrived, updated = [await anext(events) for _ in range(2)]
            await simulator.http.delete(f"/phones/{ANNA}/messages")
            cleared = await anext(events)

        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert (arrived[0], arrived[1]["text"]) == ("message", "hello")
        assert (updated[0], updated[1]["id"]) == ("update", arrived[1]["id"])
        assert updated[1]["parts"][0]["acknowledged_at"] is not None
        assert cleared == ("cleared", {"number": ANNA})


async def test_the_stream_of_all_numbers_tells_of_everything() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        async with simulator.http.stream("GET", "/events") as response:
            events = _events(response)
            await customer.submit(a_submit(number=BERT, registered_delivery=0))
            arrived = await anext(events)
            await simulator.http.delete("/phones")
            cleared = await anext(events)

        assert (arrived[0], arrived[1]["number"]) == ("message", BERT)
        assert cleared == ("cleared", {"number": None})


async def test_a_reader_who_comes_back_gets_what_it_missed() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        for text in ("one", "two"):
            await customer.submit(a_submit(text))
            await customer.has_reports(len(customer.responses))
        first = await simulator.get(f"/phones/{ANNA}/messages/next", after=0)
        headers = {"Last-Event-ID": str(first["id"])}

        async with simulator.http.stream("GET", f"/phones/{ANNA}/events", headers=headers) as response:
            name, message = await anext(_events(response))
        async with simulator.http.stream("GET", "/events", headers=headers) as response:
            missed, _ = await anext(_events(response))

        assert (name, message["text"]) == ("message", "two")
        assert missed == "missed"


async def test_a_silent_stream_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_api, "HEARTBEAT_SECONDS", 0.02)
    async with a_simulator() as simulator, simulator.http.stream("GET", "/events") as response:
        lines = response.aiter_lines()
        async with asyncio.timeout(10):
            while await anext(lines) != ": still here":
                pass


async def test_a_reader_who_leaves_is_forgotten() -> None:
    async with a_simulator() as simulator:
        async with simulator.http.stream("GET", "/events"):
            assert (await simulator.get("/stats"))["phones"]["watches"] == 1
        async with asyncio.timeout(10):
            while (await simulator.get("/stats"))["phones"]["watches"]:
                await asyncio.sleep(0.01)


async def test_open_streams_end_with_the_simulator() -> None:
    async with asyncio.timeout(10), a_simulator() as simulator:
        request = simulator.http.build_request("GET", "/events")
        response = await simulator.http.send(request, stream=True)
    assert response.status_code == 200


async def test_there_is_a_limit_to_those_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones_module, "WATCHES_MAX", 0)
    async with a_simulator() as simulator:
        for path in ("/events", f"/phones/{ANNA}/messages/next"):
            response = await simulator.http.get(path)
            assert response.status_code == 503
            assert "too many" in response.json()["detail"]


async def test_bad_input_gets_a_clear_answer_over_the_wire() -> None:
    async with a_simulator() as simulator:
        response = await simulator.http.get("/phones/abc/messages")

        assert response.status_code == 400
        assert response.headers["content-type"] == "application/problem+json; charset=utf-8"
        assert response.json() == {
            "status": 400,
            "detail": "'abc' is not a phone number",
            "field": "number",
            "fix": "write it as 13800138000, 8613800138000 or +8613800138000",
        }


async def test_markup_in_a_text_stays_text() -> None:
    text = "<script>alert(1)</script>"
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit(text))
        await customer.has_reports(1)

        response = await simulator.http.get(f"/phones/{ANNA}/messages")
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.json()["messages"][0]["text"] == text


async def test_the_page_is_served_with_its_policy() -> None:
    async with a_simulator() as simulator:
        response = await simulator.http.get("/")
        head = await simulator.http.head("/")

        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.text.startswith("<!doctype html>")
        assert (head.status_code, head.content) == (200, b"")


async def test_the_endings_can_be_read() -> None:
    async with a_simulator() as simulator:
        rows = await simulator.get("/behaviours")

        assert [row["ending"] for row in rows] == ["", "9001", "9002", "9003", "9004", "9005", "9006", "9007"]
        assert await simulator.get("/healthz") == {"status": "ok"}
