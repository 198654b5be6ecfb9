"""What protocol logins may look like."""

from collections.abc import Callable

import pytest

from hongyan.accounts.errors import LoginInvalid
from hongyan.accounts.login_rules import (
    PASSWORD_OCTETS_MAX,
    SETTINGS_OF,
    check_login_name,
    check_numbers,
    check_password,
    check_sources,
    read_settings,
)
from hongyan.accounts.login_service import fresh_password
from hongyan.accounts.protocol_login import Family
from hongyan.carriers.downstream import SERVERS
from hongyan.carriers.downstream.settings import LoginSettings
from hongyan.kit.fields import FieldChecks

DEFAULTS = LoginSettings()


def problems_of(check: Callable[[FieldChecks], None]) -> list[str]:
    checks = FieldChecks()
    check(checks)
    try:
        checks.raise_as(LoginInvalid)
    except LoginInvalid as error:
        return [problem.field for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "family, name, fits",
    [
        ("cmpp", "106001", True),
        ("cmpp", "1060011", False),
        ("smgp", "12345678", True),
        ("smgp", "123456789", False),
        ("sgip", "s" * 16, True),
        ("sgip", "s" * 17, False),
        ("smpp", "s" * 15, True),
        ("smpp", "s" * 16, False),
        ("cmpp", "", False),
        ("cmpp", "10 01", False),
        ("smpp", "用户", False),
    ],
)
def test_a_name_fits_the_field_of_its_protocol(family: str, name: str, *, fits: bool) -> None:
    assert (not problems_of(lambda checks: check_login_name(checks, Family(family), name))) is fits


@pytest.mark.parametrize("family", Family)
def test_a_fresh_password_is_as_long_as_the_protocol_allows(family: Family) -> None:
    password = fresh_password(family)
    assert len(password) == min(15, PASSWORD_OCTETS_MAX[family])
    assert not problems_of(lambda checks: check_password(checks, family, password))


def test_a_password_that_no_bind_can_carry_is_refused_without_quoting_it() -> None:
    checks = FieldChecks()
    check_password(checks, Family.SMPP, "longer-than-8")
    with pytest.raises(LoginInvalid) as caught:
        checks.raise_as(LoginInvalid)
    assert "longer" not in str(caught.value)
    assert "6 to 8" in str(caught.value)


def test_every_wrong_number_is_named() -> None:
    assert problems_of(lambda checks: check_numbers(checks, 0, 1025, 100_001)) == [
        "links_max",
        "window_size",
        "speed_per_second",
    ]
    assert not problems_of(lambda checks: check_numbers(checks, 64, 1024, 100_000))


def test_sources_are_digits() -> None:
    assert not problems_of(lambda checks: check_sources(checks, ["1069000188"]))
    assert problems_of(lambda checks: check_sources(checks, ["1069x", "", "1" * 21])) == ["sources"] * 3


def test_settings_are_read_as_people_write_them() -> None:
    settings = read_settings(Family.CMPP, {"report_size": "60", "versions": "2.0"}, DEFAULTS)
    assert (settings.report_size, settings.versions) == (60, "2.0")
    sgip = read_settings(
        Family.SGIP, {"same_connection": "true", "node": "3010012345", "reverse_port": "8802"}, DEFAULTS
    )
    assert (sgip.same_connection, sgip.node, sgip.reverse_port) == (True, 3010012345, 8802)


def test_an_empty_setting_is_the_default_and_others_stay() -> None:
    before = LoginSettings(report_size=60, versions="3.0")
    assert read_settings(Family.CMPP, {"report_size": ""}, before) == LoginSettings(versions="3.0")


@pytest.mark.parametrize(
    "family, name, value",
    [
        ("cmpp", "report_size", "61"),
        ("cmpp", "versions", "1.0"),
        ("cmpp", "system_type", "x"),
        ("cmpp", "no_such", "x"),
        ("sgip", "same_connection", "perhaps"),
        ("sgip", "reverse_port", "0"),
        ("sgip", "reverse_port", "http"),
        ("sgip", "node", "4294967296"),
        ("sgip", "reverse_host", "a b"),
        ("smpp", "default_alphabet", "utf8"),
        ("smpp", "system_type", "x" * 13),
        ("smgp", "report_size", "60"),
    ],
)
def test_what_does_not_fit_is_named_with_what_would(family: str, name: str, value: str) -> None:
    with pytest.raises(LoginInvalid) as caught:
        read_settings(Family(family), {name: value}, DEFAULTS)
    (problem,) = caught.value.problems
    assert problem.field == name
    assert "give" in problem.problem or "these are" in problem.problem


def test_every_setting_belongs_to_some_protocol() -> None:
    assert frozenset().union(*SETTINGS_OF.values()) == set(LoginSettings.__struct_fields__)
    assert set(SERVERS) <= set(Family)
