"""Taking template bodies apart, and what is wrong with some."""

import pytest

from hongyan.content.body import Body, flaws, take_apart


@pytest.mark.parametrize(
    "body, literals, variables",
    [
        ("没有变量", ("没有变量",), ()),
        ("验证码{1}，{2}分钟", ("验证码", "，", "分钟"), ("{1}", "{2}")),
        ("{1}您好", ("", "您好"), ("{1}",)),
        ("您好${name}", ("您好", ""), ("${name}",)),
        ("${a1}和{12}", ("", "和", ""), ("${a1}", "{12}")),
    ],
)
def test_a_body_is_split_at_its_variables(body: str, literals: tuple[str, ...], variables: tuple[str, ...]) -> None:
    assert take_apart(body) == Body(literals, variables)


@pytest.mark.parametrize(
    "body", ["您的验证码是{1}", "{1}您好，订单${order_no}已发货", "第一行\n第二行", "价格$5", "100%"]
)
def test_a_sound_body_has_no_flaws(body: str) -> None:
    assert list(flaws(body)) == []


@pytest.mark.parametrize(
    "body, words",
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("字" * 501, "501 characters; at most 500"),
        ("【企讯通】验证码{1}", "Leave the signature"),
        ("验证码{1}】", "Leave the signature"),
        ("验证码\x00{1}", "control character"),
        ("验证码\x7f{1}", "control character"),
        (" 验证码{1}", "blanks before and after"),
        ("验证码{0}", "{0} is not a variable"),
        ("验证码{code}", "{code} is not a variable"),
        ("验证码${1}", "${1} is not a variable"),
        ("验证码{1", "{1 is not a variable"),
        ("验证码1}", "} is not a variable"),
        ("验证码{100}", "{100} is not a variable"),
        ("验证码{1}{2}", "side by side"),
        ("{1}好，{1}再见", "{1} stands more than once"),
        ("，".join(f"{{{n}}}" for n in range(1, 32)), "31 variables; at most 30"),
        ("{1}", "nothing but variables"),
        ("{1}。", "nothing but variables"),
    ],
)
def test_a_flaw_is_named_with_its_remedy(body: str, words: str) -> None:
    assert words in " ".join(flaws(body))


def test_all_flaws_are_named_at_once() -> None:
    assert len(list(flaws(" 【甲】{1}{2}{x}"))) == 4
