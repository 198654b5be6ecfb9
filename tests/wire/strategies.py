"""Any PDU of a protocol, made by chance but legal."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, structs

from hongyan.wire.fields import (
    Counted,
    CString,
    Kind,
    Octets,
    Rest,
    Sized,
    Status,
    Tag,
    Text,
    Tlvs,
    Unsigned,
    kind_at,
)

OCTETS_MAX = 255
"""Of octets behind their size, which has eight bits at least."""


def kinds_of(pdu_class: type[Struct], version: int) -> dict[str, Kind]:
    """Return the fields that a class has in a version, with their kinds."""
    kinds = {}
    for field in structs.fields(pdu_class):
        kind = kind_at(pdu_class.__annotations__[field.name].__metadata__, version)
        if kind is not None:
            kinds[field.name] = kind
    return kinds


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Return what a field of that kind can carry there and back; what is `Custom` only its protocol knows."""
    match kind:
        case Unsigned(_, bits):
            return st.integers(0, (1 << bits) - 1)
        case Status():
            return st.integers(0, 0xFFFF_FFFF)
        case Text(width):
            return _texts(width).map(_without_blanks_around)
        case CString(size_max):
            return _texts(size_max - 1)
        case Octets(width):
            return st.binary(min_size=width, max_size=width)
        case Rest() | Sized():
            return st.binary(max_size=OCTETS_MAX)
        case Counted(item):
            return st.lists(values(item), max_size=99).map(tuple)
        case Tlvs(parameters):
            return tagged(parameters)
        case _:
            raise TypeError(kind)


def tagged(parameters: type[Struct]) -> st.SearchStrategy[Struct]:
    """Return any tagged parameters, unknown ones too where the class keeps them."""
    optional: dict[str, st.SearchStrategy[Any]] = {}
    known: set[int] = set()
    for field in structs.fields(parameters):
        if field.name == "others":
            continue
        [tag] = [note for note in parameters.__annotations__[field.name].__metadata__ if isinstance(note, Tag)]
        known.add(tag.tag)
        optional[field.name] = st.none() | values(tag.kind)
    if "others" in parameters.__struct_fields__:
        other = st.tuples(st.integers(0, 0xFFFF).filter(lambda tag: tag not in known), st.binary(max_size=20))
        optional["others"] = st.lists(other, max_size=3).map(tuple)
    return st.builds(parameters, **optional)


def pdus(classes: Mapping[int, type[Struct]], version: int) -> st.SearchStrategy[Struct]:
    """Return any PDU that a version of a protocol knows."""
    return st.one_of([pdu_of(pdu_class, version) for pdu_class in classes.values()])


def pdu_of(pdu_class: type[Struct], version: int, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Struct]:
    """Return any PDU of a class; fields that are `given` are made as told."""
    chosen = {name: values(kind) for name, kind in kinds_of(pdu_class, version).items() if name not in given}
    return st.builds(pdu_class, **chosen, **given)


def _texts(size_max: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=size_max)


def _without_blanks_around(text: str) -> str:
    return text.strip(" ")
