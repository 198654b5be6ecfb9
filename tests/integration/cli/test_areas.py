"""An operator's first hour: an account that can send, over a channel that carries, with money that adds up."""

import asyncio
from typing import Any

import msgspec
import pytest

from hongyan.db.pool import connect

from .conftest import Hongyan, Ran

CHANNEL = ("--protocol", "cmpp20", "--host", "127.0.0.1", "--port", "7890", "--login", "901234", "--src-id", "10690001")


def told(ran: Ran) -> Any:
    """Return what a command printed as JSON; it has to have worked."""
    assert (ran.code, ran.err) == (0, "")
    return msgspec.json.decode(ran.out)


def error(ran: Ran) -> Any:
    assert (ran.code, ran.out) == (1, "")
    return msgspec.json.decode(ran.err)["error"]


@pytest.fixture
def demo(hongyan: Hongyan) -> str:
    assert hongyan("account", "create", "demo", "--price", "45", "--trial", "100").code == 0
    return "demo"


@pytest.fixture
def channel(hongyan: Hongyan) -> str:
    assert hongyan("channel", "add", "mobile-1", *CHANNEL, "--password", "very-secret").code == 0
    return "mobile-1"


def test_an_account_is_created_with_its_balance(hongyan: Hongyan) -> None:
    view = told(hongyan("account", "create", "示范", "--price", "45", "--trial", "100.5", "--json"))

    assert view["account"]["name"] == "示范"
    assert view["account"]["price_per_segment"] == 45
    assert view["balance"] == {"available": 100_500, "held": 0, "overdraft_limit": 0}


def test_people_read_tables_and_are_told_what_comes_next(hongyan: Hongyan) -> None:
    created = hongyan("account", "create", "示范", "--price", "45")
    listed = hongyan("account", "list")

    assert "available     0.000 yuan\n" in created.out
    assert created.err == "it sends with a key: hongyan key create --account 示范\n"
    titles, row = listed.out.splitlines()
    assert titles.split()[:5] == ["NAME", "ID", "STATE", "PAYMENT", "PRICE"]
    assert row.split()[:5] == ["示范", "1", "active", "prepaid", "45"]


def test_an_account_is_changed_suspended_and_resumed(hongyan: Hongyan, demo: str) -> None:
    changed = told(
        hongyan("account", "set", demo, "--price", "50", "--payment", "postpaid", "--overdraft", "10", "--json")
    )
    kept = told(hongyan("account", "set", demo, "--unregistered", "report", "--json"))
    suspended = told(hongyan("account", "suspend", demo, "--json"))
    resumed = told(hongyan("account", "resume", demo, "--json"))
    shown = told(hongyan("account", "show", demo, "--json"))

    assert changed["account"]["price_per_segment"] == 50
    assert changed["balance"]["overdraft_limit"] == kept["balance"]["overdraft_limit"] == 10_000
    assert (suspended["account"]["state"], resumed["account"]["state"]) == ("suspended", "active")
    assert shown["account"] == kept["account"]


def test_nothing_of_an_account_is_kept_when_its_trial_is_refused(hongyan: Hongyan) -> None:
    refused = hongyan("account", "create", "demo", "--price", "45", "--trial", "-5", "--json")

    assert error(refused)["code"] == "balance.payment_invalid"
    assert told(hongyan("account", "list", "--json")) == []


def test_a_key_is_made_listed_disabled_and_bound_to_addresses(hongyan: Hongyan, demo: str) -> None:
    made = told(hongyan("key", "create", "--account", demo, "--label", "shop", "--allow", "10.0.0.0/8", "--json"))
    listed = hongyan("key", "list", "--account", demo, "--json")
    disabled = told(hongyan("key", "disable", made["secret_id"], "--json"))
    enabled = told(hongyan("key", "enable", made["secret_id"], "--json"))
    opened = told(hongyan("key", "allow", made["secret_id"], "--json"))
    bound = told(hongyan("key", "allow", made["secret_id"], "203.0.113.9", "2001:db8::/32", "--json"))

    assert len(made["secret_key"]) == 40
    assert told(listed) == [made["key"]]
    assert made["secret_key"] not in listed.out
    assert made["key"]["ip_allow"] == ["10.0.0.0/8"]
    assert (disabled["state"], enabled["state"]) == ("disabled", "active")
    assert (opened["ip_allow"], bound["ip_allow"]) == ([], ["203.0.113.9/32", "2001:db8::/32"])


