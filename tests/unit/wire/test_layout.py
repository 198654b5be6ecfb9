"""Tables of fields turned to octets and back."""

from typing import Annotated, Any, cast

import pytest
from msgspec import Struct

from hongyan.wire.errors import DecodeError, EncodeError
from hongyan.wire.fields import (
    U8,
    U16,
    U32,
    U64,
    Before,
    Counted,
    CString,
    Kind,
    Octets,
    Since,
    Sized,
    octets,
    text,
)
from hongyan.wire.layout import Layout

OLD, NEW = 1, 2


class Sample(Struct, frozen=True):
    """One field of every kind."""

    flag: Annotated[int, U8] = 1
    name: Annotated[str, text(4), Before(NEW, text(2))] = ""
    extra: Annotated[int, U16, Since(NEW)] = 7
    key: Annotated[bytes, octets(2)] = b"\0\0"
    system: Annotated[str, CString(5)] = ""
    numbers: Annotated[tuple[str, ...], Counted(text(3))] = ()
    body: Annotated[bytes, Sized(U8)] = b""
    long_body: Annotated[bytes, Sized(U16)] = b""
    total: Annotated[int, U32] = 0
    identity: Annotated[int, U64] = 0


class Empty(Struct, frozen=True):
    """No field at all."""


class Lonely(Struct, frozen=True):
    """One field only."""

    word: Annotated[str, CString(8)] = ""


LAYOUT = Layout(Sample)
SAMPLE = Sample(2, "ab", 0x0102, b"\x0a\x0b", "sys", ("1", "22"), b"hi", b"!", 3, 4)
NEW_OCTETS = bytes.fromhex("02 61620000 0102 0a0b 73797300 02 310000 323200 02 6869 0001 21 00000003 0000000000000004")
OLD_OCTETS = bytes.fromhex("02 6162 0a0b 73797300 02 310000 323200 02 6869 0001 21 00000003 0000000000000004")


def test_every_kind_lies_where_the_table_says() -> None:
    assert LAYOUT.encode(SAMPLE, NEW) == NEW_OCTETS
    assert LAYOUT.decode(NEW_OCTETS, NEW) == SAMPLE


def test_an_older_version_lacks_fields_and_has_others_narrower() -> None:
    assert LAYOUT.encode(SAMPLE, OLD) == OLD_OCTETS
    assert LAYOUT.decode(OLD_OCTETS, OLD) == Sample(2, "ab", 7, b"\x0a\x0b", "sys", ("1", "22"), b"hi", b"!", 3, 4)


def test_a_pdu_without_fields_has_no_body() -> None:
    layout = Layout(Empty)

    assert layout.encode(Empty(), NEW) == b""
    assert layout.decode(b"", NEW) == Empty()
    assert layout.plan(NEW).size == 0


def test_a_pdu_of_one_field_needs_no_run() -> None:
    layout = Layout(Lonely)

    assert layout.encode(Lonely("abc"), NEW) == b"abc\0"
    assert layout.decode(b"abc\0", NEW) == Lonely("abc")


def test_only_bodies_without_variable_parts_have_a_size() -> None:
    assert LAYOUT.plan(NEW).size is None


def test_text_is_read_up_to_the_first_nul_and_without_blanks_around_it() -> None:
    assert LAYOUT.decode(b"\x02 a\0z" + NEW_OCTETS[5:], NEW).name == "a"
    assert LAYOUT.decode(b"\x02ab  " + NEW_OCTETS[5:], NEW).name == "ab"


def test_text_need_not_be_ascii() -> None:
    read = LAYOUT.decode(b"\x02\xc4\xe3\xba\xc3" + NEW_OCTETS[5:], NEW)

    assert read.name == "\xc4\xe3\xba\xc3"
    assert read.name.encode("latin-1").decode("gbk") == "你好"
    assert LAYOUT.encode(read, NEW)[1:5] == b"\xc4\xe3\xba\xc3"


@pytest.mark.parametrize(
    "name,value,problem",
    [
        ("flag", 256, "must be an integer of 8 bits without sign"),
        ("flag", -1, "must be an integer of 8 bits without sign"),
        ("flag", "1", "must be an integer of 8 bits without sign"),
        ("name", "abcde", "is 5 octets long, 4 fit"),
        ("name", "a\0b", "contains NUL"),
        ("name", "你", "has a character above U+00FF"),
        ("name", None, "must be a string"),
        ("key", b"abc", "must be exactly 2 octets"),
        ("system", "12345", "is 5 octets long, 4 fit"),
        ("system", "1\0", "contains NUL"),
        ("numbers", ("1", "1234"), "[1] is 4 octets long, 3 fit"),
        ("numbers", ("1",) * 256, "must be a tuple of at most 255 strings"),
        ("numbers", "123", "must be a tuple of at most 255 strings"),
        ("numbers", 5, "must be a tuple of at most 255 strings"),
        ("body", bytes(256), "must be at most 255 octets"),
        ("long_body", bytes(65536), "must be at most 65535 octets"),
        ("total", 1 << 32, "must be an integer of 32 bits without sign"),
        ("identity", 1 << 64, "must be an integer of 64 bits without sign"),
    ],
)
def test_the_field_that_does_not_fit_is_named_without_its_value(name: str, value: Any, problem: str) -> None:
    with pytest.raises(EncodeError) as caught:
        LAYOUT.encode(Sample(**{name: value}), NEW)

    assert str(caught.value) == f"Sample.{name}: {problem}"


def test_another_class_is_not_encoded_by_mistake() -> None:
    with pytest.raises(EncodeError):
        LAYOUT.encode(cast("Sample", Lonely("abc")), NEW)


@pytest.mark.parametrize("cut", range(len(NEW_OCTETS)))
def test_a_body_that_ends_early_is_refused(cut: int) -> None:
    with pytest.raises(DecodeError, match=r"^Sample: "):
        LAYOUT.decode(NEW_OCTETS[:cut], NEW)


def test_a_body_that_goes_on_is_refused() -> None:
    with pytest.raises(DecodeError, match="Sample: 39 octets instead of 38"):
        LAYOUT.decode(NEW_OCTETS + b"\0", NEW)


def test_a_string_without_its_end_is_refused() -> None:
    with pytest.raises(DecodeError):
        Layout(Lonely).decode(b"12345678\0", NEW)


def test_a_plan_is_compiled_once() -> None:
    assert LAYOUT.plan(NEW) is LAYOUT.plan(NEW)
    assert LAYOUT.plan(OLD) is not LAYOUT.plan(NEW)


def test_a_field_without_a_kind_is_a_mistake_found_at_once() -> None:
    class Unmarked(Struct, frozen=True):
        word: str = ""

    with pytest.raises(TypeError):
        Layout(Unmarked).plan(NEW)


def test_a_kind_that_the_layout_does_not_know_is_a_mistake_found_at_once() -> None:
    class Odd(Kind, frozen=True):
        pass

    class Strange(Struct, frozen=True):
        word: Annotated[str, Odd()] = ""

    with pytest.raises(TypeError):
        Layout(Strange).plan(NEW)


def test_kinds_are_plain_values() -> None:
    assert octets(2) == Octets(2)
