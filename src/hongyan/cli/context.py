"""What a command works with: the options all commands share, and the platform's database and vault."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path

import msgspec

from hongyan.db.errors import DatabaseUnavailable
from hongyan.db.pool import Pool, is_unavailable, open_pool
from hongyan.kit.clock import Clock, SystemClock
from hongyan.kit.secrets import Vault
from hongyan.runtime.config_text import masked_url
from hongyan.runtime.configuration import load_settings
from hongyan.runtime.errors import ConfigurationInvalid
from hongyan.runtime.logging import configure_logging
from hongyan.runtime.process import with_database_url
from hongyan.runtime.settings import Settings


class CommonOptions(msgspec.Struct, frozen=True):
    """--data, --config and --json, which every command has."""

    data: Path | None = None
    config: Path | None = None
    as_json: bool = False


class Platform(msgspec.Struct, frozen=True):
    """A running platform, as a command reaches it."""

    settings: Settings
    pool: Pool
    vault: Vault
    clock: Clock


common_options: ContextVar[CommonOptions] = ContextVar("common_options", default=CommonOptions())  # noqa: B039 - it is frozen


def command_settings(**overrides: object) -> Settings:
    """Return the settings with this command's options over them; keys with `__` for the dot, None is not given."""
    options = common_options.get()
    given = {"data_dir": options.data, **{key.replace("__", "."): value for key, value in overrides.items()}}
    return load_settings(
        config_file=options.config, options={key: str(value) for key, value in given.items() if value is not None}
    )


@asynccontextmanager
async def open_platform() -> AsyncIterator[Platform]:
    """Open the running platform's database.

    PlatformNotRunning, DatabaseUnavailable or ConfigurationInvalid say what to do.
    """
    given = command_settings()
    settings = with_database_url(given)
    # What a command did, it prints; its log is for what it did not expect.
    configure_logging(msgspec.structs.replace(settings.logs, level="warning"), role="command")
    try:
        pool = await open_pool(settings.database.url, size_max=2, application_name="hongyan command")
    except Exception as error:  # a supervised border: told apart in the next lines
        url = masked_url(given.database.url)
        if not (is_unavailable(error) or url):
            raise
        if not is_unavailable(error):
            raise ConfigurationInvalid(f"database.url: cannot use {url}: {error}") from error
        which = f"the database {url}" if url else f"the database of {settings.data_dir}"
        raise DatabaseUnavailable(f"{which} does not answer; is it running?") from error
    async with pool:
        yield Platform(settings, pool, Vault.load(settings.master_key_path), SystemClock())
