"""Scenarios over HTTP: listed, kept, played, cleared, and refused by name."""

from typing import Any

import pytest

from .peers import LOGIN, a_simulator


async def test_what_is_shipped_and_kept_is_listed_with_what_carriers_play() -> None:
    async with a_simulator() as simulator:
        listed = (await simulator.get("/scenarios"))["scenarios"]
        assert {
            "name": "silent",
            "title": "Takes everything and answers nothing",
            "title_zh": "收下所有提交，从不应答",
            "origin": "shipped",
        } in listed

        mine = {"loss": {"reports": 0.5}}
        kept = await simulator.http.put("/scenarios/mine", json=mine)
        assert kept.json() == {"name": "mine", "scenario": mine}
        assert (await simulator.get("/scenarios"))["scenarios"][0]["origin"] == "own"
        assert (await simulator.get("/scenarios/mine"))["scenario"] == mine

        playing = await simulator.http.put("/carriers/mobile/scenario", json={"name": "mine"})
        assert playing.json() == {"carrier": "mobile", "login": None, "name": "mine", "is_own": True, "scenario": mine}
        own = await simulator.http.put(
            f"/carriers/mobile/logins/{LOGIN}/scenario", json={"scenario": {"clock_skew_seconds": 5}}
        )
        assert own.json()["name"] == "(own)"
        shown = (await simulator.get("/carriers"))["carriers"]
        assert [(one["login"], one["name"], one["is_own"]) for one in shown] == [
            (None, "mine", True),
            (LOGIN, "(own)", True),
            ("910002", "mine", False),
        ]

        assert (await simulator.http.delete("/carriers/mobile/scenario")).status_code == 204
        assert (await simulator.http.delete("/scenarios/mine")).status_code == 204
        assert (await simulator.get("/carriers/mobile/scenario"))["scenario"] is None
        assert (await simulator.get(f"/carriers/mobile/logins/{LOGIN}/scenario"))["name"] == "(own)"


@pytest.mark.parametrize(
    "method, path, body, status, field",
    [
        ("GET", "/scenarios/none", None, 404, "scenario"),
        ("GET", "/carriers/none/scenario", None, 404, "carrier"),
        ("GET", "/carriers/mobile/logins/none/scenario", None, 404, "login"),
        ("DELETE", "/carriers/none/scenario", None, 404, "carrier"),
        ("DELETE", "/scenarios/none", None, 404, "scenario"),
        ("DELETE", "/scenarios/silent", None, 409, "name"),
        ("PUT", "/scenarios/Mine", {}, 400, "Mine"),
        ("PUT", "/scenarios/mine", {"loss": {"texts": 2}}, 400, "loss.texts"),
        ("PUT", "/carriers/mobile/scenario", {"name": "none"}, 404, "scenario"),
        ("PUT", "/carriers/mobile/scenario", {}, 400, "name"),
        ("PUT", "/carriers/mobile/scenario", {"name": "silent", "scenario": {}}, 400, "name"),
        ("PUT", "/carriers/mobile/scenario", {"scenario": {"stall": {}}}, 400, "scenario.stall"),
        ("PUT", "/carriers/mobile/scenario", {"scenario": {"wire": {"garbage": "x"}}}, 400, "scenario.wire.garbage"),
        ("PUT", "/carriers/mobile/scenario", {"naem": "silent"}, 400, ""),
        ("POST", "/carriers/mobile/scenario", {}, 405, "method"),
        ("GET", "/carriers/mobile", None, 404, "path"),
    ],
)
async def test_what_is_wrong_is_named(method: str, path: str, body: Any, status: int, field: str) -> None:
    async with a_simulator() as simulator:
        response = await simulator.http.request(method, path, json=body)

    assert (response.status_code, response.json()["field"]) == (status, field)
    assert response.json()["fix"]


async def test_no_more_scenarios_are_kept_than_can_be() -> None:
    async with a_simulator() as simulator:
        for index in range(100):
            assert (await simulator.http.put(f"/scenarios/s{index}", json={})).status_code == 200
        refused = await simulator.http.put("/scenarios/one-more", json={})
        assert (refused.status_code, refused.json()["field"]) == (409, "name")
        assert (await simulator.http.put("/scenarios/s5", json={"title": "again"})).status_code == 200
