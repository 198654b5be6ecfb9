"""The demonstration: a text to each number range rings, over the protocol of its carrier, and its report comes back."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from .platforms import RunningPlatform, a_data_dir, a_platform, hongyan, wait_until

TEXT = "【鸿雁】您的验证码是385216，5分钟内有效，请勿告诉他人。"
SECONDS = 15.0


@pytest.fixture(scope="module")
def platform() -> Iterator[RunningPlatform]:
    """The demonstration."""
    with a_data_dir() as data_dir, a_platform(data_dir, "--demo") as running:
        yield running


def run(platform: RunningPlatform, *arguments: str) -> Any:
    """Run a command and return what it printed as JSON."""
    return json.loads(hongyan(*arguments, "--data", str(platform.data_dir), "--json").stdout)


def texts_of(platform: RunningPlatform, number: str) -> list[str]:
    """Return what the phone shows."""
    url = f"{platform.demo['phone_url']}phones/{urllib.parse.quote(number)}/messages"
    with urllib.request.urlopen(url, timeout=5) as answer:
        return [message["text"] for message in json.loads(answer.read())["messages"]]


def test_every_channel_is_bound_by_its_own_protocol(platform: RunningPlatform) -> None:
    def bound() -> dict[str, tuple[str, int]]:
        return {row["name"]: (row["protocol"], row["links_bound"]) for row in run(platform, "channel", "list")}

    wait_until(lambda: {links for _, links in bound().values()} == {2}, SECONDS)
    assert bound() == {
        "demo-mobile": ("cmpp30", 2),
        "demo-unicom": ("sgip12", 2),
        "demo-telecom": ("smgp30", 2),
        "demo-international": ("smpp34", 2),
    }
    assert platform.status_of("/readyz") == 200


@pytest.mark.parametrize(
    "number, channel",
    [
        ("13800138000", "demo-mobile"),
        ("13000130000", "demo-unicom"),
        ("13300133000", "demo-telecom"),
        ("19200192000", "demo-mobile"),
        ("+447911123456", "demo-international"),
    ],
)
def test_a_text_to_each_number_range_rings_and_is_reported(
    platform: RunningPlatform, number: str, channel: str
) -> None:
    (sent,) = run(platform, "send", "--to", number, "--text", TEXT)["list"]
    wait_until(lambda: texts_of(platform, number) == [TEXT], SECONDS)

    wait_until(lambda: run(platform, "message", "show", sent["mid"])["message"]["state"] == "delivered", SECONDS)
    assert run(platform, "message", "show", sent["mid"])["message"]["channel"] == channel