def test_a_secret_is_shown_once_and_says_so(hongyan: Hongyan, demo: str) -> None:
    made = hongyan("key", "create", "--account", demo)

    assert "secret_key" in made.out
    assert made.err == "keep the secret_key now: it is not shown again\n"


def test_a_text_goes_out_once_its_signature_and_template_are_approved(hongyan: Hongyan, demo: str) -> None:
    check = ("template", "check", "【鸿雁】您的验证码是1234", "--account", demo, "--json")
    before = hongyan(*check)
    signature = told(hongyan("signature", "register", "鸿雁", "--account", demo, "--json"))
    told(hongyan("signature", "approve", str(signature["signature_id"]), "--json"))
    template = told(
        hongyan(
            "template", "register", "您的验证码是{1}", "--account", demo, "--kind", "verification",
            "--signature", "【鸿雁】", "--json",
        )
    )  # fmt: skip
    pending = hongyan(*check)
    told(hongyan("template", "approve", str(template["template_id"]), "--json"))
    after = told(hongyan(*check))

    assert (before.code, pending.code) == (1, 1)
    assert msgspec.json.decode(before.out)["verdict"] == "no: its signature is not an approved one of the account"
    assert msgspec.json.decode(pending.out)["verdict"] == "no: it fits no approved template of the account"
    assert after == {
        "goes_out": True,
        "verdict": "yes",
        "template_id": template["template_id"],
        "signature_id": signature["signature_id"],
        "kind": "verification",
        "segments": 1,
        "alphabet": "UCS2",
        "characters": 14,
    }


def test_reviews_are_listed_by_state_and_rejections_say_why(hongyan: Hongyan, demo: str) -> None:
    for text in ("鸿雁", "白鹤"):
        told(hongyan("signature", "register", text, "--account", demo, "--json"))
    rejected = told(hongyan("signature", "reject", "2", "--reason", "缺少授权书", "--json"))
    told(hongyan("template", "register", "好{1}吗", "--account", demo, "--kind", "notification", "--json"))
    told(hongyan("template", "reject", "1", "--reason", "太短", "--json"))

    pending = told(hongyan("signature", "list", "--account", demo, "--state", "pending", "--json"))
    templates = told(hongyan("template", "list", "--state", "rejected", "--json"))
    assert [signature["text"] for signature in pending] == ["鸿雁"]
    assert (rejected["state"], rejected["reason"]) == ("rejected", "缺少授权书")
    assert [(template["kind"], template["reason"]) for template in templates] == [("notification", "太短")]


def test_a_long_list_says_how_to_go_on(hongyan: Hongyan, demo: str) -> None:
    for number in range(3):
        told(hongyan("signature", "register", f"签名{number}", "--account", demo, "--json"))

    page = hongyan("signature", "list", "--limit", "2")
    rest = hongyan("signature", "list", "--limit", "2", "--after", "2")
    assert page.err == "there may be more: --after 2\n"
    assert "【签名2】" in rest.out
    assert rest.err == ""


def test_a_channel_is_added_changed_stopped_and_started(hongyan: Hongyan, channel: str) -> None:
    changed = told(hongyan("channel", "set", channel, "--speed", "7", "--json"))
    stopped = told(hongyan("channel", "stop", channel, "--json"))
    started = told(hongyan("channel", "start", channel, "--json"))
    listed = told(hongyan("channel", "list", "--json"))
    shown = hongyan("channel", "show", channel)

    assert (changed["speed_per_second"], changed["window_size"]) == (7, 16)
    assert (stopped["state"], started["state"]) == ("stopped", "active")
    assert listed == [started]
    assert "127.0.0.1:7890" in shown.out
    assert "very-secret" not in shown.out


def test_a_password_may_come_from_standard_input(hongyan: Hongyan) -> None:
    added = hongyan("channel", "add", "mobile-1", *CHANNEL, "--password-file", "-", stdin="very-secret\n")
    none = hongyan("channel", "add", "mobile-2", *CHANNEL)
    missing = hongyan("channel", "add", "mobile-2", *CHANNEL, "--password-file", "/nowhere")

    assert added.code == 0
    assert (none.code, missing.code) == (2, 2)
    assert "--password-file" in none.err
    assert "cannot read /nowhere" in missing.err


