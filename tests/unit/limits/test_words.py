"""Which texts are opt-outs: the table that people rely on."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.limits.words import WORDS, opt_out_word

YES: dict[str, str] = {
    # The six words of the trade, and two from abroad.
    "T": "T",
    "TD": "TD",
    "R": "R",
    "N": "N",
    "退订": "退订",
    "取消": "取消",
    "STOP": "STOP",
    "Unsubscribe": "UNSUBSCRIBE",
    # Case and width.
    "td": "TD",
    "Td": "TD",
    "ＴＤ": "TD",
    "ｔｄ": "TD",
    "ｒ": "R",
    "Ｎ": "N",
    # Blanks of all kinds, inside too, and what nobody sees.
    " TD ": "TD",
    "T D": "TD",
    "\u3000退 订\u3000": "退订",
    "TD\r\n": "TD",
    "\ufeffTD": "TD",
    "T\u200bD": "TD",
    "\x00TD\x00": "TD",
    # Signs around it.
    "TD.": "TD",
    "TD。": "TD",
    "“TD”": "TD",
    '"td"': "TD",
    "【退订】": "退订",
    "（退订）": "退订",
    "退订!!!": "退订",
    "退订！！": "退订",
    "~退订~": "退订",
    "T、": "T",
    "退订👍🏻": "退订",
    "取消❤️": "取消",
    # What marketing texts make people send.
    "回复TD": "TD",
    "回TD": "TD",
    "TD退订": "TD",
    "回T退订": "T",
    "R取消": "R",
    "我要退订": "退订",
    "请取消": "取消",
    "申请退订": "退订",
    # Traditional characters.
    "退訂": "退订",
    "回復TD": "TD",
}
NO = (
    "",
    " ",
    "。",
    "不要退订",
    "别退订",
    "取消退订",
    "退订取消",
    "我不退订",
    "退订后还能收到吗",
    "怎么退订？",
    "退订了",
    "订阅",
    "START",
    "T1",
    "TD1",
    "1TD",
    "TT",
    "TN",
    "RN",
    "T.D",
    "D",
    "Y",
    "NO",
    "NT",
    "好的",
    "收到",
    "1",
    "ТD",  # a Cyrillic Т
    "TDTD",
    "TD TD",
    "回复",
    "回复：",
    "取消订单",
    "我要取消明天的预约",
    "stop it",
    "R" * 41,
    " " * 41 + "TD",
)


@pytest.mark.parametrize("text, word", YES.items())
def test_a_text_that_is_nothing_but_the_word_counts(text: str, word: str) -> None:
    assert opt_out_word(text) == word


@pytest.mark.parametrize("text", NO)
def test_a_text_that_says_more_or_else_does_not(text: str) -> None:
    assert opt_out_word(text) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert opt_out_word(text) in (None, *WORDS)


@given(
    st.sampled_from(WORDS),
    st.text(alphabet=" \t\u3000.。,，!！?？\"'“”【】()（）~-", max_size=6),
    st.sampled_from([str.lower, str.upper]),
)
def test_what_stands_around_a_word_changes_nothing(word: str, around: str, write: Callable[[str], str]) -> None:
    assert opt_out_word(around + write(word) + around) == word
