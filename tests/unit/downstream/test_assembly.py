"""Putting texts together, before the database has a say."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.carriers.downstream.protocol import Coding, ReportWish, SubmitRefused
from hongyan.downstream.assembly import IncomingPart, _rounds, join

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def a_part(number: int, content: bytes, *, total: int = 3, reference: int = 7) -> IncomingPart:
    return IncomingPart(
        1, "1069", "13800138000", reference, total, 0, number, 99, ReportWish.ALWAYS, None, Coding.UCS2, content, None
    )


@given(texts, st.data())
def test_a_text_cut_at_any_octets_comes_back_whole(text: str, data: st.DataObject) -> None:
    octets = text.encode("utf-16-be")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=5)))
    bounds = [0, *cuts, len(octets)]
    parts = [(Coding.UCS2, octets[start:end]) for start, end in itertools.pairwise(bounds)]
    assert join(parts) == text


def test_parts_of_different_codings_are_read_each_by_its_own() -> None:
    assert join([(Coding.ASCII, b"abc"), (Coding.GBK, "你好".encode("gbk"))]) == "abc你好"


@pytest.mark.parametrize("coding", [Coding.ASCII, Coding.GBK])
def test_octets_that_are_no_text_are_refused(coding: Coding) -> None:
    with pytest.raises(SubmitRefused):
        join([(coding, b"\xff\xff")])


def numbers_of(rounds: Sequence[Sequence[IncomingPart]]) -> list[list[int]]:
    return [[part.number for part in some] for some in rounds]


def test_a_part_that_comes_twice_stays_in_its_round() -> None:
    parts = [a_part(1, b"a"), a_part(2, b"b"), a_part(1, b"a"), a_part(3, b"c")]
    assert numbers_of(_rounds(parts)) == [[1, 2, 1, 3]]


def test_another_text_of_the_same_numbers_begins_another_round() -> None:
    parts = [a_part(1, b"a"), a_part(2, b"b"), a_part(3, b"c"), a_part(1, b"a"), a_part(2, b"b"), a_part(3, b"d")]
    assert numbers_of(_rounds(parts)) == [[1, 2, 3], [1, 2, 3]]
    assert numbers_of(_rounds([a_part(1, b"a"), a_part(1, b"z")])) == [[1], [1]]


@given(
    st.lists(
        st.builds(a_part, st.integers(1, 3), st.sampled_from([b"a", b"b"]), reference=st.integers(1, 2)), max_size=20
    )
)
def test_rounds_keep_every_part_in_order_and_never_disagree_within(parts: list[IncomingPart]) -> None:
    rounds = _rounds(parts)
    assert [part for some in rounds for part in some] == parts
    for some in rounds:
        said: dict[object, bytes] = {}
        for part in some:
            assert said.setdefault((part.key, part.number), part.content) == part.content
