"""Settings from a TOML file, the environment and the command line, later ones first.

`[http] port` of the file is HONGYAN_HTTP__PORT of the environment. An unknown key or a value of the
wrong type is refused with one line that names the key, where it stood and what was expected.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, get_args, get_origin

import msgspec

from .errors import ConfigurationInvalid
from .quantities import Duration, Networks, Size
from .settings import Settings

PREFIX: Final = "HONGYAN_"
CONFIG_VARIABLE: Final = "HONGYAN_CONFIG"
# Variables with our prefix that are not settings.
_NOT_SETTINGS: Final = frozenset(
    {
        CONFIG_VARIABLE,
        "HONGYAN_SECRET_ID",
        "HONGYAN_SECRET_KEY",
        "HONGYAN_SIMULATOR_PASSWORD",
        "HONGYAN_SIMULATOR_URL",
        "HONGYAN_SUPERVISED",
        "HONGYAN_URL",
    }
)
_FILE_NAME: Final = "hongyan.toml"
_EXAMPLE_HINT: Final = "`hongyan config example` shows all settings"

Origin: TypeAlias = str
"""Where a value came from, for messages: a file's name, a variable or an option."""
Annotation: TypeAlias = Any
"""What a field is annotated with, which Python cannot type yet."""

_BOUNDS: Final = {
    "gateway.lease": (Duration(5), None),  # it is renewed every 2 s, and a renewal may take a while
    "gateway.drain": (Duration(0), Duration(8)),  # `up` gives its roles 13 s, links and leases need the rest
    "gateway.reply_window": (Duration(60), Duration(7 * 86_400)),  # each day looked back is a search of its own
    "http.drain": (Duration(0), Duration(12)),
}
"""Durations that only make sense between these; every other one is at least 0.1 s."""


class _Value(msgspec.Struct, frozen=True):
    raw: Any
    origin: Origin
    is_text: bool
    """From the environment or the command line, where a number is text too."""


