"""What code must not do, except where a line says why with `# tidy: allow-<rule>`."""

import ast
from collections.abc import Callable, Iterator

import pytest

from .sources import Source, dotted, sources

SHIPPED = sources("src/hongyan")

CLOCKS = {
    "time.time": "kit.clock",
    "time.time_ns": "kit.clock",
    "time.monotonic": "kit.clock",
    "time.monotonic_ns": "kit.clock",
    "time.perf_counter": "kit.clock",
    "time.sleep": "asyncio.sleep",
    "datetime.now": "kit.clock",
    "datetime.utcnow": "kit.clock",
    "datetime.today": "kit.clock",
    "datetime.datetime.now": "kit.clock",
    "date.today": "kit.clock",
}
TASK_MAKERS = {"asyncio.create_task", "asyncio.ensure_future", "loop.create_task", "asyncio.gather"}


def calls(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """Yield each call and the dotted name of what is called."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            yield node, name


def clocks(source: Source) -> Iterator[ast.AST]:
    """There is one clock, and it is injected: so every timer can be tested, and a jump of time harms nothing."""
    yield from (call for call, name in calls(source) if name in CLOCKS)


def chance(source: Source) -> Iterator[ast.AST]:
    """A module's own `random.Random` can be seeded; secrets come from `secrets`; the global one is neither."""
    imported = {alias.name for node in ast.walk(source.tree) if isinstance(node, ast.Import) for alias in node.names}
    if "random" in imported:
        yield from (call for call, name in calls(source) if name.startswith("random.") and name != "random.Random")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "random" and {a.name for a in node.names} != {"Random"}:
            yield node


def tasks(source: Source) -> Iterator[ast.AST]:
    """Every task has an owner who hears of its failure: a TaskGroup."""
    yield from (call for call, name in calls(source) if name in TASK_MAKERS)


def queues(source: Source) -> Iterator[ast.AST]:
    """Every queue has a bound, or memory is the bound."""
    for call, name in calls(source):
        if name in {"asyncio.Queue", "Queue", "queue.Queue"} and not call.args and not call.keywords:
            yield call


def environment(source: Source) -> Iterator[ast.AST]:
    """Settings are read in one place; elsewhere a variable would be a hidden argument."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv", "os.environb"}:
            yield node


def broad_except(source: Source) -> Iterator[ast.AST]:
    """Whatever catches everything hides mistakes: it stands at a supervised border, or tells errors apart at once."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or dotted(kind) in {"Exception", "BaseException"} for kind in kinds):
                yield node


# Rule → its check, the files that may, and further comments that escape it.
RULES: dict[str, tuple[Callable[[Source], Iterator[ast.AST]], tuple[str, ...], tuple[str, ...]]] = {
    "clock": (clocks, ("src/hongyan/kit/clock.py",), ()),
    "chance": (chance, (), ()),
    "task": (tasks, ("src/hongyan/runtime/supervisor.py",), ()),
    "queue": (queues, (), ()),
    "environment": (environment, (), ()),
    "broad-except": (broad_except, (), ("supervised border", "noqa: BLE001 - ")),
}


@pytest.mark.parametrize("rule", RULES)
def test_nothing_banned_is_done(rule: str) -> None:
    check, allowed, further_marks = RULES[rule]
    broken = [
        source.at(node)
        for source in SHIPPED
        if source.path not in allowed
        for node in check(source)
        if not source.is_escaped(node, f"tidy: allow-{rule}", *further_marks)
        and not (rule == "broad-except" and cleans_up(node))
    ]
    assert broken == [], check.__doc__


def cleans_up(node: ast.AST) -> bool:
    """Tell whether a handler only cleans up: its last statement raises again what it caught."""
    return isinstance(node, ast.ExceptHandler) and isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None


@pytest.mark.parametrize(
    "rule, text",
    [
        ("clock", "import time\ntime.time()"),
        ("chance", "import random\nrandom.random()"),
        ("task", "import asyncio\nasyncio.create_task(f())"),
        ("queue", "import asyncio\nasyncio.Queue()"),
        ("environment", "import os\nos.environ['HOME']"),
        ("broad-except", "try:\n    f()\nexcept (OSError, Exception):\n    pass"),
    ],
)
def test_each_rule_sees_what_it_bans(rule: str, text: str) -> None:
    check = RULES[rule][0]
    assert list(check(Source("planted.py", text.splitlines(), ast.parse(text))))
