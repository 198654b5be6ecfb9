"""What commands print: tables and records for people, JSON for programs; notes and errors to standard error.

A command calls `show` or `show_table` with what it has; whether that becomes JSON is decided here.
"""

import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar

import msgspec

from .context import common_options

Item = TypeVar("Item")
Columns = Mapping[str, Callable[[Item], object]]
"""Titles, and what of an item stands under each."""


def show_table(items: Sequence[Item], columns: Columns[Item], *, empty: str = "nothing") -> None:
    """Print items, one a line; as JSON, an array of the whole items."""
    if common_options.get().as_json:
        print_json(items)
    elif not items:
        say(empty)
    else:
        rows = [[as_text(read(item)) for read in columns.values()] for item in items]
        _print_aligned([title.upper() for title in columns], rows)


def show(item: Item, fields: Columns[Item]) -> None:
    """Print one item, a field a line; as JSON, the whole item."""
    if common_options.get().as_json:
        print_json(item)
        return
    width = max(_width(title) for title in fields)
    for title, read in fields.items():
        print(f"{_padded(title, width)}  {as_text(read(item))}")


def say(message: str) -> None:
    """Print a note for people, to standard error, unless a program reads."""
    if not common_options.get().as_json:
        print(message, file=sys.stderr)


def print_json(value: object) -> None:
    """Print a value as JSON, indented."""
    plain = msgspec.json.encode(value, enc_hook=str)
    print(msgspec.json.format(plain, indent=2).decode())


def as_text(value: object) -> str:
    """Return a value as people read it: times in this machine's zone, yes and no, a dash for nothing."""
    match value:
        case None | "" | () | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
        case Enum():
            return value.name.lower() if isinstance(value.value, int) else str(value.value)
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(as_text, value))
        case _:
            return str(value)


def shell_word(text: str) -> str:
    """Return a text as it is typed in a command; quoted only where it must be, so that 示范 stays as it is."""
    return text if re.fullmatch(r"[\w.,:/@%+=-]+", text) else shlex.quote(text)


def _print_aligned(titles: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(_width, column)) for column in zip(titles, *rows, strict=True)]
    for row in [titles, *rows]:
        print("  ".join(_padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip())


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal; Chinese characters take two."""
    from rich.cells import cell_len

    return cell_len(text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
