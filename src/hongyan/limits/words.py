"""Which texts mean "no more marketing" (退订), and which only sound like it.

The words are what Chinese marketing texts ask for (拒收请回复R, 退订回T or TD, 取消, N), what people write anyway, and two
that are understood abroad. A text is one when nothing else is left of it after

- full-width forms, case, blanks and invisible characters are evened out: `ＴＤ`, `t d`, `td` are TD;
- punctuation, brackets and signs around it are taken off: `TD.`, `“退订”`, `【退订】!` count;
- a polite or literal beginning is taken off: `回复TD`, `我要退订`, `请取消`;
- and, behind a letter word, 退订 or 取消: `TD退订` is what a text that ends in "回TD退订" makes people send.

Everything else is not: `不要退订` and `取消退订` mean the opposite, `退订后还能收到吗` is a question, and in `TD已发` nobody can say. A
person who is misread once writes again, and the plain word is in every marketing text; a customer whose texts silently stop
hears of it from nobody. So in doubt a text is no opt-out.
"""

import re
import unicodedata
from typing import Final

LETTER_WORDS: Final = ("T", "TD", "R", "N")
CHINESE_WORDS: Final = ("退订", "取消")
ENGLISH_WORDS: Final = ("STOP", "UNSUBSCRIBE")
WORDS: Final = (*LETTER_WORDS, *CHINESE_WORDS, *ENGLISH_WORDS)

_BEGINNINGS: Final = ("回复", "回", "请", "我要", "申请")
_LENGTH_MAX: Final = 40
"""A longer text is not looked at: with the signs and blanks that people add, a word takes a dozen characters."""

_is_opt_out = re.compile(
    rf"(?:{'|'.join(_BEGINNINGS)})?"
    rf"(?:(?P<letters>{'|'.join(sorted(LETTER_WORDS, key=len, reverse=True))})(?:{'|'.join(CHINESE_WORDS)})?"
    rf"|(?P<whole>{'|'.join((*CHINESE_WORDS, *ENGLISH_WORDS))}))"
).fullmatch
_TRADITIONAL: Final = str.maketrans({"訂": "订", "復": "复", "請": "请"})


def opt_out_word(text: str) -> str | None:
    """Return the word of `WORDS` that a whole text comes down to, or None."""
    if len(text) > _LENGTH_MAX:
        return None
    found = _is_opt_out(_evened(text))
    return (found["letters"] or found["whole"]) if found else None


def _evened(text: str) -> str:
    """Return the text in capitals, without blanks and invisible characters, and without signs at its ends."""
    folded = unicodedata.normalize("NFKC", text).upper().translate(_TRADITIONAL)
    kept = [character for character in folded if not _is_nothing(character)]
    start, end = 0, len(kept)
    while start < end and _is_sign(kept[start]):
        start += 1
    while start < end and _is_sign(kept[end - 1]):
        end -= 1
    return "".join(kept[start:end])


def _is_nothing(character: str) -> bool:
    """Tell whether a character shows nothing: blanks, controls, zero-width ones, selectors of a variant."""
    return unicodedata.category(character) in {"Cc", "Cf", "Mn", "Zs", "Zl", "Zp"}


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
