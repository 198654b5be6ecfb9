"""Commands of a group: common options everywhere, coroutines run."""

import pytest
import typer
from typer.testing import CliRunner

from hongyan.cli.context import common_options
from hongyan.cli.group import Group


@pytest.fixture
def group() -> Group:
    """A group with a plain and an async command."""
    group = Group("Greetings.")

    @group.verb("greet")
    def greet(name: str, loudly: bool = typer.Option(False)) -> None:  # noqa: FBT001, FBT003 - an option
        """Greet somebody."""
        typer.echo(f"hello {name}{'!' if loudly else ''} {common_options.get().as_json}")

    @group.verb("wait")
    async def wait() -> None:
        """Wait for somebody."""
        typer.echo(f"waited {common_options.get().data}")

    return group


@pytest.mark.parametrize(
    "arguments, printed",
    [
        (["greet", "Ann"], "hello Ann False\n"),
        (["greet", "Ann", "--loudly", "--json"], "hello Ann! True\n"),
        (["greet", "--json", "Ann"], "hello Ann True\n"),
        (["wait", "--data", "some where"], "waited some where\n"),
    ],
)
def test_a_command_takes_its_own_and_the_common_options(group: Group, arguments: list[str], printed: str) -> None:
    assert CliRunner().invoke(group, arguments).output == printed


def test_the_help_is_the_docstring_and_names_the_common_options(group: Group) -> None:
    told = CliRunner().invoke(group, ["greet", "--help"]).output
    assert "Greet somebody." in told
    for option in ("--loudly", "--data DIR", "--config FILE", "--json"):
        assert option in told


def test_what_is_missing_is_a_wrong_usage(group: Group) -> None:
    assert CliRunner().invoke(group, ["greet"]).exit_code == 2
