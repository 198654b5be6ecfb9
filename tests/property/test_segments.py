"""Cutting a text loses nothing, cuts through nothing and agrees with the count."""

from hypothesis import given
from hypothesis import strategies as st

from hongyan.text.alphabets import Alphabet, decode, encode, units
from hongyan.text.headers import Concatenation, split_header
from hongyan.text.segments import CMPP, SGIP, SMGP, SMPP, Capacity, Limits, count, encode_parts, plan

GBK = Limits((Capacity(Alphabet.GBK, 140, 134), Capacity(Alphabet.UCS2, 70, 67)))

# Mixes of characters that take one unit and two, so that cuts fall on every offset.
_alphabets = [
    st.sampled_from("a`€[é码😀"),
    st.sampled_from("a€[é"),
    st.sampled_from("a码"),
    st.characters(exclude_categories=["Cs"]),
]
texts = st.one_of([st.text(characters, max_size=700) for characters in _alphabets])
limits = st.sampled_from([CMPP, SGIP, SMGP, SMPP, GBK])


@given(texts, limits)
def test_the_parts_are_the_text(text: str, of: Limits) -> None:
    cut = plan(text, of)

    assert "".join(cut.parts) == text
    assert cut.units == units(text, cut.alphabet)


@given(texts, limits)
def test_the_count_is_the_number_of_parts(text: str, of: Limits) -> None:
    assert count(text, of) == len(plan(text, of).parts)


@given(texts, limits)
def test_every_part_fits_and_only_the_last_has_room_left(text: str, of: Limits) -> None:
    cut = plan(text, of)
    capacity = next(capacity for capacity in of.capacities if capacity.alphabet is cut.alphabet)
    sizes = [units(part, cut.alphabet) or 0 for part in cut.parts]

    assert max(sizes) <= (capacity.single if len(sizes) == 1 else capacity.part)
    assert all(size >= capacity.part - 1 for size in sizes[:-1])


@given(texts, limits, st.integers(0, 0xFFFF))
def test_each_part_can_be_read_by_itself_and_put_together_again(text: str, of: Limits, reference: int) -> None:
    cut = plan(text, of)

    encoded = encode_parts(cut, reference)
    if len(encoded) == 1:
        assert decode(encoded[0], cut.alphabet) == text
        return
    read = [split_header(data) for data in encoded]
    numbered = [Concatenation(reference & 0xFF, len(encoded), number) for number in range(1, len(encoded) + 1)]
    assert [header for header, _ in read] == numbered
    assert "".join(decode(payload, cut.alphabet) for _, payload in read) == text


@given(texts, st.sampled_from(Alphabet))
def test_what_an_alphabet_can_carry_it_gives_back(text: str, alphabet: Alphabet) -> None:
    if units(text, alphabet) is not None:
        assert decode(encode(text, alphabet), alphabet) == text


@given(st.binary(max_size=160), st.sampled_from(Alphabet))
def test_no_bytes_are_refused(data: bytes, alphabet: Alphabet) -> None:
    header, payload = split_header(data)

    assert data.endswith(payload)
    assert header is None or 1 <= header.number <= header.total
    assert isinstance(decode(payload, alphabet), str)
