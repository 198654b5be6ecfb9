"""PDU classes compiled to runs of precompiled `struct`s, one plan for each version.

A plan is a list of runs. A run is a `struct` over neighbouring fields of fixed width; it ends
behind a count or size, whose octets follow before the next run (a C string ends one too, behind an
empty place for itself):

    Submit 3.0   ┌ QBBBB10sB32sBBBB6s2s6s17s17s21sB ┐ n x 32s ┌ BB ┐ content ┌ 20s ┐

A body must end exactly where its frame ends. `struct` cuts over-long strings without a word and
names no field in its errors; so widths are checked first, and after any failure the fields are
walked once more to name the culprit. That is cheap when all is well and precise when not.
"""

import struct
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

from .errors import DecodeError, EncodeError
from .fields import Counted, CString, Custom, Kind, Octets, Sized, Status, Text, Tlvs, Unsigned, kind_at
from .tlvs import Parameters

_CHARSET = "latin-1"

P = TypeVar("P", bound=msgspec.Struct)

_Variable = Counted | Sized | CString | Custom | Tlvs
_Reader = Callable[[bytes, int, list[Any]], int]
"""(body, offset, values so far) -> the offset behind; the run's last value becomes the field's"""
_Writer = Callable[[Any], tuple[Any, bytes]]
"""value -> (the run's last value, the octets behind it)"""


class Layout(Generic[P]):
    """How one PDU class lies on the wire, in every version."""

    def __init__(self, pdu_class: type[P]) -> None:
        self.pdu_class = pdu_class
        hints = get_type_hints(pdu_class, include_extras=True)
        self._notes: list[tuple[str, tuple[object, ...]]] = [
            (field.name, getattr(hints[field.name], "__metadata__", ())) for field in msgspec.structs.fields(pdu_class)
        ]
        self._plans: dict[int, Plan[P]] = {}

    def plan(self, version: int) -> "Plan[P]":
        """Return the compiled plan of a version; the same object each time."""
        plan = self._plans.get(version)
        if plan is None:
            plan = self._plans[version] = Plan(
                self.pdu_class, [(name, kind_at(notes, version)) for name, notes in self._notes]
            )
        return plan

    def encode(self, pdu: P, version: int) -> bytes:
        """Return the body; EncodeError names the field that does not fit."""
        return self.plan(version).encode(pdu)

    def decode(self, body: bytes, version: int) -> P:
        """Return the PDU; DecodeError when the body is not exactly one."""
        return self.plan(version).decode(body)


