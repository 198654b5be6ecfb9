"""Exit codes, and how an error is told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hongyan.cli.context import CommonOptions, common_options
from hongyan.cli.main import build, exit_code_of, tell_error
from hongyan.db.errors import DatabaseUnavailable, DataDirectoryLocked
from hongyan.kit.errors import Error
from hongyan.kit.fields import FieldProblem, InvalidFields
from hongyan.runtime.errors import ConfigurationInvalid, PlatformNotRunning


@pytest.mark.parametrize(
    "error, code",
    [
        (DataDirectoryLocked(), 1),
        (ConfigurationInvalid(), 2),
        (DatabaseUnavailable(), 3),
        (PlatformNotRunning(), 3),
    ],
)
def test_the_exit_code_says_what_sort_of_failure_it_was(error: Error, code: int) -> None:
    assert exit_code_of(error) == code


def test_an_error_is_one_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    tell_error(DataDirectoryLocked("var is in use"))
    assert capsys.readouterr().err == "hongyan: var is in use\n"


def test_several_wrong_values_are_told_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    tell_error(InvalidFields([FieldProblem("port", "Give 1 to 65535."), FieldProblem("host", "Give a host name.")]))
    assert capsys.readouterr().err == (
        "hongyan: some values cannot be accepted:\n  port: Give 1 to 65535.\n  host: Give a host name.\n"
    )


def test_an_error_is_an_object_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    token = common_options.set(CommonOptions(as_json=True))
    tell_error(Error("no", port=80))
    common_options.reset(token)
    told = json.loads(capsys.readouterr().err)["error"]
    assert (told["code"], told["message"], told["details"]) == ("error", "no", {"port": 80})


def test_the_help_of_all_imports_no_command() -> None:
    program = "import sys; from hongyan.cli.main import build\nbuild(['--help']); print('asyncpg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_every_line_of_help_is_whole() -> None:
    for group in ("account", "key", "signature", "template", "channel", "route", "message", "balance", "config"):
        told = CliRunner().invoke(build([group]), [group, "--help"]).output
        assert "...\n" not in told.split("Commands:")[1], group


@pytest.mark.parametrize("arguments", [["--data", "here", "config", "show"], ["config", "show", "--data", "here"]])
def test_common_options_stand_before_a_command_or_behind_it(arguments: list[str]) -> None:
    told = CliRunner().invoke(build(arguments), arguments).output
    assert told.startswith(f'data_dir = "{Path("here").absolute()}"\n')
