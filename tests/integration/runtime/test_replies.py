"""A phone answers: from the sandbox phone through the carrier to the account, and what an opt-out then stops.

Everything runs as an operator runs it; each carrier of the demonstration is tried, whatever it speaks.
"""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from .platforms import RunningPlatform, a_data_dir, a_platform, alive, hongyan, wait_until

OFFER = "【鸿雁】秋季新品上市，全场5折起，拒收请回复R"
CODE = "【鸿雁】您的验证码是385216，5分钟内有效，请勿告诉他人。"
SECONDS = 15.0
IDS = ["mobile", "unicom", "telecom", "abroad"]


@pytest.fixture(scope="module")
def platform() -> Iterator[RunningPlatform]:
    """The demonstration."""
    with a_data_dir() as data_dir, a_platform(data_dir, "--demo") as running:
        yield running


def ask(platform: RunningPlatform, method: str, path: str, **body: str) -> Any:
    """Ask the phone API."""
    url = platform.demo["phone_url"].rstrip("/") + path
    headers = {"Content-Type": "application/json"} if body else {}
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read())


def run(platform: RunningPlatform, *arguments: str) -> Any:
    """Run a command and return what it printed as JSON."""
    done = hongyan(*arguments, "--data", str(platform.data_dir), "--json")
    return json.loads(done.stdout) if done.stdout else json.loads(done.stderr)


def texts_of(platform: RunningPlatform, number: str) -> list[str]:
    """Return what the phone shows, newest first."""
    return [message["text"] for message in ask(platform, "GET", f"/phones/{number}/messages")["messages"]]


@pytest.mark.parametrize("number", ["13800138000", "13000130000", "13300133000", "+6591230000"], ids=IDS)
def test_a_phone_that_opts_out_is_told_so_and_gets_no_more_marketing(platform: RunningPlatform, number: str) -> None:
    hongyan("send", "--to", number, "--text", OFFER, "--data", str(platform.data_dir))
    wait_until(lambda: OFFER in texts_of(platform, number), SECONDS)

    ask(platform, "POST", f"/phones/{number}/replies", text="ｔｄ。")
    wait_until(lambda: len(texts_of(platform, number)) == 2, SECONDS)

    assert texts_of(platform, number)[0] == "【鸿雁】您已退订，我们不会再向您发送营销短信。"
    (reply,) = run(platform, "reply", "list", "--from", number, "--reveal")
    assert (reply["account"], reply["content"], reply["opt_out_word"]) == ("demo", "ｔｄ。", "TD")
    timeline = run(platform, "message", "show", reply["mid"])["timeline"]
    assert [entry["facts"]["reply_id"] for entry in timeline if entry["event"] == "replied"] == [reply["reply_id"]]

    hongyan("send", "--to", number, "--text", OFFER, "--data", str(platform.data_dir))
    hongyan("send", "--to", number, "--text", CODE, "--data", str(platform.data_dir))
    wait_until(lambda: CODE in texts_of(platform, number), SECONDS)
    assert len(texts_of(platform, number)) == 3


@pytest.mark.parametrize("number", ["13800138001", "13000130001", "13300133001", "+6591230001"], ids=IDS)
def test_a_long_answer_arrives_in_one_piece(platform: RunningPlatform, number: str) -> None:
    answer = "".join(f"第{n}句，还没有说完。" for n in range(40))
    hongyan("send", "--to", number, "--text", CODE, "--data", str(platform.data_dir))
    wait_until(lambda: CODE in texts_of(platform, number), SECONDS)

    ask(platform, "POST", f"/phones/{number}/replies", text=answer)

    def listed() -> list[Any]:
        found: list[Any] = run(platform, "reply", "list", "--from", number, "--reveal")
        return found

    wait_until(lambda: bool(listed()), SECONDS)
    (reply,) = listed()
    assert reply["content"] == answer
    assert (reply["parts"] > 1, reply["parts_missing"]) == (True, 0)


def kill_gateway(platform: RunningPlatform) -> None:
    """Kill the gateway when it is there."""
    wait_until(lambda: any(child.cmdline()[-1] == "gateway" for child in alive(platform.children())), SECONDS)
    platform.role("gateway").kill()


def test_no_answer_is_lost_or_doubled_when_the_gateway_is_killed(platform: RunningPlatform) -> None:
    numbers = ["13800138002", "13000130002", "13300133002", "+6591230002"]
    for number in numbers:
        hongyan("send", "--to", number, "--text", CODE, "--data", str(platform.data_dir))
        wait_until(lambda number=number: CODE in texts_of(platform, number), SECONDS)  # type: ignore[misc]

    for turn in range(3):
        for n in range(20):
            for number in numbers:
                ask(platform, "POST", f"/phones/{number}/replies", text=f"第{turn}轮第{n}条")
            if n == 10:
                kill_gateway(platform)

    wanted = sorted(f"第{turn}轮第{n}条" for turn in range(3) for n in range(20))
    for number in numbers:

        def contents(number: str = number) -> list[str]:
            found = run(platform, "reply", "list", "--from", number, "--reveal", "--limit", "1000")
            return sorted(reply["content"] for reply in found)

        wait_until(lambda: len(contents()) >= len(wanted), 2 * SECONDS)
        assert contents() == wanted
