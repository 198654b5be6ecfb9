"""The phone page: nothing from outside gets in, and texts stay texts."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from hongyan.simulator.page import PAGE, PAGE_HEADERS

_HTML = PAGE.decode()


def _policy() -> str:
    return dict(PAGE_HEADERS)[b"content-security-policy"].decode()


@pytest.mark.parametrize("element", ["script", "style"])
def test_only_the_pages_own_script_and_style_are_allowed(element: str) -> None:
    (content,) = re.findall(rf"<{element}>(.*?)</{element}>", _HTML, re.DOTALL)
    digest = b64encode(sha256(content.encode()).digest()).decode()

    assert f"{element}-src 'sha256-{digest}';" in _policy()
    assert "unsafe" not in _policy()
    assert _policy().startswith("default-src 'none';")


def test_nothing_is_loaded_from_elsewhere() -> None:
    links = re.findall(r"https?://[^\s'\"<>]+", _HTML)

    assert set(links) <= {"http://www.w3.org/2000/svg"}
    assert "src=" not in _HTML
    assert "@import" not in _HTML


@pytest.mark.parametrize(
    "way",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "eval(",
        "createContextualFragment",
    ],
)
def test_texts_cannot_become_markup(way: str) -> None:
    assert way not in _HTML


def test_there_are_no_inline_handlers_or_styles() -> None:
    markup = re.sub(r"<(script|style)>.*?</\1>", "", _HTML, flags=re.DOTALL)

    assert re.findall(r"\s(on\w+|style)\s*=", markup) == []
    assert "javascript:" not in markup


def test_the_page_speaks_both_languages_completely() -> None:
    chinese, english = re.findall(r"  (?:zh|en): \{\n(.*?)\n  \},", _HTML, re.DOTALL)

    def keys(words: str) -> set[str]:
        return set(re.findall(r"(?:^|[,{] )\s*(\w+): (?:[\"({]|\()", words, re.MULTILINE))

    assert keys(chinese) == keys(english)
    assert len(keys(chinese)) > 50


def test_every_word_asked_for_is_known() -> None:
    (chinese,) = re.findall(r"  zh: \{\n(.*?)\n  \},", _HTML, re.DOTALL)
    asked = set(re.findall(r"data-(?:t|label)=\"(\w+)\"", _HTML)) | set(re.findall(r"\bt\(\"(\w+)\"", _HTML))

    missing = {word for word in asked if not word.endswith("_") and not re.search(rf"\b{word}: ", chinese)}

    assert missing == set()
