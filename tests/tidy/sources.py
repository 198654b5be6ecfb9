"""The project's Python sources, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

ROOT = Path(__file__).parents[2]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One file."""

    path: str
    """From the root of the tree, with slashes."""
    lines: list[str]
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Return where a node stands, as editors take it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def is_escaped(self, node: ast.AST, *marks: str) -> bool:
        """Tell whether the lines of a node (its first three, for a block) hold one of the escape comments."""
        first = getattr(node, "lineno", 1)
        last = min(getattr(node, "end_lineno", first), first + 2)
        return any(mark in line for line in self.lines[first - 1 : last] for mark in marks)


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Return the sources under folders of the root, such as `src/hongyan`."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(_parse(path) for path in paths if "node_modules" not in path.parts)


def functions(source: Source) -> Iterator[Function]:
    """Yield every function and method of a file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for an attribute of a name, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _parse(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text.splitlines(), ast.parse(text))
