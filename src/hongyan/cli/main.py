"""The command `hongyan`: which groups there are, and what its exit codes mean.

0    done
1    refused or failed: the message says why
2    wrong usage or configuration: the message names the option or key
3    unavailable: the platform or its database does not answer; try again
130  interrupted
"""

import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Final

import typer

from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import InvalidFields

from .options import ConfigOption, DataOption, JsonOption

EXIT_REFUSED: Final = 1
EXIT_USAGE: Final = 2
EXIT_UNAVAILABLE: Final = 3
EXIT_INTERRUPTED: Final = 130

# Command or group → its module in this package and its line in the help. Modules are imported when used.
_COMMANDS: Final = {
    "up": ("up", "Run the whole platform on this machine."),
    "api": ("roles", "Run the HTTP API alone."),
    "gateway": ("roles", "Run the carrier links alone."),
    "courier": ("roles", "Run the timers alone."),
    "simulator": ("simulator", "Run simulated carriers and phones alone, and tell them what to do."),
    "chaos-proxy": ("chaos_proxy", "Carry TCP connections and spoil them."),
    "send": ("send", "Send a text, over HTTP like any client."),
    "message": ("message", "Follow messages."),
    "reply": ("reply", "Replies: what phones send back."),
    "number": ("number", "Numbers: which phones opted out."),
    "account": ("account", "Accounts: who pays."),
    "key": ("key", "API keys, which sign requests."),
    "login": ("login", "Protocol logins: customers by CMPP, SGIP, SMGP, SMPP."),
    "signature": ("signature", "Signatures: sender names in 【】."),
    "template": ("template", "Templates: registered texts."),
    "channel": ("channel", "Channels: carrier accesses."),
    "route": ("route", "Routes: which carrier over which channel."),
    "balance": ("balance", "Balances and the ledger."),
    "config": ("config", "The settings file."),
    "database": ("database", "The database and its schema."),
}


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        print(f"hongyan {metadata.version('hongyan')}")
        raise typer.Exit


def names() -> list[str]:
    """Return the commands and groups in the order of the help."""
    return list(_COMMANDS)


def build(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line with the one command that the arguments name imported, and the others as stubs."""
    app = typer.Typer(
        help="鸿雁 Hongyan: the self-hosted 106 SMS platform.",
        epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration, 3 unavailable.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    named = _named_command(arguments)
    for name, (module_name, line) in _COMMANDS.items():
        if name != named:
            app.command(name, help=line)(_stub)
            continue
        module: typer.Typer = importlib.import_module(f"hongyan.cli.{module_name}").app
        if found := [command for command in module.registered_commands if command.name == name]:
            app.registered_commands += found
        else:
            app.add_typer(module, name=name, help=line)
    return app


def _named_command(arguments: Sequence[str]) -> str | None:
    """Return the first argument that is neither an option nor the value of one."""
    rest = iter(arguments)
    for argument in rest:
        if argument in ("--data", "--config"):
            next(rest, None)
        elif not argument.startswith("-"):
            return argument
    return None


def _stub() -> None:
    """Stand in the help for a command that is not imported."""


def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the common options before the command too; `group` reads them there."""


def main() -> None:
    """Run the command line; errors with a name become one line and an exit code."""
    try:
        build(sys.argv[1:])(prog_name="hongyan")
    except Error as error:
        tell_error(error)
        sys.exit(exit_code_of(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:  # `hongyan … | head`
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_REFUSED)
    except Exception as error:  # a supervised border: told apart in the next lines
        from hongyan.db.pool import is_unavailable

        if not is_unavailable(error):
            raise
        print(f"hongyan: the database does not answer: {error}", file=sys.stderr)
        sys.exit(EXIT_UNAVAILABLE)


def exit_code_of(error: Exception) -> int:
    """Return the exit code that tells a program what sort of failure it was."""
    from hongyan.runtime.errors import ConfigurationInvalid

    if isinstance(error, ConfigurationInvalid):
        return EXIT_USAGE
    if isinstance(error, Error) and error.kind is ErrorKind.UNAVAILABLE:
        return EXIT_UNAVAILABLE
    return EXIT_REFUSED


def tell_error(error: Error) -> None:
    """Print an error for people, or as JSON when the command was asked for JSON."""
    from .context import common_options

    problems = error.problems if isinstance(error, InvalidFields) else ()
    if common_options.get().as_json:
        import msgspec

        told = {
            "code": error.code,
            "message": error.message,
            "remedy": error.remedy,
            "fields": problems,
            "details": error.details,
        }
        print(msgspec.json.encode({"error": told}).decode(), file=sys.stderr)
    elif len(problems) > 1:
        lines = [f"  {problem.field}: {problem.problem}" for problem in problems]
        print("hongyan: some values cannot be accepted:", *lines, sep="\n", file=sys.stderr)
    else:
        print(f"hongyan: {error.message}{f' {error.remedy}' if error.remedy else ''}", file=sys.stderr)
