"""Logs: structlog's and the standard library's, through one chain, to standard error.

Phone numbers, texts and keys never leave whole. A field is masked by its name, whatever it holds; and
in every text, tracebacks included, what looks like a mobile number is masked too, since the messages of
other people's libraries quote what they choke on.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO, TypeAlias

import structlog
from structlog.typing import Processor

from .settings import LogSettings

_NUMBER_FIELDS: Final = frozenset(
    {"mobile", "mobiles", "number", "numbers", "phone", "recipient", "recipients", "msisdn"}
)
_TEXT_FIELDS: Final = frozenset({"body", "code", "content", "text"})
_SECRET_FIELDS: Final = frozenset(
    {"authorization", "key", "master_key", "password", "secret", "secret_key", "signature_value", "token", "url"}
)
_NUMBER_LENGTH_MIN: Final = 7  # a carrier is called "mobile" too, and has a port
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])((?:\+?86)?1[3-9]\d)\d{4}(\d{4})(?![0-9A-Za-z])")

EventDict: TypeAlias = MutableMapping[str, Any]


def configure_logging(settings: LogSettings, *, role: str, stream: TextIO | None = None) -> None:
    """Send all logs of this process to a stream, standard error if none is given; `role` is in every line."""
    stream = stream or sys.stderr
    is_pretty = settings.format == "pretty" or (settings.format == "auto" and stream.isatty())
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _adder_of(role),
        structlog.processors.format_exc_info,
        mask_fields,
        _order_fields,
    ]
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(is_pretty=is_pretty)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for chatty, level in (("asyncio", logging.WARNING), ("uvicorn", logging.WARNING), ("asyncpg", logging.ERROR)):
        logging.getLogger(chatty).setLevel(level)  # asyncpg warns with a traceback of each reconnect that fails


def mask_fields(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Mask every field of an event by its name, and mobile numbers in every text (a structlog processor)."""
    for name, value in event.items():
        event[name] = masked(name, value)
    return event


def masked(name: str, value: object) -> object:
    """Return a value as a log may hold it."""
    if name in _SECRET_FIELDS:
        return "***"
    if name in _TEXT_FIELDS:
        return f"<{len(value)} characters>" if isinstance(value, str) else "***"
    if isinstance(value, Mapping):
        return {key: masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(name, inner) for inner in value]
    if name in _NUMBER_FIELDS and len(str(value)) >= _NUMBER_LENGTH_MIN:
        return masked_number(str(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, str):
        return _MOBILE.sub(r"\1****\2", value)
    return value


def masked_number(number: str) -> str:
    """Return a number that people can recognise but not call: the last four digits stay, four before them go."""
    return f"{number[:-8]}****{number[-4:]}" if len(number) > _NUMBER_LENGTH_MIN else "****"


def _order_fields(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Put first what people look for first."""
    return {name: event.pop(name) for name in ("timestamp", "level", "role", "event") if name in event} | dict(event)


def _adder_of(role: str) -> Processor:
    def add_role(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.setdefault("role", role)
        return event

    return add_role


def _renderer(*, is_pretty: bool) -> Processor:
    if is_pretty:
        return structlog.dev.ConsoleRenderer(pad_event_to=28)
    return structlog.processors.JSONRenderer(ensure_ascii=False)
