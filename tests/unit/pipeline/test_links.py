"""A channel's connections: how many, which way, how patient, and what makes new ones necessary."""

import ssl
from typing import Any, cast

import msgspec
import pytest

from hongyan.carriers.settings import ChannelSettings
from hongyan.kit.clock import ManualClock
from hongyan.pipeline.links import directions_of, limits_of, make_links, needs_new_links, stamp_by, tls_context_of
from hongyan.routing.model import Channel
from tests.unit.routing.test_table import a_channel


def channel_with(*, protocol: str = "cmpp30", settings: dict[str, Any] | None = None, **fields: object) -> Channel:
    changed: dict[str, Any] = {**fields, "protocol": protocol, "settings": ChannelSettings(**(settings or {}))}
    return msgspec.structs.replace(a_channel(1), **changed)


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": "cmpp20"},
        {"host": "10.0.0.2"},
        {"port": 7891},
        {"login": "901235"},
        {"password": "another"},
        {"links": 2},
        {"settings": {"node": 1}},
        {"settings": {"bind_mode": "transmitter_receiver"}},
        {"settings": {"login_mode": "each"}},
        {"settings": {"system_type": "VMA"}},
        {"settings": {"tls": True}},
    ],
)
def test_what_a_connection_is_made_with_needs_a_new_one(change: dict[str, Any]) -> None:
    assert needs_new_links(channel_with(), channel_with(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"window_size": 32},
        {"speed_per_second": 7},
        {"src_id": "10690002"},
        {"service_id": "NEW"},
        {"settings": {"fee_code": "10", "fee_type": "02", "fee_user_type": 0, "fee_terminal_id": "1"}},
        {"settings": {"text_coding": "gbk", "plain_coding": "ucs2", "long_text": "udh16"}},
        {"settings": {"heartbeat_idle_seconds": 60.0, "heartbeat_tries": 5, "response_timeout_seconds": 30.0}},
        {"settings": {"id_form": "hex_to_decimal", "number_form": "plus", "default_alphabet": "latin1"}},
        {"settings": {"reverse_login": "unicom", "reverse_password": "x"}},
    ],
)
def test_everything_else_is_taken_over_by_the_connection_that_is_up(change: dict[str, Any]) -> None:
    assert not needs_new_links(channel_with(), channel_with(**change))


@pytest.mark.parametrize(
    "protocol, settings, directions",
    [
        ("cmpp30", {}, ("both",)),
        ("smpp34", {}, ("both",)),
        ("smpp34", {"bind_mode": "transmitter_receiver"}, ("send", "receive")),
        ("smgp30", {}, ("both",)),
        ("smgp30", {"login_mode": "send"}, ("send",)),
        ("smgp30", {"login_mode": "receive"}, ("receive",)),
        ("smgp30", {"login_mode": "each"}, ("send", "receive")),
    ],
)
def test_some_carriers_want_a_connection_for_each_way(
    protocol: str, settings: dict[str, Any], directions: tuple[str, ...]
) -> None:
    assert directions_of(channel_with(protocol=protocol, settings=settings)) == directions


def test_submits_go_over_the_connections_for_sending_only() -> None:
    channel = channel_with(protocol="smgp30", settings={"login_mode": "each"}, links=2)
    senders, receivers = make_links(channel, cast("Any", None), ManualClock())

    assert [link.index for link in senders] == [1, 2]
    assert [link.index for link in receivers] == [3, 4]
    assert senders[0].config.name == "channel-1"
    assert make_links(channel_with(links=3), cast("Any", None), ManualClock())[1] == []


def test_a_channel_says_how_patient_its_connections_are() -> None:
    limits = limits_of(channel_with(window_size=40, settings={"heartbeat_tries": 5, "response_timeout_seconds": 30.0}))

    assert (limits.window_size, limits.heartbeat_tries, limits.response_timeout_seconds) == (40, 5, 30.0)
    assert (limits.heartbeat_idle_seconds, limits.bind_timeout_seconds) == (30.0, 10.0)


def test_certificates_are_checked_unless_told_otherwise() -> None:
    checked = tls_context_of(ChannelSettings(tls=True))
    unchecked = tls_context_of(ChannelSettings(tls=True, tls_verify=False))

    assert tls_context_of(ChannelSettings()) is None
    assert checked is not None
    assert unchecked is not None
    assert (checked.verify_mode, checked.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (unchecked.verify_mode, unchecked.check_hostname) == (ssl.CERT_NONE, False)


def test_requests_are_stamped_by_the_time_in_china() -> None:
    clock = ManualClock()
    clock.advance(1_795_342_405 - clock.now())  # 2026-11-22 10:13:25 UTC
    stamp = stamp_by(clock)
    now = clock.monotonic()

    assert stamp(now) == 1122181325
    assert stamp(now + 0.5) == 1122181325
    assert stamp(now + 3600 * 6) == 1123001325