class Plan(Generic[P]):
    """A layout in one version."""

    def __init__(self, pdu_class: type[P], fields: Sequence[tuple[str, Kind | None]]) -> None:
        self._class = pdu_class
        self.status_name = next((name for name, kind in fields if isinstance(kind, Status)), None)
        """The field that lies in the header, where there is one."""
        self._status_at = next((index for index, (_, kind) in enumerate(fields) if isinstance(kind, Status)), None)
        self._fields = [(name, kind) for name, kind in fields if kind is not None and not isinstance(kind, Status)]
        defaults = {field.name: field.default for field in msgspec.structs.fields(pdu_class)}
        self._absent = [(index, defaults[name]) for index, (name, kind) in enumerate(fields) if kind is None]
        self._get = _getter([name for name, _ in self._fields])
        self._texts = [(i, kind.width) for i, (_, kind) in enumerate(self._fields) if isinstance(kind, Text)]
        self._exact = [(i, kind.width) for i, (_, kind) in enumerate(self._fields) if isinstance(kind, Octets)]
        self._packs: list[tuple[Callable[..., bytes], int, int, _Writer | None]] = []
        self._unpacks: list[tuple[Callable[[bytes, int], tuple[Any, ...]], int, _Reader | None]] = []
        self._compile()
        whole = len(self._packs) == 1 and self.size is not None
        self._pack_all = self._packs[0][0] if whole else None

    @property
    def size(self) -> int | None:
        """The body's octets where they are the same for every such PDU, else None."""
        if any(read for _, _, read in self._unpacks):
            return None
        return sum(size for _, size, _ in self._unpacks)

    def encode(self, pdu: P) -> bytes:
        """Return the body; EncodeError names the field that does not fit."""
        try:
            values: list[Any] = self._get(pdu)
            for index, width in self._texts:
                text = values[index]
                if text == "":
                    values[index] = b""
                    continue
                values[index] = octets = text.encode(_CHARSET)
                if len(octets) > width or 0 in octets:
                    raise self._culprit(pdu)
            for index, width in self._exact:
                if len(values[index]) != width:
                    raise self._culprit(pdu)
            if self._pack_all is not None:
                return self._pack_all(*values)
            parts: list[bytes] = []
            for pack, start, stop, write in self._packs:
                if write is None:
                    parts.append(pack(*values[start:stop]))
                else:
                    values[stop - 1], tail = write(values[stop - 1])
                    parts += (pack(*values[start:stop]), tail)
            return b"".join(parts)
        except (struct.error, TypeError, ValueError, AttributeError):
            raise self._culprit(pdu) from None

    def decode(self, body: bytes, status: int = 0) -> P:
        """Return the PDU; DecodeError when the body is not exactly one. The status is the header's."""
        values: list[Any] = []
        offset = 0
        try:
            for unpack_from, size, read in self._unpacks:
                values += unpack_from(body, offset)
                offset += size
                if read is not None:
                    offset = read(body, offset, values)
        except DecodeError as error:
            raise DecodeError(f"{self._class.__name__}: {error}") from None
        except (struct.error, IndexError):
            raise DecodeError(f"{self._class.__name__}: the body ends too early, at {len(body)} octets") from None
        if offset != len(body):
            raise DecodeError(f"{self._class.__name__}: {len(body)} octets instead of {offset}")
        for index, _ in self._texts:
            values[index] = values[index].partition(b"\0")[0].decode(_CHARSET).strip(" ")
        for index, default in self._absent:
            values.insert(index, default)
        if self._status_at is not None:
            values.insert(self._status_at, status)
        return self._class(*values)

    def _compile(self) -> None:
        codes, start = ">", 0
        for index, (_, kind) in enumerate(self._fields):
            codes += _code(kind)
            if isinstance(kind, _Variable):
                self._add_run(codes, start, index + 1, kind)
                codes, start = ">", index + 1
        if codes != ">":
            self._add_run(codes, start, len(self._fields), None)

    def _add_run(self, codes: str, start: int, stop: int, last: _Variable | None) -> None:
        run = struct.Struct(codes)
        self._packs.append((run.pack, start, stop, None if last is None else _writer(last)))
        self._unpacks.append((run.unpack_from, run.size, None if last is None else _reader(last)))

    def _culprit(self, pdu: P) -> EncodeError:
        for name, kind in self._fields:
            problem = _problem(kind, getattr(pdu, name, None))
            if problem:
                return EncodeError(f"{self._class.__name__}.{name}: {problem}")
        return EncodeError(f"{type(pdu).__name__} is not a {self._class.__name__}")


def _getter(names: list[str]) -> Callable[[Any], list[Any]]:
    if not names:
        return lambda _: []
    get = attrgetter(*names)
    return (lambda pdu: [get(pdu)]) if len(names) == 1 else (lambda pdu: list(get(pdu)))


def _code(kind: Kind) -> str:
    match kind:
        case Unsigned(code):
            return code
        case Text(width) | Octets(width):
            return f"{width}s"
        case Counted():
            return "B"
        case Sized(size):
            return size.code
        case CString() | Custom() | Tlvs():
            return "0s"
        case _:
            raise TypeError(f"{kind} is not a kind that layouts know")


def _writer(kind: _Variable) -> _Writer:
    match kind:
        case Counted(item):
            return _counted_writer(item.width)
        case Sized():
            return lambda value: (len(value), value)
        case CString(size_max):
            return _cstring_writer(size_max)
        case Custom(write):
            return lambda value: (b"", write(value))
        case Tlvs(parameters):
            encode = Parameters(parameters).encode
            return lambda value: (b"", encode(value))