def test_settings_are_given_shown_and_taken_back(hongyan: Hongyan) -> None:
    given = ("--setting", "heartbeat_idle_seconds=45", "--setting", "long_text=udh16")
    added = told(hongyan("channel", "add", "mobile-1", *CHANNEL, "--password", "x", *given, "--json"))
    changed = told(hongyan("channel", "set", "mobile-1", "--setting", "long_text=", "--json"))
    shown = hongyan("channel", "show", "mobile-1")

    assert added["settings"] == {"heartbeat_idle_seconds": 45.0, "long_text": "udh16"}
    assert changed["settings"] == {"heartbeat_idle_seconds": 45.0}
    assert "settings     heartbeat_idle_seconds=45\n" in shown.out


def test_wrong_settings_are_refused_by_name(hongyan: Hongyan) -> None:
    wrong = ("--setting", "tls=true", "--setting", "heartbeat_tries=many")
    refused = error(hongyan("channel", "add", "mobile-1", *CHANNEL, "--password", "x", *wrong, "--json"))

    assert refused["code"] == "channel.invalid"
    assert "settings.tls: CMPP has no such setting; these apply: " in refused["message"]
    assert "settings.heartbeat_tries: Give 1 to 10." in refused["message"]


def test_what_can_be_set_is_told_in_both_languages(hongyan: Hongyan) -> None:
    printed = hongyan("channel", "settings", "--protocol", "smpp")
    listed = {
        setting["name"]: setting for setting in told(hongyan("channel", "settings", "--protocol", "cmpp30", "--json"))
    }

    assert "收发一体，或收发各一条连接 · one connection for both ways, or one each" in printed.out
    assert listed["long_text"]["values"] == "udh8 or udh16"
    assert listed["heartbeat_idle_seconds"]["default"] == "30"
    assert "tls" not in listed
    assert "is not a protocol" in hongyan("channel", "settings", "--protocol", "xmpp").err


def test_routes_are_added_explained_changed_and_removed(hongyan: Hongyan, channel: str) -> None:
    before = hongyan("route", "explain", "--to", "+8613800138000", "--json")
    added = told(hongyan("route", "add", "--carrier", "mobile", "--channel", channel, "--weight", "3", "--json"))
    explained = told(hongyan("route", "explain", "--to", "13800138000", "--json"))
    told(hongyan("route", "set", "1", "--state", "stopped", "--json"))
    stopped = hongyan("route", "explain", "--to", "13800138000")
    told(hongyan("route", "remove", "1", "--json"))

    assert before.code == 1
    assert added == [
        {"route_id": 1, "carrier": "mobile", "channel": channel, "priority": 1, "weight": 3, "state": "active"}
    ]
    assert (explained["recipient"], explained["carrier"], explained["reseller"]) == ("+8613800138000", "mobile", False)
    assert [(route["channel"], route["share"]) for route in explained["routes"]] == [(channel, 1.0)]
    assert stopped.code == 1
    assert "the route is stopped" in stopped.out
    assert told(hongyan("route", "list", "--json")) == []


def test_a_number_abroad_is_explained(hongyan: Hongyan, channel: str) -> None:
    assert hongyan("route", "add", "--carrier", "international", "--channel", channel).code == 0
    explained = hongyan("route", "explain", "--to", "+447911123456")

    assert explained.out.startswith("+447911123456 is abroad\n")
    assert channel in explained.out


def test_a_channel_that_its_carrier_holds_back_says_so(hongyan: Hongyan, channel: str, database_url: str) -> None:
    async def beat() -> None:
        connection = await connect(database_url)
        try:
            await connection.execute(
                "INSERT INTO role_heartbeats (instance, role, pid, started_at, seen_at, detail)"
                " VALUES ('g', 'gateway', 1, now(), now(), $1)",
                '{"channels": {"mobile-1": {"bound": 1, "links": 1, "speed_now": 60}}}',
            )
        finally:
            await connection.close()

    asyncio.run(beat())

    assert "60/100 限速中" in hongyan("channel", "list").out
    assert "60/100 segments a second 限速中" in hongyan("channel", "show", channel).out
    assert told(hongyan("channel", "show", channel, "--json"))["speed_now"] == 60


@pytest.mark.parametrize(
    "number, words",
    [
        ("12345", "12345 is not a mobile number."),
        ("1440012345678", "1440012345678 is a machine's 13-digit number"),
        ("13491234567", "satellite"),
        ("19412345678", "given to no carrier"),
        ("+442071838750", "no mobile number of its country"),
    ],
)
def test_a_number_without_a_route_is_explained_too(hongyan: Hongyan, number: str, words: str) -> None:
    ran = hongyan("route", "explain", "--to", number)

    assert ran.code == 1
    assert words in ran.err


