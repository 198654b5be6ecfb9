"""Command ids bound to classes."""

from typing import Annotated

import pytest
from msgspec import Struct

from hongyan.wire.dialect import Dialect
from hongyan.wire.errors import DecodeError, EncodeError
from hongyan.wire.fields import U8, U32, Before
from hongyan.wire.header import Header

HEADER = Header()


class Ask(Struct, frozen=True):
    """A request."""


class Answer(Struct, frozen=True):
    """Its response."""

    result: Annotated[int, U32, Before(2, U8)] = 0


PDUS: dict[int, type[Struct]] = {1: Ask, 0x80000001: Answer}
DIALECT = Dialect(HEADER, PDUS, either_size={Answer: (1, 2)}, may_be_empty=frozenset({Answer}))
STRICT = Dialect(HEADER, PDUS)


def test_a_frame_is_header_and_body() -> None:
    assert DIALECT.codec(1).encode(Answer(5), 9) == bytes.fromhex("0000000d800000010000000905")
    assert DIALECT.codec(2).encode(Ask(), 9) == bytes.fromhex("0000000c0000000100000009")


def test_a_command_id_says_which_class_it_is() -> None:
    assert DIALECT.codec(1).decode(1, b"") == Ask()
    assert DIALECT.codec(1).decode(0x80000001, b"\x05") == Answer(5)


def test_an_unknown_command_is_a_decode_error() -> None:
    with pytest.raises(DecodeError, match="unknown command 0x00000003"):
        DIALECT.codec(1).decode(3, b"")


def test_a_foreign_class_is_an_encode_error() -> None:
    class Foreign(Struct, frozen=True):
        pass

    with pytest.raises(EncodeError, match="Foreign is not a PDU of this protocol"):
        DIALECT.codec(1).encode(Foreign(), 1)


def test_either_size_is_read_by_the_length_of_the_body() -> None:
    assert DIALECT.codec(1).decode(0x80000001, b"\0\0\0\x05") == Answer(5)
    assert DIALECT.codec(2).decode(0x80000001, b"\x05") == Answer(5)
    with pytest.raises(DecodeError):
        DIALECT.codec(2).decode(0x80000001, b"\0\0\x05")


def test_a_body_that_may_be_missing_reads_as_zero() -> None:
    assert DIALECT.codec(1).decode(0x80000001, b"") == Answer(0)


def test_without_tolerance_only_the_own_size_is_read() -> None:
    for body in (b"", b"\0\0\0\x05"):
        with pytest.raises(DecodeError):
            STRICT.codec(1).decode(0x80000001, body)


def test_a_codec_is_compiled_once() -> None:
    assert DIALECT.codec(1) is DIALECT.codec(1)
