"""The glossary is the code's, and what users are told of changes is readable."""

import re

import pytest

from hongyan.content.model import MessageKind
from hongyan.numbers.model import Carrier

from .markdown import ROOT, read

GLOSSARY = [line.split(" | ") for line in read("docs/glossary.md").splitlines() if line.startswith("| ")][2:]
FRAGMENTS = [path for path in sorted((ROOT / "changes").glob("*.md")) if path.name != "README.md"]


def meaning(term: str) -> str:
    """Return what the glossary says of a term."""
    (found,) = [row[2] for row in GLOSSARY if row[0].removeprefix("| ").split(":")[0].split(",")[0] == term]
    return found


def test_carriers_and_kinds_are_named_as_in_the_code() -> None:
    assert re.findall(r"`(\w+)`", meaning("carrier")) == [carrier.name.lower() for carrier in Carrier]
    assert re.findall(r"`(\w+)`", meaning("message kind")) == [kind.name.lower() for kind in MessageKind]


def test_every_term_has_its_chinese_word_and_stands_once() -> None:
    terms = [row[0] for row in GLOSSARY]
    assert len(set(terms)) == len(terms) > 20
    assert [row[0] for row in GLOSSARY if not re.search(r"[\u4e00-\u9fff]", row[1])] == []


def test_every_term_of_what_is_built_is_used_in_the_code() -> None:
    later = {"filing", "reply", "callback", "campaign", "registration"}  # the code has the verb: register
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")).lower()
    words = {word for row in GLOSSARY for word in re.findall(r"[a-z_]{3,}", row[0].removeprefix("| API").lower())}
    assert {word for word in words - later if word not in code} == set()


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_one_sentence_in_a_line(fragment: object) -> None:
    (line,) = read(str(fragment)).splitlines()
    assert re.fullmatch(r"[A-Z`].*\.", line)
