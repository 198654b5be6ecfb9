"""Groups of commands: a noun whose verbs all take --data, --config and --json, behind them or before the noun.

A command may be `async`, and may have a first parameter `platform: Platform`, which is opened for it.
What it returns is ignored; it prints through `console`, and raises `Error` when it cannot do its work.
"""

import asyncio
import functools
import inspect
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec
import typer

from .context import CommonOptions, Platform, common_options, open_platform
from .options import ConfigOption, DataOption, JsonOption

_COMMON: Final = {"data": DataOption, "config": ConfigOption, "as_json": JsonOption}
_DEFAULTS: Final = {"data": None, "config": None, "as_json": False}


Command: TypeAlias = Callable[..., Any]


class Group(typer.Typer):
    """A `typer.Typer` whose commands have the common options, may be async, and may ask for the platform."""

    def __init__(self, help: str) -> None:  # noqa: A002 - typer's word
        super().__init__(help=help, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

    def verb(self, name: str) -> Callable[[Command], Command]:
        """Register a function as the command of that name; its docstring is the help."""

        def decorate(function: Command) -> Command:
            self.command(name)(with_common_options(function))
            return function

        return decorate


def with_common_options(function: Command) -> Callable[..., None]:
    """Return a synchronous function that typer can call: common options added, `platform` opened, coroutines run."""
    signature = inspect.signature(function, eval_str=True)
    parameters = list(signature.parameters.values())
    wants_platform = bool(parameters) and parameters[0].annotation is Platform

    @functools.wraps(function)
    def call(context: typer.Context, **arguments: object) -> None:
        if context.invoked_subcommand is not None:
            return  # a group that is a command itself, here with one of its verbs
        before = context.find_root().params  # `hongyan --json account list` is `hongyan account list --json`
        chosen = {name: arguments.pop(name) or before.get(name, _DEFAULTS[name]) for name in _COMMON}
        common_options.set(msgspec.convert(chosen, CommonOptions))
        if inspect.iscoroutinefunction(function):
            asyncio.run(run(arguments))
        else:
            function(**arguments)

    async def run(arguments: dict[str, object]) -> None:
        if wants_platform:
            async with open_platform() as platform:
                await function(platform, **arguments)
        else:
            await function(**arguments)

    own = parameters[1:] if wants_platform else parameters
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_DEFAULTS[name], annotation=annotation)
        for name, annotation in _COMMON.items()
    ]
    kept = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    taken = [context, *kept, *common]
    call.__signature__ = signature.replace(parameters=taken, return_annotation=None)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in taken}
    del call.__wrapped__  # else typer sees the signature behind it
    return call
