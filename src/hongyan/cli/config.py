"""`hongyan config`: the settings file, explained, shown and checked."""

import asyncio
import os
from fcntl import LOCK_EX, LOCK_NB, flock
from typing import Annotated

import typer

from hongyan.db.pool import connect, is_unavailable
from hongyan.runtime.config_text import effective_text, example_text, masked_settings, masked_url
from hongyan.runtime.errors import ConfigurationInvalid
from hongyan.runtime.ports import require_demo_free, require_free
from hongyan.runtime.private_files import require_writable
from hongyan.runtime.settings import Settings

from .console import print_json, say
from .context import command_settings, common_options
from .group import Group

app = Group("The settings file.")


@app.verb("example")
def example() -> None:
    """Print a settings file with every setting, explained."""
    if common_options.get().as_json:
        print_json({"text": example_text()})
    else:
        print(example_text(), end="")


@app.verb("show")
def show() -> None:
    """Print the settings in force.

    Those of the file, the environment and the options together; a password in the database's URL is masked.
    """
    settings = command_settings()
    if common_options.get().as_json:
        print_json(masked_settings(settings))
    else:
        print(effective_text(settings), end="")


@app.verb("check")
def check(
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Also check the simulator's ports, for `up --demo`.")] = False,
) -> None:
    """Check the settings and what they name.

    Keys and types, the data directory, the ports, and the database if it is your own.
    """
    settings = command_settings()
    require_writable(settings.data_dir)
    if not is_running(settings):  # a running platform holds its own ports
        require_free(settings.http.host, settings.http.port, key="http.port")
        if demo:
            require_demo_free(settings)
        elif settings.gateway.sgip_port:
            require_free(settings.gateway.sgip_host, settings.gateway.sgip_port, key="gateway.sgip_port")
    if settings.database.url:
        asyncio.run(require_database(settings.database.url))
    if common_options.get().as_json:
        print_json({"good": True})
    say("the settings are good")


def is_running(settings: Settings) -> bool:
    """Tell whether a platform runs on this data directory."""
    try:
        descriptor = os.open(settings.data_dir / "hongyan.lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


async def require_database(url: str) -> None:
    """Raise ConfigurationInvalid unless the database answers."""
    try:
        connection = await connect(url)
    except Exception as error:  # a supervised border: each failure to connect is one of configuration here
        reason = "it does not answer" if is_unavailable(error) else str(error)
        raise ConfigurationInvalid(f"database.url: cannot use {masked_url(url)}: {reason}") from error
    await connection.close()
