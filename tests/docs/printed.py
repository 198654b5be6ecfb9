"""The pages that are printed from the program itself: the command line, the settings, the errors."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any, Final

import typer
from typer.testing import CliRunner

import hongyan
from hongyan.cli import main as command_line
from hongyan.http.market.codes import remedy
from hongyan.http.problems import STATUSES
from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import InvalidFields
from hongyan.pipeline.submission import SubmissionRefused
from hongyan.runtime.config_text import example_text

from .protocols import PAGE as PROTOCOLS
from .protocols import protocols_page

_COMMON: Final = ("--data DIR ", "--config FILE ", "--json ", "--help ")
_PRINTED: Final = "<!-- Printed by `python -m tests.docs`; change the program, not this page. -->\n"

_CLI_HEAD: Final = f"""\
# The command line

{_PRINTED}
`hongyan NOUN VERB`, with these options before the noun or behind the verb:

| option | |
| --- | --- |
| `--data DIR` | the platform's data directory; without it `./var` if Hongyan made that, else `/var/lib/hongyan/data` for root and `~/.local/share/hongyan` for others |
| `--config FILE` | the [settings file](configuration.md); without it `hongyan.toml` in the data directory, if there is one |
| `--json` | print JSON to standard output; errors are `{{"error": {{"code": …, "message": …, "remedy": …, "fields": […], "details": {{…}}}}}}` on standard error, with the [codes of all errors](errors.md). Money in JSON is 厘 (1/1000 yuan) |
| `--help` | what there is |

What a command finds goes to standard output, what it has to say about it to standard error.

## Exit codes

| code | |
| --- | --- |
| 0 | done |
| 1 | refused or failed: the message says why |
| 2 | wrong usage or configuration: the message names the option or key |
| 3 | unavailable: the platform or its database does not answer; try again |
| 130 | interrupted |

Some commands answer a question with theirs; it stands in their text below.
"""

_CONFIGURATION_HEAD: Final = f"""\
# Settings

{_PRINTED}
`hongyan config example` prints this file, `hongyan config check` checks yours, `hongyan config show` tells what is in force. Options of the command line
win over the environment, the environment wins over the file, and the file over the defaults. A key that is not here is refused.

Accounts, content, channels, routes and prices are no settings: they live in the database and change while Hongyan runs ([the command line](cli.md)).
"""

_ERRORS_HEAD: Final = f"""\
# Errors

{_PRINTED}
Every error that Hongyan raises on purpose has a code that stays, and a kind. Details (names, limits, ids) come with it where there are any.

| kind | exit code | HTTP status |
| --- | --- | --- |
"""


_ERRORS_TABLE: Final = """
Wrong configuration (`config.invalid`) ends a command with 2. Where the market API can answer with an error, its [status](market-api.md#answers) is given;
there, business failures are HTTP 200. Where nothing stands under "what to do", the message of the case itself says it.

| code | kind | status | text | what to do |
| --- | --- | --- | --- | --- |
"""


def cli_page() -> str:
    """Return the page of the command line: every command's help, without the options that all have."""
    return _CLI_HEAD + "".join(
        f"\n## {name}\n{about}" + "".join(f"\n```text\n{_help(arguments)}\n```\n" for arguments in commands)
        for name, about, commands in _groups()
    )


def configuration_page() -> str:
    """Return the page of the settings."""
    return f"{_CONFIGURATION_HEAD}\n```toml\n{example_text()}```\n"


def errors_page() -> str:
    """Return the page of all errors."""
    kinds = [
        f"| {kind.value} | {3 if kind is ErrorKind.UNAVAILABLE else 1} | {STATUSES[kind]} |\n" for kind in ErrorKind
    ]
    rows = [
        f"| `{error.code}` | {error.kind.value} | {_market_status(error)} | {_text(error)} | {what_to_do(error)} |\n"
        for error in sorted(errors(), key=lambda error: error.code)
    ]
    return "".join([_ERRORS_HEAD, *kinds, _ERRORS_TABLE, *rows])


PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/cli.md": cli_page,
    "docs/configuration.md": configuration_page,
    "docs/errors.md": errors_page,
    PROTOCOLS: protocols_page,
}


def errors() -> list[type[Error]]:
    """Return the class of every error that can be met."""
    for module in pkgutil.walk_packages(hongyan.__path__, "hongyan."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return [error for error in _below(Error) if error.__module__.startswith("hongyan.") and "code" in vars(error)]


def what_to_do(error: type[Error]) -> str:
    """Return how an error is mended."""
    if error.remedy:
        return error.remedy
    if issubclass(error, InvalidFields):
        return "Mend the fields that the message names, as it says."
    if issubclass(error, SubmissionRefused):
        told = remedy(error())[1].rpartition(" / ")[2].rpartition(": ")[2]
        return f"{told[0].upper()}{told[1:]}."
    return ""


def _market_status(error: type[Error]) -> str:
    return remedy(error())[0].value if issubclass(error, SubmissionRefused) else ""


def _groups() -> Iterator[tuple[str, str, list[list[str]]]]:
    """Yield each noun with what it is about, unless its one command says that, and its commands."""
    for name in command_line.names():
        command = _commands(command_line.build([name]))[name]
        verbs = list(_verbs([name], command))
        if getattr(command, "invoke_without_command", False):
            verbs.insert(0, [name])
        yield name, f"\n{command.help}\n" if verbs else "", verbs or [[name]]


def _verbs(words: list[str], command: Any) -> Iterator[list[str]]:
    """Yield the words of each command of a group, and of the groups in it."""
    for verb, below in getattr(command, "commands", {}).items():
        inner = list(_verbs([*words, verb], below))
        yield from inner or [[*words, verb]]


def _commands(app: typer.Typer) -> dict[str, Any]:
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return commands


def _help(arguments: list[str]) -> str:
    app = command_line.build(arguments)
    told: str = CliRunner().invoke(app, [*arguments, "--help"], prog_name="hongyan").output
    lines = [line.rstrip() for line in told.splitlines() if not line.lstrip().startswith(_COMMON)]
    return "\n".join(lines).removesuffix("Options:").strip()


def _text(error: type[Error]) -> str:
    return (error.__doc__ or "").strip().splitlines()[0]


def _below(error: type[Error]) -> Iterator[type[Error]]:
    for child in error.__subclasses__():
        yield child
        yield from _below(child)
