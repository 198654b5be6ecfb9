"""Exit codes, and how an error is told."""

import json
import subprocess
import sys

import pytest

from hongyan.cli.context import CommonOptions, common_options
from hongyan.cli.main import exit_code_of, tell_error
from hongyan.db.errors import DatabaseUnavailable, DataDirectoryLocked
from hongyan.kit.errors import Error
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
