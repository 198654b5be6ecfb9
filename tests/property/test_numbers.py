"""Whatever a client writes is a number or has a problem."""

from hypothesis import given
from hypothesis import strategies as st

from hongyan.numbers.model import Carrier, Number
from hongyan.numbers.rules import NumberProblem, parse

WRITTEN = st.one_of(
    st.text(), st.from_regex(r"\A(\+|00)?(86)?1[0-9]{9,13}\Z"), st.from_regex(r"\A(\+|00)?[1-9][0-9]{5,15}\Z")
)


@given(WRITTEN)
def test_anything_is_a_number_or_has_a_problem(written: str) -> None:
    answer = parse(written)

    assert isinstance(answer, Number | NumberProblem)
    if isinstance(answer, Number):
        is_chinese = 8613000000000 <= answer.recipient <= 8619999999999
        assert is_chinese is (answer.carrier is not Carrier.INTERNATIONAL)
        assert str(answer.recipient).removeprefix("86") in written
        assert 1_000_000 <= answer.recipient < 10**15


@given(st.from_regex(r"\A1[0-9]{10}\Z"), st.sampled_from(["+86", "0086", "86"]))
def test_the_country_changes_nothing(national: str, country: str) -> None:
    assert parse(country + national) == parse(national)
