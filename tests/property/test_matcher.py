"""The matcher finds what plain regular expressions find, by the same preference."""

import re

from hypothesis import given
from hypothesis import strategies as st

from hongyan.content.body import take_apart
from hongyan.content.matcher import Matcher, Pattern

LENGTH_MAX = 4

# Few characters and short texts, so that literals overlap, repeat and stand where variables could.
literals = st.text("ab", max_size=3)
inner = st.text("ab", min_size=1, max_size=3)
texts = st.text("abc", max_size=14)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """A body of up to four variables, none side by side."""
    body = draw(literals)
    count = draw(st.integers(0, 4))
    for number in range(1, count + 1):
        body += f"{{{number}}}" + draw(inner if number < count else literals)
    return body


@st.composite
def texts_of(draw: st.DrawFn, body: str) -> str:
    """A text made from the body, with values that may look like its literals."""
    value = st.text("abc", min_size=1, max_size=LENGTH_MAX)
    return re.sub(r"\{\d\}", lambda _: draw(value), body)


def fits_by_regex(body: str, text: str) -> bool:
    variable = f".{{1,{LENGTH_MAX}}}"
    pattern = variable.join(map(re.escape, take_apart(body).literals))
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def patterns(of: list[str]) -> list[Pattern]:
    return [Pattern(number, take_apart(body), LENGTH_MAX) for number, body in enumerate(of)]


@given(bodies(), texts)
def test_a_pattern_agrees_with_its_regular_expression(body: str, text: str) -> None:
    assert patterns([body])[0].fits(text) == fits_by_regex(body, text)


@given(st.data(), bodies())
def test_every_text_made_from_a_template_fits_it(data: st.DataObject, body: str) -> None:
    text = data.draw(texts_of(body))

    assert patterns([body])[0].fits(text)


@given(st.data(), st.lists(bodies(), min_size=1, max_size=60))
def test_a_matcher_finds_the_best_of_all_templates_that_fit(data: st.DataObject, registered: list[str]) -> None:
    text = data.draw(st.one_of(texts, texts_of(data.draw(st.sampled_from(registered)))))

    found = Matcher(patterns(registered)).find(text)

    fitting = [
        pattern for pattern, body in zip(patterns(registered), registered, strict=True) if fits_by_regex(body, text)
    ]
    best = min(fitting, key=lambda pattern: pattern.rank, default=None)
    assert (found and found.template_id) == (best and best.template_id)


@given(st.data(), st.lists(inner, min_size=9, max_size=40, unique=True))
def test_a_template_is_found_among_many_with_the_same_ends(data: st.DataObject, words: list[str]) -> None:
    registered = [f"a{{1}}{word}{{2}}b" for word in words] + ["a{1}b"]
    text = data.draw(texts_of(data.draw(st.sampled_from(registered))))

    found = Matcher(patterns(registered)).find(text)

    fitting = [
        pattern for pattern, body in zip(patterns(registered), registered, strict=True) if fits_by_regex(body, text)
    ]
    assert found is not None
    assert found.rank == min(pattern.rank for pattern in fitting)