def _counted_writer(width: int) -> _Writer:
    def write(items: Sequence[str]) -> tuple[int, bytes]:
        if isinstance(items, str):
            raise TypeError  # it would be sent as one item a character
        octets = b""
        for item in items:
            value = item.encode(_CHARSET)
            if len(value) > width or 0 in value:
                raise ValueError
            octets += value.ljust(width, b"\0")
        return len(items), octets

    return write


def _cstring_writer(size_max: int) -> _Writer:
    def write(value: str) -> tuple[bytes, bytes]:
        octets = value.encode(_CHARSET)
        if len(octets) >= size_max or 0 in octets:
            raise ValueError
        return b"", octets + b"\0"

    return write


def _reader(kind: _Variable) -> _Reader:
    match kind:
        case Counted(item):
            return _counted_reader(item.width)
        case Sized():
            return _read_sized
        case CString(size_max):
            return _cstring_reader(size_max)
        case Custom(_, read):
            return _custom_reader(read)
        case Tlvs(parameters):
            return _tlvs_reader(Parameters(parameters))


def _counted_reader(width: int) -> _Reader:
    def read(body: bytes, offset: int, values: list[Any]) -> int:
        count: int = values[-1]
        stop = offset + count * width
        values[-1] = tuple(
            [
                body[start : start + width].partition(b"\0")[0].decode(_CHARSET).strip(" ")
                for start in range(offset, min(stop, len(body)), width)
            ]
        )
        return stop

    return read


def _read_sized(body: bytes, offset: int, values: list[Any]) -> int:
    size: int = values[-1]
    values[-1] = body[offset : offset + size]
    return offset + size


def _cstring_reader(size_max: int) -> _Reader:
    def read(body: bytes, offset: int, values: list[Any]) -> int:
        stop = body.find(b"\0", offset, offset + size_max)
        if stop < 0:
            raise IndexError
        values[-1] = body[offset:stop].decode(_CHARSET)
        return stop + 1

    return read


def _custom_reader(read_one: Callable[[bytes, int], tuple[Any, int]]) -> _Reader:
    def read(body: bytes, offset: int, values: list[Any]) -> int:
        values[-1], stop = read_one(body, offset)
        return stop

    return read


def _tlvs_reader(parameters: Parameters) -> _Reader:
    def read(body: bytes, offset: int, values: list[Any]) -> int:
        values[-1] = parameters.decode(body, offset)
        return len(body)

    return read


def _problem(kind: Kind, value: object) -> str | None:
    """Say what keeps a value out of a field, or None when nothing does."""
    match kind:
        case Unsigned(_, bits):
            fits = isinstance(value, int) and 0 <= value < 1 << bits
            return None if fits else f"must be an integer of {bits} bits without sign"
        case Text(width):
            return _text_problem(value, width)
        case CString(size_max):
            return _text_problem(value, size_max - 1)
        case Octets(width):
            return None if isinstance(value, bytes) and len(value) == width else f"must be exactly {width} octets"
        case _:
            return _variable_problem(kind, value)


def _variable_problem(kind: Kind, value: object) -> str | None:
    match kind:
        case Counted(item):
            return _items_problem(value, item.width)
        case Sized(size):
            fits = isinstance(value, bytes) and len(value) < 1 << size.bits
            return None if fits else f"must be at most {(1 << size.bits) - 1} octets"
        case Custom(write):
            return _custom_problem(write, value)
        case Tlvs(parameters):
            return _custom_problem(Parameters(parameters).encode, value)
        case _:
            return None


def _custom_problem(write: Callable[[Any], bytes], value: object) -> str | None:
    try:
        write(value)
    except (struct.error, TypeError, ValueError, AttributeError) as error:
        return str(error) or "does not fit"
    return None


def _text_problem(value: object, width: int) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    try:
        octets = value.encode(_CHARSET)
    except UnicodeEncodeError:
        return "has a character above U+00FF"
    if len(octets) > width:
        return f"is {len(octets)} octets long, {width} fit"
    return "contains NUL" if 0 in octets else None


def _items_problem(value: object, width: int) -> str | None:
    if not isinstance(value, tuple | list) or len(value) > 255:
        return "must be a tuple of at most 255 strings"
    return next(
        (f"[{index}] {problem}" for index, item in enumerate(value) if (problem := _text_problem(item, width))), None
    )
