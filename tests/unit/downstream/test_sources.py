"""From which numbers a login may send."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from hongyan.accounts.model import Account, AccountState, Payment, UnregisteredPolicy
from hongyan.accounts.protocol_login import Family, LoginState, ProtocolLogin
from hongyan.carriers.downstream.settings import LoginSettings
from hongyan.downstream.sources import extension_for
from hongyan.routing.model import Channel

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def an_account(extension: str) -> Account:
    return Account(
        account_id=1,
        name="demo",
        state=AccountState.ACTIVE,
        payment=Payment.PREPAID,
        price_per_segment=45,
        unregistered=UnregisteredPolicy.REFUSE,
        extension=extension,
        created_at=NOW,
    )


def a_login(*sources: str) -> ProtocolLogin:
    return ProtocolLogin(
        login_id=1,
        account_id=1,
        family=Family.CMPP,
        name="106001",
        state=LoginState.ACTIVE,
        ip_allow=(),
        links_max=1,
        window_size=16,
        speed_per_second=100,
        sources=sources,
        settings=LoginSettings(),
        created_at=NOW,
        last_bound_at=None,
        password="pass1234",
        reverse_password="pass1234",
    )


CHANNELS = [
    cast("Channel", SimpleNamespace(src_id="10690001", is_active=True)),
    cast("Channel", SimpleNamespace(src_id="10655", is_active=False)),
]


@pytest.mark.parametrize(
    "source, extension",
    [
        ("", ""),
        ("1069000188", ""),
        ("106900018801", "01"),
        ("+1069000188", ""),
        ("88", ""),
        ("8801", "01"),
        ("10690001", None),
        ("1065588", None),
        ("106900018x", None),
        ("１０６９０００１８８", None),
    ],
)
def test_without_sources_of_its_own_a_login_sends_under_its_accounts_extension(
    source: str, extension: str | None
) -> None:
    assert extension_for(source, a_login(), an_account("88"), CHANNELS) == extension


@pytest.mark.parametrize(
    "source, extension", [("10690001", ""), ("1069000101", "01"), ("10655", None), ("8", None), ("", "")]
)
def test_without_an_extension_it_sends_from_the_channels_numbers(source: str, extension: str | None) -> None:
    assert extension_for(source, a_login(), an_account(""), CHANNELS) == extension


@pytest.mark.parametrize(
    "source, extension", [("10690", ""), ("106901", "1"), ("10690555", ""), ("106905551", "1"), ("1068", None)]
)
def test_the_longest_source_that_fits_decides(source: str, extension: str | None) -> None:
    assert extension_for(source, a_login("10690", "10690555"), an_account("88"), CHANNELS) == extension
