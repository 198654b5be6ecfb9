"""What the simulator can be told, and what it refuses."""

from typing import Any

import msgspec
import pytest

from hongyan.simulator.config import CarrierConfig, DialBack, SimulatorConfig, Speech, Version, demo_config

_CARRIER: dict[str, Any] = {"name": "mobile", "port": 17890, "logins": [{"login": "910001", "password": "secret"}]}


def test_the_demonstration_has_a_carrier_of_each_protocol_on_ports_in_a_row() -> None:
    config = demo_config("0123456789abcdef")

    shown = [(carrier.name, carrier.port, carrier.protocol) for carrier in config.carriers]
    assert shown == [
        ("mobile", 17890, Speech.CMPP),
        ("unicom", 17891, Speech.SGIP),
        ("telecom", 17892, Speech.SMGP),
        ("international", 17893, Speech.SMPP),
    ]
    assert [len(carrier.logins[0].password) for carrier in config.carriers] == [16, 16, 15, 8]
    assert config.phones.port == 18080
    assert {carrier.host for carrier in config.carriers} == {"127.0.0.1"}


def test_only_unicom_dials_back_and_answers_on_our_connections_where_it_cannot() -> None:
    dial_back = DialBack(host="127.0.0.1", port=17894)
    with_it, without = demo_config("secret", dial_back=dial_back), demo_config("secret")

    assert [carrier.logins[0].dial_back for carrier in with_it.carriers] == [None, dial_back, None, None]
    assert [carrier.logins[0].same_connection for carrier in with_it.carriers] == [False] * 4
    assert [carrier.logins[0].same_connection for carrier in without.carriers] == [False, True, False, False]


def test_a_carrier_can_be_read_from_data() -> None:
    cmpp = {"versions": ["2.0"], "report_size": 60}
    data = {**_CARRIER, "cmpp": cmpp, "delivery_delay": {"min_seconds": 0, "max_seconds": 1}}

    carrier = msgspec.convert(data, CarrierConfig)

    assert carrier.cmpp.versions == (Version.CMPP_2_0,)
    assert carrier.delivery_delay.max_seconds == 1
    assert carrier.cmpp.report_size == 60


@pytest.mark.parametrize(
    "wrong, named",
    [
        ({"cmpp": {"report_size": 61}}, "report_size is 60 or 71"),
        ({"port": 65536}, "port"),
        ({"window": 5}, "unknown field `window`"),
        ({"cmpp": {"versions": []}}, "versions"),
        ({"cmpp": {"versions": ["4.0"]}}, "4.0"),
        ({"delivery_delay": {"min_seconds": 2, "max_seconds": 1}}, "upwards"),
        ({"logins": [{"login": "9100011", "password": "x"}]}, "9100011 has more than the 6 characters of cmpp"),
        ({"protocol": "smpp", "logins": [{"login": "a", "password": "123456789"}]}, "more than the 8 of smpp"),
        ({"protocol": "smtp"}, "protocol"),
        ({"logins": [{"login": "910001", "password": "x"}] * 2}, "has a login twice"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=named):
        msgspec.convert({"carriers": [{**_CARRIER, **wrong}]}, SimulatorConfig)
