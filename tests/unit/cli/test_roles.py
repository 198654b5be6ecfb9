"""The words of the command line."""

import pytest
import typer

from hongyan.cli.roles import split_address


@pytest.mark.parametrize(
    "text, host, port",
    [
        (None, None, None),
        ("127.0.0.1:8080", "127.0.0.1", "8080"),
        ("[::1]:8080", "::1", "8080"),
        (":8080", None, "8080"),
        ("8080", None, "8080"),
        ("sms.example:80", "sms.example", "80"),
    ],
)
def test_an_address_is_host_and_port(text: str | None, host: str | None, port: str | None) -> None:
    assert split_address(text) == (host, port)


@pytest.mark.parametrize("text", ["localhost", "localhost:", "1.2.3.4:http"])
def test_what_has_no_port_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="HOST:PORT"):
        split_address(text)
