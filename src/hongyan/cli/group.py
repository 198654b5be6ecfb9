"""Groups of commands: a noun whose verbs all take --data, --config and --json.

A command may be `async`, and may have a first parameter `platform: Platform`, which is opened for it.
What it returns is ignored; it prints through `console`, and raises `Error` when it cannot do its work.
"""

import asyncio
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec
import typer

from .context import CommonOptions, Platform, common_options, open_platform

_COMMON = {
    "data": Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="The platform's data directory.", show_default=False)
    ],
    "config": Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The settings file.", show_default=False)
    ],
    "as_json": Annotated[bool, typer.Option("--json", help="Print JSON, for programs.", show_default=False)],
}
_DEFAULTS = {"data": None, "config": None, "as_json": False}


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
    def call(**arguments: object) -> None:
        chosen = {name: arguments.pop(name) for name in _COMMON}
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
    call.__signature__ = signature.replace(parameters=[*kept, *common], return_annotation=None)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in [*kept, *common]}
    del call.__wrapped__  # else typer sees the signature behind it
    return call