def load_settings(
    *,
    config_file: Path | None = None,
    options: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings; `options` are those of the command line by dotted key, such as `http.port`.

    Without `config_file`: HONGYAN_CONFIG, else hongyan.toml in the data directory if there is one.
    ConfigurationInvalid says what is wrong.
    """
    environment = os.environ if environment is None else environment  # tidy: allow-environment
    values = _from_environment(environment)
    for key, text in (options or {}).items():
        values[key] = _Value(text, f"--{key.rsplit('.', 1)[-1].replace('_', '-')}", is_text=True)
    data_dir = _data_dir(values.get("data_dir"))
    named = config_file or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    path = named or data_dir / _FILE_NAME
    if named is not None or path.exists():
        values = _from_file(path) | values
    values.setdefault("data_dir", _Value(str(data_dir), "default", is_text=True))
    return _build(values)


def default_data_dir() -> Path:
    """Return where data lies when nobody says: what `make run` made here, else this user's place."""
    here = Path("var").absolute()
    if (here / "master.key").exists():
        return here
    if os.geteuid() == 0:
        return Path("/var/lib/hongyan/data")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"  # tidy: allow-environment
    return Path(home, "hongyan")


def environment_of(overrides: Mapping[str, str]) -> dict[str, str]:
    """Return dotted keys as the variables that a child process reads them from."""
    return {PREFIX + key.upper().replace(".", "__"): value for key, value in overrides.items()}


def setting_keys() -> list[str]:
    """Return every dotted key in the order of the example file."""
    return list(_fields())


def _fields() -> dict[str, Annotation]:
    """Return the annotated type of each setting by its dotted key."""
    found: dict[str, Annotation] = {}
    for field in msgspec.structs.fields(Settings):
        section, _ = _split(field.type)
        if isinstance(section, type) and issubclass(section, msgspec.Struct):
            found |= {f"{field.name}.{inner.name}": inner.type for inner in msgspec.structs.fields(section)}
        else:
            found[field.name] = field.type
    return found


def _split(annotation: Annotation) -> tuple[Annotation, list[msgspec.Meta]]:
    """Return the bare type and what is annotated, also of nested annotations."""
    metas: list[msgspec.Meta] = []
    while hasattr(annotation, "__metadata__"):
        metas += annotation.__metadata__
        annotation = get_args(annotation)[0]
    return annotation, metas


def _from_environment(environment: Mapping[str, str]) -> dict[str, _Value]:
    values = {}
    for name, text in environment.items():
        if name.startswith(PREFIX) and name not in _NOT_SETTINGS:
            key = name.removeprefix(PREFIX).lower().replace("__", ".")
            _require_known(key, f"the variable {name}", lambda near: PREFIX + near.upper().replace(".", "__"))
            values[key] = _Value(text, f"the variable {name}", is_text=True)
    return values


def _from_file(path: Path) -> dict[str, _Value]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationInvalid(f"cannot read the settings file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(f"{path} is not a TOML file: {error}") from error
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= {f"{key}.{inner}": deep for inner, deep in value.items()} if isinstance(value, dict) else {key: value}
    for key in flat:
        _require_known(key, str(path), lambda near: near)
    return {key: _Value(value, str(path), is_text=False) for key, value in flat.items()}


def _require_known(key: str, origin: Origin, spell: Callable[[str], str]) -> None:
    known = setting_keys()
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"did you mean {spell(near[0])}?" if near else f"remove it; {_EXAMPLE_HINT}"
        raise ConfigurationInvalid(f"{origin}: {key} is not a setting; {hint}")


def _data_dir(value: _Value | None) -> Path:
    return Path(value.raw).absolute() if value is not None and value.raw else default_data_dir()


def _build(values: Mapping[str, _Value]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    tree: dict[str, Any] = {}
    types = _fields()
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        converted = _convert(key, value, types[key])
        if section:
            sections.setdefault(section, {})[name] = converted
        else:
            tree[name] = converted
    for field in msgspec.structs.fields(Settings):
        if field.name in sections:
            struct, _ = _split(field.type)
            tree[field.name] = struct(**sections[field.name])
    return Settings(**tree)


def _convert(key: str, value: _Value, annotation: Annotation) -> object:
    bare, _ = _split(annotation)
    try:
        if bare is Path:
            return _to_path(value)
        raw = _resolve(value.raw) if key == "database.url" else value.raw
        converted = msgspec.convert(raw, annotation, strict=not value.is_text, dec_hook=_from_text)
        if isinstance(converted, Duration):
            _require_within(converted, *_BOUNDS.get(key, (Duration(0.1), None)))
    except (msgspec.ValidationError, ValueError, OSError) as error:
        raise ConfigurationInvalid(f"{value.origin}: {key} {_explain(error, annotation)}; {_EXAMPLE_HINT}") from None
    return converted


def _require_within(duration: Duration, low: Duration, high: Duration | None) -> None:
    if duration < low:
        raise ValueError(f"must be at least {low}")
    if high is not None and duration > high:
        raise ValueError(f"must be at most {high}")


def _to_path(value: _Value) -> Path:
    if not isinstance(value.raw, str) or not value.raw:
        raise ValueError("must be the path of a directory")
    base = Path() if value.is_text else Path(value.origin).absolute().parent
    return base.joinpath(value.raw).expanduser().absolute()


def _resolve(raw: object) -> object:
    """Follow a reference to a secret: `file:PATH` or `env:NAME`."""
    if isinstance(raw, str) and raw.startswith("file:"):
        return Path(raw.removeprefix("file:")).read_text(encoding="utf-8").strip()
    if isinstance(raw, str) and raw.startswith("env:"):
        name = raw.removeprefix("env:")
        if name not in os.environ:  # tidy: allow-environment
            raise ValueError(f"names the variable {name}, which is not set")
        return os.environ[name]  # tidy: allow-environment
    return raw


def _from_text(kind: type, raw: object) -> Duration | Size | Networks:
    if issubclass(kind, Duration | Size):
        if not isinstance(raw, str):
            raise ValueError(f'must be text with a unit, such as "{kind(60)}"')  # noqa: TRY004 - msgspec passes ValueError on
        return kind.parse(raw)
    if issubclass(kind, Networks):
        if not isinstance(raw, str):
            raise ValueError('must be text such as "10.0.0.0/8, 192.0.2.7"')  # noqa: TRY004 - msgspec passes ValueError on
        return kind.parse(raw)
    raise NotImplementedError(kind)


def _explain(error: Exception, annotation: Annotation) -> str:
    """Say what was expected in the words of a person."""
    bare, metas = _split(annotation)
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    if get_origin(bare) is not None:
        return f"must be one of {', '.join(map(str, get_args(bare)))}"
    if bare is int:
        low = max((meta.ge for meta in metas if meta.ge is not None), default=None)
        high = min((meta.le for meta in metas if meta.le is not None), default=None)
        return f"must be a whole number from {low} to {high}"
    if bare is str:
        return "must be text in quotes" if "Expected `str`" in str(error) else str(error)
    return str(error).removesuffix(" - at `$`")


def child_environment(overrides: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a role's process: ours, with settings by dotted key and other variables over it."""
    return {**os.environ, **environment_of(overrides), **extra}  # tidy: allow-environment