def test_money_is_moved_told_and_proved(hongyan: Hongyan, demo: str) -> None:
    recharged = told(hongyan("balance", "recharge", demo, "--yuan", "20", "--note", "转账", "--json"))
    adjusted = told(hongyan("balance", "adjust", demo, "--yuan", "-0.045", "--note", "one too many", "--json"))
    shown = told(hongyan("balance", "show", demo, "--json"))
    page = told(hongyan("balance", "statement", demo, "--limit", "2", "--json"))
    rest = told(hongyan("balance", "statement", demo, "--before", page["next_before"], "--json"))

    assert recharged["available"] == 120_000
    assert adjusted == shown == {"account": demo, "available": 119_955, "held": 0, "overdraft_limit": 0}
    assert [(entry["entry"], entry["available_change"], entry["note"]) for entry in page["entries"]] == [
        ("adjustment", -45, "one too many"),
        ("recharge", 20_000, "转账"),
    ]
    assert [entry["entry"] for entry in rest["entries"]] == ["trial"]
    assert told(hongyan("balance", "verify", "--json")) == []
    assert hongyan("balance", "verify").err == "the money adds up\n"


def test_a_second_trial_is_refused_with_what_to_do(hongyan: Hongyan, demo: str) -> None:
    ran = hongyan("balance", "trial", demo, "--yuan", "1")

    assert ran.code == 1
    assert ran.err == (
        "hongyan: The account has had its trial credit. Recharge the account instead: hongyan balance recharge\n"
    )


def test_a_refusal_is_one_line_with_the_way_out(hongyan: Hongyan) -> None:
    ran = hongyan("account", "show", "nobody")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == ("hongyan: There is no account named nobody. See which there are: hongyan account list\n")


def test_a_refusal_in_json_names_code_fields_and_remedy(hongyan: Hongyan) -> None:
    refused = error(hongyan("channel", "add", "two words", *CHANNEL, "--password", "x", "--links", "99", "--json"))
    missing = error(hongyan("key", "disable", "AKIDnone", "--json"))

    assert refused["code"] == "channel.invalid"
    assert [field["field"] for field in refused["fields"]] == ["name", "links"]
    assert (missing["code"], missing["details"]) == ("key.not_found", {"secret_id": "AKIDnone"})
    assert missing["remedy"] == "See which there are: hongyan key list --account NAME"


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["account", "create", "demo"], "--price"),
        (["account", "create", "demo", "--price", "x"], "--price"),
        (["account", "set", "demo"], "give what is to change"),
        (["channel", "set", "mobile-1"], "give what is to change"),
        (["channel", "set", "mobile-1", "--setting", "tls"], "tls is not NAME=VALUE"),
        (["route", "set", "1"], "give what is to change"),
        (["route", "add", "--carrier", "nobody", "--channel", "c"], "mobile, unicom, telecom, broadnet, international"),
        (["template", "register", "x{1}x", "--account", "demo", "--kind", "spam"], "verification, notification"),
        (["balance", "recharge", "demo", "--yuan", "1,5"], "three decimals"),
        (["balance", "adjust", "demo", "--yuan", "1"], "--note"),
    ],
)
def test_wrong_usage_is_told_from_a_refusal(hongyan: Hongyan, arguments: list[str], words: str) -> None:
    ran = hongyan(*arguments)

    assert ran.code == 2
    assert words in ran.err


def test_a_channel_tells_how_many_links_are_bound(hongyan: Hongyan, channel: str) -> None:
    assert told(hongyan("channel", "show", channel, "--json"))["links_bound"] == 0
    assert "links bound  0 of 1\n" in hongyan("channel", "show", channel).out


def test_a_hint_can_be_pasted_whatever_the_name(hongyan: Hongyan) -> None:
    created = hongyan("account", "create", "two words", "--price", "45")
    assert created.err == "it sends with a key: hongyan key create --account 'two words'\n"


def test_a_database_url_that_is_none_is_one_line(hongyan: Hongyan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HONGYAN_DATABASE__URL", "nonsense")

    ran = hongyan("account", "list")

    assert ran.code == 2
    assert ran.err.startswith("hongyan: database.url: cannot use nonsense: ")


def test_an_own_database_that_is_away_is_named_without_its_password(
    hongyan: Hongyan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HONGYAN_DATABASE__URL", "postgresql://me:secret@127.0.0.1:1/x")

    ran = hongyan("account", "list")

    assert ran.code == 3
    assert ran.err == ("hongyan: the database postgresql://me:***@127.0.0.1:1/x does not answer; is it running?\n")
