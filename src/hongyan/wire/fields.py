"""The kinds of field that PDUs are made of, and the notes that tell versions apart.

A PDU is a `msgspec.Struct` whose annotations are the specification's table, in its order:

    fee_terminal_id: Annotated[str, text(32), Before(V30, text(21))] = ""
    fee_terminal_type: Annotated[int, U8, Since(V30)] = 0

`layout.Layout` compiles them. Integers are big-endian and unsigned.
"""

from collections.abc import Callable
from typing import Any

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """How one field lies on the wire."""


class Unsigned(Kind, frozen=True):
    """An unsigned integer; `code` is its letter in `struct`."""

    code: str
    bits: int


class Text(Kind, frozen=True):
    """A string in a fixed number of octets, padded on the right with NUL.

    Read up to the first NUL, without the blanks around it. Octets above 0x7F are legal and kept one
    to one as the characters U+0080 to U+00FF: carriers do send them, and nothing is lost.
    """

    width: int


class Octets(Kind, frozen=True):
    """Exactly so many octets."""

    width: int


class CString(Kind, frozen=True):
    """A string that ends with NUL; `size_max` counts that NUL."""

    size_max: int


class Counted(Kind, frozen=True):
    """An octet that says how many, then so many texts."""

    item: Text


class Sized(Kind, frozen=True):
    """An integer that says how many, then so many octets."""

    size: Unsigned


class Status(Kind, frozen=True):
    """An integer of 32 bits that lies in the header and not in the body (SMPP's command_status)."""


class Rest(Kind, frozen=True):
    """All octets that are left; only as the value of a tagged parameter."""


class Custom(Kind, frozen=True):
    """What no other kind can say, such as a list of structures.

    `write` gives the octets of a value, or raises ValueError or TypeError for one that does not fit. `read` takes a
    body and an offset and gives the value and the offset behind it; IndexError or struct.error where the body ends
    too early, DecodeError for what cannot be.
    """

    write: Callable[[Any], bytes]
    read: Callable[[bytes, int], tuple[Any, int]]


class Tlvs(Kind, frozen=True):
    """The tagged parameters behind everything else: a Struct of optional fields, each noted with its `Tag`."""

    parameters: type[msgspec.Struct]


U8 = Unsigned("B", 8)
U16 = Unsigned("H", 16)
U32 = Unsigned("I", 32)
U64 = Unsigned("Q", 64)
STATUS = Status()
OCTETS = Rest()


def text(width: int) -> Text:
    """Return the kind of a string padded to `width` octets."""
    return Text(width)


def octets(width: int) -> Octets:
    """Return the kind of exactly `width` octets."""
    return Octets(width)


class Tag(msgspec.Struct, frozen=True):
    """The field of a parameter Struct that has this tag on the wire; see `tlvs`."""

    tag: int
    kind: Kind


class Since(msgspec.Struct, frozen=True):
    """The field exists from this version on; before, it is not on the wire."""

    version: int


class Before(msgspec.Struct, frozen=True):
    """Below this version the field is of another kind."""

    version: int
    kind: Kind


def kind_at(notes: tuple[object, ...], version: int) -> Kind | None:
    """Return the kind a field has in a version, None where that version lacks it; TypeError if no kind is noted."""
    kind: Kind | None = None
    for note in notes:
        match note:
            case Since(since) if version < since:
                return None
            case Before(before, older) if version < before:
                return older
            case Kind():
                kind = kind or note
            case _:
                pass
    if kind is None:
        raise TypeError("a PDU field needs a kind from wire.fields")
    return kind
