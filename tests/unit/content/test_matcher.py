"""Finding templates by their literals."""

import pytest

from hongyan.content.body import take_apart
from hongyan.content.matcher import Matcher, Pattern

LENGTH_MAX = 6


def a_pattern(body: str, template_id: int = 1) -> Pattern:
    return Pattern(template_id, take_apart(body), LENGTH_MAX)


def found(text: str, *bodies: str) -> int | None:
    pattern = Matcher(a_pattern(body, number) for number, body in enumerate(bodies, 1)).find(text)
    return pattern.template_id if pattern else None


@pytest.mark.parametrize(
    "body, text",
    [
        ("没有变量", "没有变量"),
        ("验证码{1}", "验证码1"),
        ("验证码{1}", "验证码123456"),
        ("{1}您好", "王女士您好"),
        ("您好{1}再见", "您好甲再见"),
        ("{1}和{2}", "甲和乙"),
        ("{1}和{2}", "和和和"),
        ("{1}a{2}b{3}", "1a2b3"),
        ("x{1}aa{2}", "xaaaaaaa"),
        ("第一行\n{1}", "第一行\n12\n34"),
    ],
)
def test_a_text_made_from_a_template_fits(body: str, text: str) -> None:
    assert a_pattern(body).fits(text)


@pytest.mark.parametrize(
    "body, text",
    [
        ("没有变量", "没有变量。"),
        ("没有变量", "没有"),
        ("验证码{1}", "验证码"),
        ("验证码{1}", "验证码1234567"),
        ("验证码{1}", "验证马1234"),
        ("{1}您好", "您好"),
        ("您好{1}您好", "您好您好"),
        ("您好{1}好您", "您好您"),
        ("{1}和{2}", "和乙"),
        ("{1}和{2}", "甲和"),
        ("{1}和{2}", "甲与乙"),
        ("{1}a{2}b{3}", "1b2a3"),
        ("{1}和{2}", "1234567和1"),
        ("{1}和{2}", "1和1234567"),
        ("验证码{1}", ""),
    ],
)
def test_a_text_that_differs_does_not_fit(body: str, text: str) -> None:
    assert not a_pattern(body).fits(text)


@pytest.mark.parametrize(
    "body, text",
    [
        # The leftmost place of a literal makes a variable too long; one further right does not.
        ("x{1}-{2}", "x1-3-5-7890123"[:12]),
        ("{1}-{2}-{3}", "1-3-5678-123456"),
        ("{1}-{2}=", "12-45-789012="),
    ],
)
def test_a_place_further_right_is_tried_where_a_variable_would_be_too_long(body: str, text: str) -> None:
    assert a_pattern(body).fits(text)


def test_a_variable_is_too_long_wherever_its_literals_are_put() -> None:
    assert not a_pattern("{1}-{2}-{3}").fits("1-3-56789012345")


def test_an_ambiguous_text_is_decided_without_trying_all_ways() -> None:
    pattern = Pattern(1, take_apart("{1}" + "".join(f"a{{{n}}}" for n in range(2, 31)) + "b"), 32)

    assert not pattern.fits("a" * 700)
    assert pattern.fits("a" * 700 + "b")


def test_of_templates_that_fit_the_one_with_most_fixed_text_is_meant() -> None:
    assert found("您的验证码是1234", "您的{1}", "您的验证码是{1}", "{1}1234") == 2
    assert found("您的验证码是1234", "您的验证码是{1}", "您的验证码是1234", "{1}是1234") == 2
    assert found("甲验证码1234", "{1}验证码1234", "甲{1}34") == 1


def test_of_equals_the_oldest_is_meant() -> None:
    assert found("验证码12", "验证码{1}", "验证码${code}") == 1
    assert found("ab12", "{1}12", "ab{1}") == 1


def test_a_text_that_fits_none_is_not_found() -> None:
    assert found("再见", "验证码{1}", "{1}您好", "您好") is None
    assert found("再见") is None
    assert found("", "验证码{1}", "您好{1}再见") is None


@pytest.mark.parametrize("shape", ["{{1}}{word}", "{word}{{1}}", "同{{1}}{word}{{2}}尾", "{{1}}{word}{{2}}"])
def test_a_template_is_found_among_many_of_the_same_shape(shape: str) -> None:
    words = [f"{chr(0x4E00 + number)}{number}" for number in range(200)]
    matcher = Matcher(a_pattern(shape.format(word=word), number) for number, word in enumerate(words))

    for number, word in enumerate(words):
        text = shape.format(word=word).replace("{1}", "甲").replace("{2}", "乙")
        pattern = matcher.find(text)
        assert pattern is not None
        assert pattern.template_id == number


def test_single_characters_and_lone_variables_are_found_among_many_that_share_both_ends() -> None:
    bodies = ["头{1}尾", "头{1}a{2}尾", *(f"头{{1}}{number:03}{{2}}尾" for number in range(20))]

    assert found("头1a2尾", *bodies) == 2
    assert found("头xyz尾", *bodies) == 1
    assert found("头1007b尾", *bodies) == 10
