"""`hongyan login`, as an operator lets a customer in."""

import pytest

from .conftest import Hongyan
from .test_areas import error, told


@pytest.fixture
def demo(hongyan: Hongyan) -> str:
    assert hongyan("account", "create", "demo", "--price", "45").code == 0
    return "demo"


def test_a_login_is_made_with_a_password_that_is_shown_once(hongyan: Hongyan, demo: str) -> None:
    made = told(hongyan("login", "add", "smpp", "acme", "--account", demo, "--json"))
    shown = hongyan("login", "show", "smpp", "acme")

    assert (made["account"], made["login"]["family"], made["login"]["name"]) == (demo, "smpp", "acme")
    assert len(made["password"]) == 8
    assert made["password"] not in shown.out
    assert "default_alphabet=gsm7" in shown.out


def test_a_given_password_is_never_shown(hongyan: Hongyan, demo: str) -> None:
    made = hongyan("login", "add", "cmpp", "106001", "--account", demo, "--password-file", "-", stdin="pass1234\n")
    assert made.code == 0
    assert "pass1234" not in made.out + made.err


def test_a_login_is_changed_disabled_enabled_and_removed(hongyan: Hongyan, demo: str) -> None:
    hongyan("login", "add", "cmpp", "106001", "--account", demo, "--allow", "10.0.0.0/8", "--source", "1069")
    changed = told(
        hongyan("login", "set", "cmpp", "106001", "--speed", "7", "--set", "report_size=60", "--allow-all", "--json")
    )["login"]
    disabled = told(hongyan("login", "disable", "cmpp", "106001", "--json"))["login"]
    enabled = told(hongyan("login", "enable", "cmpp", "106001", "--json"))["login"]
    removed = hongyan("login", "remove", "cmpp", "106001")
    gone = error(hongyan("login", "show", "cmpp", "106001", "--json"))

    assert (changed["speed_per_second"], changed["settings"], changed["ip_allow"]) == (7, {"report_size": 60}, [])
    assert changed["sources"] == ["1069"]
    assert (disabled["state"], enabled["state"]) == ("disabled", "active")
    assert removed.err == "cmpp 106001 is removed\n"
    assert gone["code"] == "login.not_found"


def test_logins_are_listed_by_account(hongyan: Hongyan, demo: str) -> None:
    hongyan("account", "create", "other", "--price", "45")
    hongyan("login", "add", "cmpp", "106001", "--account", demo)
    hongyan("login", "add", "smgp", "106001", "--account", "other")

    listed = hongyan("login", "list")
    assert [row.split()[:3] for row in listed.out.splitlines()[1:]] == [
        ["cmpp", "106001", "demo"],
        ["smgp", "106001", "other"],
    ]
    assert len(told(hongyan("login", "list", "--account", demo, "--json"))) == 1


def test_another_password_is_given_and_shown_once(hongyan: Hongyan, demo: str) -> None:
    first = told(hongyan("login", "add", "cmpp", "106001", "--account", demo, "--json"))["password"]
    second = told(hongyan("login", "password", "cmpp", "106001", "--json"))["password"]
    assert second != first
    given = hongyan("login", "password", "cmpp", "106001", "--password", "chosen99")
    assert "chosen99" not in given.out


def test_everything_wrong_is_named_with_its_fix(hongyan: Hongyan, demo: str) -> None:
    refused = error(hongyan("login", "add", "cmpp", "1060011", "--account", demo, "--links", "0", "--json"))
    assert [field["field"] for field in refused["fields"]] == ["name", "links_max"]

    setting = hongyan("login", "add", "cmpp", "106001", "--account", demo, "--set", "node=1")
    assert "these are: reply_coding, report_size, versions" in setting.err
    assert hongyan("login", "add", "cmpp", "106001", "--account", demo, "--set", "node").code == 2
    assert hongyan("login", "set", "cmpp", "106001").code == 2


def test_an_account_gets_an_extension(hongyan: Hongyan, demo: str) -> None:
    changed = told(hongyan("account", "set", demo, "--extension", "88", "--json"))
    assert changed["account"]["extension"] == "88"
    assert "extension     88\n" in hongyan("account", "show", demo).out
