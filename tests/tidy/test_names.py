"""Names say what a thing is; packages say what is in them; fragments are found by the tool that gathers them."""

import ast
import re
from pathlib import Path

import pytest

from .sources import ROOT, Source, sources

SHIPPED = sources("src/hongyan")
EVERYTHING = sources("src/hongyan", "tests", "benchmarks", "fuzz")
VAGUE = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "handler", "handlers", "misc"}
FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md")


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [source.path for source in EVERYTHING if VAGUE & set(Path(source.path).with_suffix("").parts)] == []


@pytest.mark.parametrize("source", EVERYTHING, ids=lambda source: source.path)
def test_each_file_begins_by_saying_what_is_in_it(source: Source) -> None:
    assert ast.get_docstring(source.tree)


def test_each_folder_of_the_package_is_a_package() -> None:
    folders = {Path(source.path).parent for source in SHIPPED}
    assert [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()] == []


def test_each_change_fragment_can_be_gathered() -> None:
    found = [path.name for path in (ROOT / "changes").iterdir() if path.name not in {"README.md", "template.jinja"}]
    assert [name for name in found if not FRAGMENT.fullmatch(name)] == []


def test_no_statement_hides_in_the_code() -> None:
    """SQL stands in `queries.sql`, with a name and a sentence."""
    begins = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s+\w+[\s\S]*\b(FROM|SET|VALUES|AS)\b")
    found = [
        source.at(node)
        for source in SHIPPED
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and begins.match(node.value)
        if not source.is_escaped(node, "tidy: allow-sql")
    ]
    assert found == []
