"""The codes on the page for customers of the carrier protocols are the program's."""

import importlib

import pytest

from hongyan.accounts.login_rules import NAME_OCTETS_MAX, PASSWORD_OCTETS_MAX, SETTINGS_OF
from hongyan.accounts.protocol_login import Family
from hongyan.carriers.downstream import SERVERS
from hongyan.carriers.downstream.protocol import BindRefusal, Refusal

from .markdown import read

PAGE = "docs/downstream.md"


def bind_rows() -> list[str]:
    """Return the table of why a bind is refused, a column a protocol."""
    return [
        f"| {refusal.value} | {' | '.join(_code(family, SERVERS[family].bind_status(refusal)) for family in SERVERS)} |"
        for refusal in BindRefusal
    ]


def submit_rows() -> list[str]:
    """Return the table of why a submit is refused."""
    tables = {family: importlib.import_module(f"hongyan.carriers.downstream.{family}").RESULTS for family in SERVERS}
    return [
        f"| {refusal.value} | {' | '.join(_code(family, tables[family][refusal]) for family in SERVERS)} |"
        for refusal in Refusal
    ]


def _code(family: str, code: int) -> str:
    return f"`0x{int(code):02X}`" if family == "smpp" else f"{int(code)}"


@pytest.mark.parametrize("row", bind_rows() + submit_rows())
def test_every_code_stands_on_the_page(row: str) -> None:
    assert row in read(PAGE).splitlines()


@pytest.mark.parametrize("family", Family)
def test_every_limit_and_setting_stands_on_the_page(family: Family) -> None:
    page = read(PAGE)
    assert f"{NAME_OCTETS_MAX[family]} and {PASSWORD_OCTETS_MAX[family]}" in page
    assert all(f"`{name}`" in page for name in SETTINGS_OF[family])
