"""`hongyan reply` and `hongyan number opt-out` on a real database: what they print and how they exit."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hongyan.db.pool import connect
from hongyan.kit.ids import first_id_at, format_id

from .conftest import Hongyan, Ran

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REPLIES = """
INSERT INTO replies (reply_id, account_id, mid, channel_id, from_number, to_number, content, parts, parts_missing,
                     opt_out_word, carrier_message_id, received_at)
VALUES ($1, (SELECT account_id FROM accounts WHERE name = $2), $3, 1, $4, '1069000112', $5, $6, $7, $8, '77', $9)
"""
FIRST = first_id_at(NOON.timestamp())


def told(ran: Ran) -> Any:
    """Return what a command printed as JSON; it has to have worked."""
    assert (ran.code, ran.err) == (0, "")
    return msgspec.json.decode(ran.out)


async def _write(url: str, rows: list[tuple[object, ...]]) -> None:
    connection = await connect(url)
    await connection.executemany(REPLIES, rows)
    await connection.close()


@pytest.fixture
def demo(hongyan: Hongyan, database_url: str) -> str:
    assert hongyan("account", "create", "demo", "--price", "45").code == 0
    rows: list[tuple[object, ...]] = [
        (FIRST, "demo", None, 8613800138000, "好的,验证码482913", 1, 0, None, NOON),
        (FIRST + 1, "demo", FIRST - 9, 8618600001234, "TD", 1, 0, "TD", NOON),
        (FIRST + 2, "nobody", None, 8613800138000, "谁", 3, 1, None, NOON),
    ]
    asyncio.run(_write(database_url, rows))
    return "demo"


def test_replies_are_listed_newest_first_and_masked(hongyan: Hongyan, demo: str) -> None:
    titles, newest, second, oldest = hongyan("reply", "list").out.splitlines()

    assert titles.split() == ["ID", "RECEIVED", "FROM", "TO", "ACCOUNT", "ANSWERS", "OPT-OUT", "TEXT"]
    assert newest.split()[3:] == ["138****8000", "1069000112", "-", "-", "-", "谁"]
    assert second.split()[3:] == ["186****1234", "1069000112", "demo", format_id(FIRST - 9), "TD", "TD"]
    assert oldest.endswith("好的,验证码****")


@pytest.mark.parametrize(
    "options, count",
    [
        (("--account", "demo"), 2),
        (("--unmatched",), 1),
        (("--from", "13800138000"), 2),
        (("--since", "2026-11-22T12:00+00:00"), 3),
        (("--since", "2026-11-23"), 0),
        (("--before", format_id(FIRST + 1)), 1),
    ],
)
def test_replies_are_filtered(hongyan: Hongyan, demo: str, options: tuple[str, ...], count: int) -> None:
    assert len(told(hongyan("reply", "list", "--json", *options))) == count


def test_a_list_goes_on_where_it_ended(hongyan: Hongyan, demo: str) -> None:
    first = hongyan("reply", "list", "--limit", "2")

    assert first.err == f"there are older ones: --before {format_id(FIRST + 1)}\n"
    (last,) = told(hongyan("reply", "list", "--before", format_id(FIRST + 1), "--json"))
    assert last["reply_id"] == format_id(FIRST)


def test_a_list_of_nobody_s_for_an_account_is_refused(hongyan: Hongyan, demo: str) -> None:
    ran = hongyan("reply", "list", "--unmatched", "--account", "demo")

    assert (ran.code, ran.err) == (1, "hongyan: What is nobody's is no account's.\n")


def test_one_reply_is_shown(hongyan: Hongyan, demo: str) -> None:
    shown = hongyan("reply", "show", format_id(FIRST + 2)).out.splitlines()
    whole = told(hongyan("reply", "show", format_id(FIRST), "--reveal", "--json"))

    assert "parts     3, of which 1 never came" in shown
    assert "account   nobody's" in shown
    assert (whole["from_number"], whole["content"]) == ("13800138000", "好的,验证码482913")
    assert whole["carrier_message_id"] == "77"


def test_a_reply_that_is_not_there_is_an_error(hongyan: Hongyan, demo: str) -> None:
    ran = hongyan("reply", "show", "0000000000000001", "--json")

    assert ran.code == 1
    assert msgspec.json.decode(ran.err)["error"]["code"] == "reply.unknown"


def test_a_number_is_put_on_the_list_and_taken_off(hongyan: Hongyan, demo: str) -> None:
    added = hongyan("number", "opt-out", "add", "13800138000", "--account", demo)
    again = told(hongyan("number", "opt-out", "add", "+8613800138000", "--account", demo, "--json"))
    listed = hongyan("number", "opt-out", "list", "--account", demo).out.splitlines()
    removed = hongyan("number", "opt-out", "remove", "13800138000", "--account", demo)
    missing = hongyan("number", "opt-out", "remove", "13800138000", "--account", demo)

    assert added.out == "1 added, 0 known before, 0 waiting messages ended\n"
    assert again == {"added": 0, "known": 1, "messages_ended": 0}
    assert listed[1].split()[0] == "138****8000"
    assert listed[1].split()[3:] == ["operator", "-", "-", "-"]
    assert removed.out == "1 number removed\n"
    assert (missing.code, missing.err.partition(".")[0]) == (
        1,
        "hongyan: The number has not opted out of this account's marketing",
    )


def test_what_is_exported_can_be_imported(hongyan: Hongyan, demo: str, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.csv"
    numbers.write_text(
        "\ufeffnumber,name\n# from the old platform\n13800138000,a\n\n+8618600001234\n", encoding="utf-8"
    )
    hongyan("account", "create", "other", "--price", "45")

    imported = hongyan("number", "opt-out", "import", str(numbers), "--account", demo)
    exported = hongyan("number", "opt-out", "export", "--account", demo).out
    taken_over = hongyan("number", "opt-out", "import", "-", "--account", "other", stdin=exported)

    assert imported.out == "2 added, 0 known before, 0 waiting messages ended\n"
    assert [line.split(",")[0] for line in exported.splitlines()] == ["number", "13800138000", "18600001234"]
    assert taken_over.out == imported.out


def test_a_list_with_a_line_that_is_no_number_changes_nothing(hongyan: Hongyan, demo: str) -> None:
    ran = hongyan("number", "opt-out", "import", "-", "--account", demo, stdin="13800138000\n12\nabc\n")
    listed = hongyan("number", "opt-out", "list", "--account", demo)

    assert ran.code == 1
    assert [line.split(":")[0] for line in ran.err.splitlines()[1:]] == ["  line 2", "  line 3"]
    assert "abc" not in ran.err
    assert listed.err == "no opt-outs\n"


def test_a_long_list_is_read_page_by_page(hongyan: Hongyan, demo: str) -> None:
    numbers = "\n".join(str(13800130000 + n) for n in range(5))
    hongyan("number", "opt-out", "import", "-", "--account", demo, stdin=numbers)

    first = hongyan("number", "opt-out", "list", "--account", demo, "--limit", "3", "--reveal")
    rest = told(hongyan("number", "opt-out", "list", "--account", demo, "--after", "13800130002", "--json"))

    assert first.err == "there are more: give the last number, which --reveal shows, to --after\n"
    assert first.out.splitlines()[-1].split()[0] == "13800130002"
    assert [view["number"] for view in rest] == ["138****0003", "138****0004"]
