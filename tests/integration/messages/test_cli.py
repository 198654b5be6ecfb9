"""`hongyan message` on a real database: what it prints and how it exits."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hongyan.cli.context import CommonOptions, common_options
from hongyan.cli.main import build
from hongyan.cli.market_client import Accepted
from hongyan.cli.send import follow
from hongyan.kit.clock import SystemClock
from hongyan.kit.errors import Error
from hongyan.kit.ids import format_id
from hongyan.kit.secrets import Vault

from .road import Road


@pytest.fixture
def data_dir(tmp_path: Path, database_url: str) -> Path:
    """A data directory as a running platform has it."""
    Vault.load_or_create(tmp_path / "master.key")
    (tmp_path / "database.url").write_text(database_url)
    return tmp_path


async def run(data_dir: Path, *arguments: str) -> Result:
    command = [*arguments, "--data", str(data_dir)]
    return await asyncio.to_thread(CliRunner().invoke, build(command), command)


async def delivered(road: Road) -> int:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid)
    await road.report(mid)
    return mid


async def test_show_prints_the_head_and_the_timeline(data_dir: Path, road: Road) -> None:
    mid = await delivered(road)

    result = await run(data_dir, "message", "show", format_id(mid))

    head, _, timeline = result.stdout.partition("\n\n")
    assert result.exit_code == 0
    assert head.splitlines()[:3] == [
        f"message  {format_id(mid)}",
        "state    delivered 已送达 DELIVRD",
        "to       138****8000, mobile",
    ]
    assert "482913" not in result.stdout
    assert sorted(line.split()[3] for line in timeline.splitlines()) == [
        "accepted",
        "final",
        "report",
        "routed",
        "sending",
        "settled",
        "submitted",
    ]
    assert "+0.010  submitted        link 2, sequence 71: result 0 accepted 正确" in timeline


async def test_show_as_json_has_facts_and_offsets(data_dir: Path, road: Road) -> None:
    mid = await delivered(road)

    result = await run(data_dir, "message", "show", format_id(mid), "--json", "--reveal")

    shown = json.loads(result.stdout)
    assert shown["message"]["recipient"] == "13800138000"
    assert shown["message"]["content"] == "【鸿雁】您的验证码为482913，5分钟内有效"
    (report,) = (entry for entry in shown["timeline"] if entry["event"] == "report")
    assert report["after_seconds"] == 0.26
    assert report["facts"]["chinese"] == "短信投递成功"


@pytest.mark.parametrize("written, code", [("0000000000000001", "message.unknown"), ("12", "message.id_invalid")])
async def test_an_id_of_no_message_is_an_error_with_a_name(data_dir: Path, road: Road, written: str, code: str) -> None:
    result = await run(data_dir, "message", "show", written)

    assert isinstance(result.exception, Error)
    assert result.exception.code == code


async def test_list_masks_numbers_and_codes(data_dir: Path, road: Road) -> None:
    mid = await delivered(road)
    waiting = await road.accept(8618600001234)

    result = await run(data_dir, "message", "list")

    title, first, second = result.stdout.splitlines()
    assert title.split() == ["MID", "ACCEPTED", "ACCOUNT", "TO", "STATE", "STAT", "TOOK", "TEXT"]
    assert first.startswith(format_id(waiting))
    assert "186****1234  accepted 已受理" in first
    assert second.startswith(format_id(mid))
    assert second.endswith("delivered 已送达  DELIVRD  0.260 s  【鸿雁】您的验证码为****，5分钟内有效")


async def test_list_reveals_when_asked(data_dir: Path, road: Road) -> None:
    await road.accept()

    result = await run(data_dir, "message", "list", "--reveal", "--json")

    (shown,) = json.loads(result.stdout)
    assert (shown["recipient"], shown["state"]) == ("13800138000", "accepted")


async def test_list_by_number_says_how_far_it_looked(data_dir: Path, road: Road) -> None:
    road.clock.jump(-road.clock.now() + SystemClock().now())  # the command looks back from the real time
    await road.accept(8618600001234)
    await road.accept()

    result = await run(data_dir, "message", "list", "--to", "18600001234", "--state", "accepted", "--account", "demo")

    assert result.stdout.count("186****1234") == 1
    assert result.stdout.count("138****8000") == 0
    assert result.stderr.startswith("looked back to ")


async def test_list_goes_on_where_it_ended(data_dir: Path, road: Road) -> None:
    first = await road.accept()
    second = await road.accept()

    page_one = await run(data_dir, "message", "list", "--limit", "1")
    page_two = await run(data_dir, "message", "list", "--limit", "1", "--before", format_id(second))

    assert page_one.stderr == f"there are older ones: --before {format_id(second)}\n"
    assert page_two.stdout.splitlines()[1].startswith(format_id(first))
    assert page_two.stderr == ""


async def test_list_within_times(data_dir: Path, road: Road) -> None:
    await road.accept()
    before, after = str(road.now.year - 1), str(road.now.year + 1)

    found = await run(data_dir, "message", "list", "--since", f"{before}-01-01", "--until", f"{after}-12-31")
    none = await run(data_dir, "message", "list", "--until", f"{before}-01-01")

    assert len(found.stdout.splitlines()) == 2
    assert none.stderr == "no messages\n"


async def test_list_of_an_unknown_account_is_an_error(data_dir: Path, road: Road) -> None:
    result = await run(data_dir, "message", "list", "--account", "nobody")

    assert isinstance(result.exception, Error)


async def test_watch_prints_what_happens_once_and_ends_with_the_message(data_dir: Path, road: Road) -> None:
    mid = await road.accept()

    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(run(data_dir, "message", "watch", format_id(mid), "--json"))
        await road.claim()
        await road.answer(mid)
        await road.report(mid)
    result = watching.result()

    told = [json.loads(line)["event"] for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert sorted(told) == ["accepted", "final", "report", "routed", "sending", "settled", "submitted"]


async def test_watch_exits_1_for_what_did_not_arrive(data_dir: Path, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid)
    await road.report(mid, stat="UNDELIV")

    result = await run(data_dir, "message", "watch", format_id(mid))

    assert result.exit_code == 1
    assert "undelivered 未送达" in result.stdout


async def test_watch_gives_up_when_told_to(data_dir: Path, road: Road) -> None:
    mid = await road.accept()

    result = await run(data_dir, "message", "watch", format_id(mid), "--timeout", "0.3")

    assert result.exit_code == 1
    assert result.stderr == "it is not final yet\n"
    assert len(result.stdout.splitlines()) == 2


@pytest.fixture
def as_command(data_dir: Path) -> Iterator[None]:
    """Act as a command with --data."""
    token = common_options.set(CommonOptions(data=data_dir))
    yield
    common_options.reset(token)


@pytest.mark.usefixtures("as_command")
async def test_a_sender_who_waits_hears_of_each_message(road: Road, capsys: pytest.CaptureFixture[str]) -> None:
    mid = await delivered(road)
    numbers = [Accepted("13800138000", format_id(mid), 0), Accepted("12", "0000000000000001", 12)]

    assert await follow(numbers, 5.0) is True
    assert capsys.readouterr().out == (f"138****8000  {format_id(mid)}  delivered 已送达 DELIVRD after 0.260 s\n")


@pytest.mark.usefixtures("as_command")
async def test_a_sender_who_waits_hears_of_what_did_not_arrive(road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid, result=13, carrier_message_id=None)

    assert await follow([Accepted("13800138000", format_id(mid), 0)], 5.0) is False


@pytest.mark.usefixtures("as_command")
async def test_a_sender_does_not_wait_for_ever(road: Road, capsys: pytest.CaptureFixture[str]) -> None:
    mid = await road.accept()

    assert await follow([Accepted("13800138000", format_id(mid), 0)], 0.1) is False
    assert capsys.readouterr().err == f"not final after 0.1 s: {format_id(mid)}\n"
