"""What channels and routes may look like."""

import msgspec
import pytest

from hongyan.routing.errors import ChannelInvalid, RouteInvalid
from hongyan.routing.rules import ChannelDraft, check_channel, check_route

GOOD = ChannelDraft(protocol="cmpp20", host="127.0.0.1", port=7890, login="901234", src_id="10690001")


def problem_fields(name: str, password: str | None, **changed: object) -> list[str]:
    with pytest.raises(ChannelInvalid) as caught:
        check_channel(name, msgspec.structs.replace(GOOD, **changed), password)
    return [problem.field for problem in caught.value.problems]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"protocol": "cmpp30"},
        {"host": "ismg.example.com"},
        {"host": "2001:db8::1"},
        {"port": 1},
        {"port": 65535},
        {"login": "a"},
        {"src_id": "1" * 20},
        {"service_id": "HELP"},
        {"links": 32},
        {"window_size": 1024},
        {"speed_per_second": 100_000},
    ],
)
def test_a_sound_channel_is_accepted(changed: dict[str, object]) -> None:
    check_channel("移动-1", msgspec.structs.replace(GOOD, **changed), "secret")


@pytest.mark.parametrize(
    "field, value",
    [
        ("protocol", "cmpp"),
        ("protocol", ""),
        ("host", ""),
        ("host", "cmpp://127.0.0.1"),
        ("host", "two hosts"),
        ("host", "h" * 254),
        ("port", 0),
        ("port", 65536),
        ("login", ""),
        ("login", "9012345"),
        ("login", "企业"),
        ("src_id", ""),
        ("src_id", "106x"),
        ("src_id", "１０６"),
        ("src_id", "1" * 21),
        ("service_id", "x" * 11),
        ("service_id", "业务"),
        ("links", 0),
        ("links", 33),
        ("window_size", 0),
        ("window_size", 1025),
        ("speed_per_second", 0),
        ("speed_per_second", 100_001),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    assert problem_fields("mobile-1", "secret", **{field: value}) == [field]


@pytest.mark.parametrize("name", ["", "two words", "n" * 33, "a\nb"])
def test_a_wrong_name_is_named(name: str) -> None:
    assert problem_fields(name, "secret") == ["name"]


@pytest.mark.parametrize("password", ["", "x" * 65, "密码", "a\x00b"])
def test_a_wrong_password_is_named(password: str) -> None:
    assert problem_fields("mobile-1", password) == ["password"]


def test_a_password_that_is_not_given_is_not_looked_at() -> None:
    check_channel("mobile-1", GOOD, None)


def test_all_wrong_fields_are_named_at_once() -> None:
    assert problem_fields("", "", protocol="x", port=0) == ["name", "protocol", "port", "password"]


@pytest.mark.parametrize("priority, weight", [(1, 1), (1000, 1000), (None, None)])
def test_a_sound_route_is_accepted(priority: int | None, weight: int | None) -> None:
    check_route(priority, weight)


@pytest.mark.parametrize("priority, weight, field", [(0, 1, "priority"), (1001, 1, "priority"), (1, 0, "weight")])
def test_a_wrong_route_is_named(priority: int, weight: int, field: str) -> None:
    with pytest.raises(RouteInvalid) as caught:
        check_route(priority, weight)

    assert [problem.field for problem in caught.value.problems] == [field]


@pytest.mark.parametrize(
    "protocol, login, password, src_id, service_id",
    [
        ("cmpp30", "901234", "x" * 64, "1" * 20, "A" * 10),
        ("sgip12", "x" * 16, "x" * 16, "1069", "A" * 10),
        ("smgp30", "x" * 8, "x" * 15, "1069", "A" * 10),
        ("smpp34", "x" * 15, "x" * 8, "Hongyan", "CMT"),
        ("smpp34", "esme", "x", "+447700900123", ""),
        ("smpp34", "esme", "x", "1" * 20, ""),
    ],
)
def test_fields_may_be_as_long_as_their_protocol_has_room_for(
    protocol: str, login: str, password: str, src_id: str, service_id: str
) -> None:
    settings = {"node": 3_010_000_001} if protocol == "sgip12" else {}
    draft = msgspec.structs.replace(
        GOOD, protocol=protocol, login=login, src_id=src_id, service_id=service_id, settings=settings
    )

    assert check_channel("c", draft, password).node in (0, 3_010_000_001)


@pytest.mark.parametrize(
    "protocol, login, password, src_id, service_id",
    [
        ("cmpp30", "9012345", "x" * 65, "Hongyan", "A" * 11),
        ("sgip12", "x" * 17, "x" * 17, "+1069", "A" * 11),
        ("smgp30", "x" * 9, "x" * 16, "1" * 21, "A" * 11),
        ("smpp34", "x" * 16, "x" * 9, "Hongyan Cloud", "A" * 6),
    ],
)
def test_fields_longer_than_that_are_named(
    protocol: str, login: str, password: str, src_id: str, service_id: str
) -> None:
    told = problem_fields(
        "c",
        password,
        protocol=protocol,
        login=login,
        src_id=src_id,
        service_id=service_id,
        settings={"node": 1} if protocol == "sgip12" else {},
    )

    assert told == ["login", "src_id", "service_id", "password"]
