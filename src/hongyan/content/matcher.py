"""Finding the template that a text was made from, among thousands, in a few microseconds.

A `Pattern` is one template: its literals have to stand in the text in order, the first at the front and
the last at the end, with 1 to `variable_length_max` characters between each two.

A `Matcher` finds the pattern among many. Which patterns are looked at at all is decided by look-ups only:

1. a text without variables is a key of a dict;
2. the others are filed under the literal in front of the first variable: by its first character, then in
   one dict for each length;
3. where very many share that literal, under the literal behind the last variable as well;
4. where very many share both, under two characters of a literal inside that few of the others have.

When several templates fit, the one with the most fixed text is taken, of equals the oldest.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Final, Protocol, TypeAlias

from .body import Body

_FEW: Final = 8
"""How many patterns are compared one by one before a further look-up is worth its while."""


class Pattern:
    """One template's literals, ready to be compared with texts."""

    __slots__ = (
        "_length_max",
        "_length_min",
        "has_variables",
        "inner",
        "prefix",
        "rank",
        "suffix",
        "template_id",
        "variable_length_max",
    )

    def __init__(self, template_id: int, body: Body, variable_length_max: int) -> None:
        variables = len(body.variables)
        self.template_id = template_id
        self.has_variables = variables > 0
        self.prefix = body.literals[0]
        self.inner = body.literals[1:-1]
        self.suffix = body.literals[-1] if variables else ""
        self.variable_length_max = variable_length_max
        self.rank = (-body.fixed_characters, template_id)
        """Of two patterns that fit, the one with the lower rank is meant."""
        self._length_min = body.fixed_characters + variables
        self._length_max = body.fixed_characters + variables * variable_length_max

    def fits(self, text: str) -> bool:
        """Tell whether the text can have been made from this template."""
        if not self._length_min <= len(text) <= self._length_max:
            return False
        if not (text.startswith(self.prefix) and text.endswith(self.suffix)):
            return False
        start = len(self.prefix)  # of the variable at hand
        end = len(text) - len(self.suffix)
        longest = self.variable_length_max
        # The leftmost place of each literal leaves the most room to those after it: if that fails, all do.
        # If it fails only because a variable would be too long, a place further right may do.
        for literal in self.inner:
            found = text.find(literal, start + 1, end - 1)
            if found < 0:
                return False
            if found - start > longest:
                return self._fits_somewhere(text, end)
            start = found + len(literal)
        return end - start <= longest or self._fits_somewhere(text, end)

    def _fits_somewhere(self, text: str, end: int) -> bool:
        """Try every place of every literal; one pass over the text for each, whatever it holds."""
        longest = self.variable_length_max
        starts = [len(self.prefix)]  # where the variable at hand can begin, in order
        for literal in self.inner:
            next_starts: list[int] = []
            oldest = 0
            found = text.find(literal, starts[0] + 1, end - 1)
            while found >= 0:
                while oldest < len(starts) and starts[oldest] < found - longest:
                    oldest += 1
                if oldest < len(starts) and starts[oldest] < found:
                    next_starts.append(found + len(literal))
                found = text.find(literal, found + 1, end - 1)
            if not next_starts:
                return False
            starts = next_starts
        return any(1 <= end - start <= longest for start in starts)


class Matcher:
    """Many patterns, and the look-ups that leave few of them to compare."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._whole: dict[str, Pattern] = {}
        variable: dict[tuple[str, tuple[str, ...], str], Pattern] = {}
        # Of templates with the same literals only the oldest can ever be meant.
        for pattern in sorted(patterns, key=_rank):
            if pattern.has_variables:
                variable.setdefault((pattern.prefix, pattern.inner, pattern.suffix), pattern)
            else:
                self._whole.setdefault(pattern.prefix, pattern)
        groups = _grouped(variable.values(), lambda pattern: pattern.prefix)
        self._unfixed = _shelf(groups.pop("", []), _BySuffix)
        self._tables: dict[str, _Tables] = {
            first: _tables(some, _BySuffix) for first, some in _parted(groups, lambda prefix: prefix[0]).items()
        }

    def find(self, text: str) -> Pattern | None:
        """Return the pattern that the text was made from."""
        best = self._whole.get(text)
        if best is not None:
            return best  # nothing has more fixed text than all of it
        if self._unfixed is not None:
            best = self._unfixed.find(text)
        for length, shelves in self._tables.get(text[:1], ()):
            shelf = shelves.get(text[:length])
            if shelf is not None:
                best = _better(best, shelf.find(text))
        return best


class _Shelf(Protocol):
    """Some patterns, and how to find the one of lowest rank that fits."""

    def find(self, text: str) -> Pattern | None: ...


_Split: TypeAlias = Callable[[list[Pattern]], _Shelf]
_Tables: TypeAlias = list[tuple[int, dict[str, _Shelf]]]


class _Few:
    """A handful of patterns, compared one after the other."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._patterns = tuple(sorted(patterns, key=_rank))

    def find(self, text: str) -> Pattern | None:
        for pattern in self._patterns:
            if text.endswith(pattern.suffix) and pattern.fits(text):  # the end tells most apart, without a call
                return pattern
        return None


