"""Which kind a field has in which version."""

import pytest

from hongyan.wire.fields import U8, Before, Since, kind_at, octets, text


def test_a_field_without_notes_is_the_same_in_every_version() -> None:
    assert kind_at((U8,), 0x20) == kind_at((U8,), 0x30) == U8


def test_since_leaves_a_field_out_of_older_versions() -> None:
    assert kind_at((U8, Since(0x30)), 0x2F) is None
    assert kind_at((U8, Since(0x30)), 0x30) == U8


def test_before_gives_older_versions_another_kind() -> None:
    assert kind_at((text(32), Before(0x30, text(21))), 0x20) == text(21)
    assert kind_at((text(32), Before(0x30, text(21))), 0x30) == text(32)


def test_notes_that_are_not_ours_are_passed_over() -> None:
    assert kind_at(("a remark", octets(8)), 0x20) == octets(8)


def test_a_field_without_a_kind_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        kind_at(("a remark",), 0x20)
