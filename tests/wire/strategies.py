"""Any PDU of CMPP, made by chance but legal."""

from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, structs

from hongyan.wire.cmpp.dialect import PDUS
from hongyan.wire.fields import Counted, Kind, Octets, Sized, Text, Unsigned, kind_at


def kinds_of(pdu_class: type[Struct], version: int) -> dict[str, Kind]:
    """Return the fields that a class has in a version, with their kinds."""
    kinds = {}
    for field in structs.fields(pdu_class):
        kind = kind_at(pdu_class.__annotations__[field.name].__metadata__, version)
        if kind is not None:
            kinds[field.name] = kind
    return kinds


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Return what a field of that kind can carry there and back."""
    match kind:
        case Unsigned(_, bits):
            return st.integers(0, (1 << bits) - 1)
        case Text(width):
            return _texts(width)
        case Octets(width):
            return st.binary(min_size=width, max_size=width)
        case Counted(item):
            return st.lists(_texts(item.width), max_size=99).map(tuple)
        case Sized():
            return st.binary(max_size=255)
        case _:
            raise TypeError(kind)


def pdus(version: int) -> st.SearchStrategy[Struct]:
    """Return any PDU that a version knows."""
    return st.one_of([_pdu(pdu_class, version) for pdu_class in PDUS.values()])


def _pdu(pdu_class: type[Struct], version: int) -> st.SearchStrategy[Struct]:
    kinds = kinds_of(pdu_class, version)
    return st.builds(pdu_class, **{name: values(kind) for name, kind in kinds.items()})


def _texts(width: int) -> st.SearchStrategy[str]:
    alphabet = st.characters(min_codepoint=1, max_codepoint=255)
    return st.text(alphabet, max_size=width).map(_without_blanks_around)


def _without_blanks_around(text: str) -> str:
    return text.strip(" ")
