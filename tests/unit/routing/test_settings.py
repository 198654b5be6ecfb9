"""Which settings a channel may have, and what they may hold."""

from collections.abc import Mapping

import msgspec
import pytest

from hongyan.carriers.settings import DEFAULTS, ChannelSettings
from hongyan.kit.fields import FieldChecks
from hongyan.routing.errors import ChannelInvalid
from hongyan.routing.settings import SECRETS, SETTINGS, check_settings, family_of, settings_for

FAMILIES = ("cmpp", "sgip", "smgp", "smpp")


def checked(protocol: str, given: Mapping[str, object]) -> ChannelSettings:
    checks = FieldChecks()
    settings = check_settings(checks, protocol, given)
    checks.raise_as(ChannelInvalid)
    return settings


def problems(protocol: str, given: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(ChannelInvalid) as caught:
        checked(protocol, given)
    return {problem.field: problem.problem for problem in caught.value.problems}


def test_every_setting_is_explained_for_some_protocol_and_every_explanation_has_its_setting() -> None:
    assert {setting.name for setting in SETTINGS} == set(ChannelSettings.__struct_fields__)
    assert {family for setting in SETTINGS for family in setting.families.split()} == set(FAMILIES)
    assert set(ChannelSettings.__struct_fields__) >= SECRETS


@pytest.mark.parametrize("family", FAMILIES)
def test_a_protocol_reads_a_setting_in_one_way_and_its_default_is_sound(family: str) -> None:
    names = [setting.name for setting in SETTINGS if family in setting.families.split()]
    assert len(names) == len(set(names))
    for name, setting in settings_for(family).items():
        assert name == "node" or setting.demand.holds(getattr(DEFAULTS, name)), name


@pytest.mark.parametrize("protocol, family", [("cmpp20", "cmpp"), ("sgip12", "sgip"), ("smpp34", "smpp"), ("x", "x")])
def test_the_versions_of_a_protocol_share_their_settings(protocol: str, family: str) -> None:
    assert family_of(protocol) == family


def test_nothing_given_leaves_the_defaults() -> None:
    assert checked("smpp34", {}) == DEFAULTS


def test_values_may_be_given_as_text_or_as_what_they_are() -> None:
    as_text = {"heartbeat_idle_seconds": "45", "heartbeat_tries": "5", "tls": "true", "source_ton": "none"}
    as_is = {"heartbeat_idle_seconds": 45, "heartbeat_tries": 5, "tls": True, "source_ton": None}

    assert checked("smpp34", as_text) == checked("smpp34", as_is)
    assert checked("smpp34", as_text).heartbeat_idle_seconds == 45.0


def test_none_stands_for_the_default() -> None:
    assert checked("cmpp30", {"long_text": None, "fee_code": "10"}) == ChannelSettings(fee_code="10")


@pytest.mark.parametrize(
    "protocol, name, value",
    [
        ("cmpp30", "heartbeat_idle_seconds", "0.5"),
        ("cmpp30", "heartbeat_idle_seconds", "soon"),
        ("cmpp30", "heartbeat_tries", "2.5"),
        ("cmpp30", "heartbeat_tries", True),
        ("cmpp30", "heartbeat_tries", 11),
        ("cmpp30", "response_timeout_seconds", 601),
        ("cmpp30", "extension_digits_max", -1),
        ("cmpp30", "text_coding", "utf8"),
        ("cmpp30", "text_coding", ""),
        ("cmpp30", "plain_coding", "gsm7"),
        ("cmpp30", "long_text", "sar"),
        ("cmpp30", "fee_user_type", 4),
        ("cmpp30", "fee_type", "001"),
        ("cmpp30", "fee_code", "1.5"),
        ("cmpp30", "fee_terminal_id", "１３８"),
        ("cmpp30", "msg_src", "9012345"),
        ("smgp30", "msg_src", "901234567"),
        ("smgp30", "login_mode", "duplex"),
        ("smpp34", "bind_mode", "receiver"),
        ("smpp34", "system_type", "thirteen char"),
        ("smpp34", "source_ton", 7),
        ("smpp34", "tls", "perhaps"),
        ("smpp34", "tls", 2),
        ("smpp34", "id_form", ["same"]),
    ],
)
def test_a_wrong_value_is_named(protocol: str, name: str, value: object) -> None:
    assert list(problems(protocol, {name: value})) == [f"settings.{name}"]


def test_all_wrong_values_are_named_at_once_and_say_what_they_have_to_be() -> None:
    assert problems("smpp34", {"dest_ton": 9, "long_text": "udh", "tls_verify": "x"}) == {
        "settings.dest_ton": "Give 0 to 6.",
        "settings.long_text": "Give udh8, udh16, sar or payload.",
        "settings.tls_verify": "Give true or false.",
    }


def test_a_setting_of_another_protocol_is_refused_with_those_that_apply() -> None:
    told = problems("sgip12", {"node": 3075512345, "heartbeat_tries": 3, "tls": "true"})

    assert list(told) == ["settings.heartbeat_tries", "settings.tls"]
    assert told["settings.tls"].startswith("SGIP has no such setting; these apply: bind_timeout_seconds, corp_id, ")


def test_an_unknown_setting_is_refused() -> None:
    assert problems("cmpp20", {"heartbeat": 3})["settings.heartbeat"].startswith("There is no such setting; these ")


@pytest.mark.parametrize("given", [{}, {"node": None}, {"node": 0}, {"node": 2**32}, {"node": "abc"}])
def test_sgip_needs_a_node_number(given: Mapping[str, object]) -> None:
    assert problems("sgip12", given) == {"settings.node": "Give 1 to 4294967295."}


def test_the_largest_node_number_is_one_of_32_bits() -> None:
    assert checked("sgip12", {"node": "4294967295"}).node == 2**32 - 1


def test_defaults_are_told_in_words() -> None:
    told = {name: setting.default_words for name, setting in settings_for("smpp34").items()}

    assert (told["tls"], told["tls_verify"], told["dest_ton"], told["system_type"]) == ("false", "true", "1", "")
    assert (told["heartbeat_idle_seconds"], told["long_text"], told["source_ton"]) == ("30", "udh8", "by its form")


def test_what_is_kept_is_what_differs_from_the_defaults() -> None:
    kept = msgspec.to_builtins(checked("cmpp30", {"long_text": "udh16", "heartbeat_tries": 3}))

    assert kept == {"long_text": "udh16"}
