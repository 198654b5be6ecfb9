"""Settings as text: the commented example file, and what is in force."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin
from urllib.parse import urlsplit, urlunsplit

import msgspec

from .configuration import Annotation, environment_of
from .quantities import Size
from .settings import Settings

_HEAD = """\
# Settings of Hongyan 鸿雁. All are optional; those shown are the defaults.
# Each can also be given by the environment: HONGYAN_HTTP__PORT=8081 is [http] port = 8081.
"""


def example_text() -> str:
    """Return a settings file with every setting at its default and its explanation above it."""
    return _HEAD + "".join(_lines(Settings(data_dir=Path("var")), with_comments=True)).replace(
        "\ndata_dir", "\n# data_dir"
    )


def effective_text(settings: Settings) -> str:
    """Return the settings in force as a TOML file; a password in the database's URL is masked."""
    return "".join(_lines(masked_settings(settings), with_comments=False)).lstrip()


def masked_settings(settings: Settings) -> Settings:
    """Return the settings as people may see them."""
    database = msgspec.structs.replace(settings.database, url=masked_url(settings.database.url))
    return msgspec.structs.replace(settings, database=database)


def masked_url(url: str) -> str:
    """Return a database URL without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@", 1)))


def _lines(settings: Settings, *, with_comments: bool) -> Iterator[str]:
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        if isinstance(value, msgspec.Struct):
            yield f"\n[{field.name}]" + (f"  # {_description(field.type)}\n" if with_comments else "\n")
            for inner in msgspec.structs.fields(value):
                yield from _setting(field.name, inner, getattr(value, inner.name), with_comments=with_comments)
        else:
            yield from _setting("", field, value, with_comments=with_comments)


def _setting(section: str, field: msgspec.structs.FieldInfo, value: object, *, with_comments: bool) -> Iterator[str]:
    if with_comments:
        variable = next(iter(environment_of({f"{section}.{field.name}" if section else field.name: ""})))
        about = f"{_description(field.type)}{_choices(field.type)} ({variable})"
        yield "\n" + textwrap.fill(about, 110, initial_indent="# ", subsequent_indent="# ") + "\n"
    yield f"{field.name} = {_toml(value)}\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and not isinstance(value, Size):
        return str(value)
    return msgspec.json.encode(str(value)).decode()  # a JSON string is a TOML string


def _description(annotation: Annotation) -> str:
    return next(
        (meta.description for meta in getattr(annotation, "__metadata__", ()) if meta.description),
        "",
    )


def _choices(annotation: Annotation) -> str:
    bare = get_args(annotation)[0]
    return f" One of: {', '.join(get_args(bare))}." if get_origin(bare) is Literal else ""