class _BySuffix:
    """Patterns that share a prefix, under the literal behind the last variable: its last character, then all."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        groups = _grouped(patterns, lambda pattern: pattern.suffix)
        self._unfixed = _shelf(groups.pop("", []), _ByPair)
        self._tables: dict[str, _Tables] = {
            last: _tables(some, _ByPair) for last, some in _parted(groups, lambda suffix: suffix[-1]).items()
        }

    def find(self, text: str) -> Pattern | None:
        best = self._unfixed.find(text) if self._unfixed is not None else None
        for length, shelves in self._tables.get(text[-1:], ()):
            shelf = shelves.get(text[-length:])
            if shelf is not None:
                best = _better(best, shelf.find(text))
        return best


class _ByPair:
    """Patterns that share prefix and suffix, under two characters of an inner literal that few others have."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        pairs_of = {pattern: set[str]().union(*map(_pairs, pattern.inner)) for pattern in patterns}
        frequency = Counter(pair for pairs in pairs_of.values() for pair in pairs)
        groups: defaultdict[str, list[Pattern]] = defaultdict(list)
        for pattern, pairs in pairs_of.items():
            rarest = min(pairs, key=lambda pair: (-len(pair), frequency[pair], pair), default="")
            groups[rarest].append(pattern)
        self._unfixed = _Few(groups.pop("", []))  # a single variable between prefix and suffix
        self._shelves = {pair: _Few(group) for pair, group in groups.items()}
        self._has_single_characters = any(len(pair) == 1 for pair in self._shelves)

    def find(self, text: str) -> Pattern | None:
        best = self._unfixed.find(text)
        pairs = _pairs(text)
        for pair in pairs.union(text) if self._has_single_characters else pairs:
            shelf = self._shelves.get(pair)
            if shelf is not None:
                best = _better(best, shelf.find(text))
        return best


def _rank(pattern: Pattern) -> tuple[int, int]:
    return pattern.rank


def _better(one: Pattern | None, other: Pattern | None) -> Pattern | None:
    if one is None or other is None:
        return one or other
    return one if one.rank <= other.rank else other


def _pairs(literal: str) -> set[str]:
    """Return every two characters that stand side by side, or the only one."""
    return {literal[at : at + 2] for at in range(max(len(literal) - 1, 1))}


def _grouped(patterns: Iterable[Pattern], edge: Callable[[Pattern], str]) -> dict[str, list[Pattern]]:
    groups: defaultdict[str, list[Pattern]] = defaultdict(list)
    for pattern in patterns:
        groups[edge(pattern)].append(pattern)
    return groups


def _parted(groups: dict[str, list[Pattern]], character: Callable[[str], str]) -> dict[str, dict[str, list[Pattern]]]:
    """Part the groups by one character of their keys."""
    parted: defaultdict[str, dict[str, list[Pattern]]] = defaultdict(dict)
    for edge, group in groups.items():
        parted[character(edge)][edge] = group
    return parted


def _tables(groups: dict[str, list[Pattern]], split: _Split) -> _Tables:
    """Return the shelves in one dict for each length of key, the longest first; a slice of the text is the key."""
    by_length: defaultdict[int, dict[str, _Shelf]] = defaultdict(dict)
    for edge, group in groups.items():
        shelf = _shelf(group, split)
        if shelf:
            by_length[len(edge)][edge] = shelf
    return sorted(by_length.items(), key=lambda table: -table[0])


def _shelf(group: list[Pattern], split: _Split) -> _Shelf | None:
    if len(group) > _FEW:
        return split(group)
    return _Few(group) if group else None
