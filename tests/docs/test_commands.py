"""The commands that pages name are there, with the options that they are given."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from hongyan.cli.main import build, names

from .markdown import blocks, pages, read

_PROGRAM = re.compile(r"(?:.*/)?hongyan")
_INLINE = re.compile(r"`((?:\.venv/bin/)?hongyan [a-z][^`]*)`")


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of each command of ours that a page shows."""
    for block in blocks(page, "sh"):
        for line in block.text.replace("\\\n", " ").splitlines():
            yield from (words for part in line.split(";") if (words := ours(part)))
    for line in _INLINE.findall(read(page)):
        yield ours(line)


def ours(line: str) -> list[str]:
    """Return the words after the program's name; none if it is another's."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # half of a line that was cut within quotes: none of ours has a semicolon there
        return []
    return words[1:] if words and _PROGRAM.fullmatch(words[0]) else []


def problem(words: list[str]) -> str | None:
    """Return what is wrong with a command."""
    alternatives = words[0].split("|")
    if unknown := [name for name in alternatives if name not in names()]:
        return f"there is no {unknown[0]}"
    command: Any = typer.main.get_command(build(alternatives[:1])).commands[alternatives[0]]  # type: ignore[attr-defined]
    for before, word in pairwise(words):
        verbs = getattr(command, "commands", None)
        if verbs is None or (word.startswith("-") and command.callback):  # a group may be a command itself
            break
        if word not in verbs:
            return f"{before} has no verb {word}"
        command = verbs[word]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return next((f"no option {word}" for word in words if word.startswith("--") and word not in known), None)


@pytest.mark.parametrize("page", [page for page in pages() if any(commands(page))], ids=str)
def test_every_command_on_a_page_exists(page: Path) -> None:
    told = {" ".join(words): problem(words) for words in commands(page)}
    assert {line: wrong for line, wrong in told.items() if wrong} == {}


def test_a_command_that_is_not_there_is_found() -> None:
    assert problem(["channel", "add", "NAME", "--password-stdin"]) == "no option --password-stdin"
    assert problem(["channel", "pause", "NAME"]) == "channel has no verb pause"
    assert problem(["channels"]) == "there is no channels"


def test_every_verb_of_make_that_a_page_names_exists() -> None:
    known = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {verb for page in pages() for verb in re.findall(r"\bmake ([a-z][a-z-]*)`", read(page))}
    assert named - known == set()
