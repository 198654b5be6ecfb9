"""The simulator's HTTP application: finds who answers a request, and refuses strangers.

It is a plain ASGI application rather than a framework's because it shares two cores with the carriers and
whatever is measured against them.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import ip_address

from .exchange import Exchange, Problem, Receive, Scope, Send
from .phones import TooManyWatches

Answer = Callable[..., Awaitable[None]]
"""Takes the exchange, and what stands in place of each `*` of the path."""
Routes = Mapping[str, Mapping[str, Answer]]
"""Path, such as `/phones/*/messages`, to method to who answers."""


class Application:
    """The ASGI application."""

    def __init__(self, *routes: Routes, host_names: Iterable[str] = ()) -> None:
        self._host_names = frozenset(name.lower() for name in host_names)
        self._routes: dict[tuple[str, ...], Mapping[str, Answer]] = {}
        for some in routes:
            for path, methods in some.items():
                self._routes[_parts(path)] = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send)
        try:
            self._check_host(exchange.headers.get(b"host", b"").decode("latin-1"))
            await self._dispatch(exchange)
        except Problem as problem:
            await exchange.answer_problem(problem)
        except TooManyWatches:
            fix = "close some of the waiting requests, then try again"
            await exchange.answer_problem(Problem(503, "too many readers wait for messages", field="", fix=fix))

    def _check_host(self, host: str) -> None:
        """Refuse names that a stranger could point at this machine (DNS rebinding) to read along in a browser."""
        name = re.sub(r":[0-9]+\Z", "", host).strip("[]").rstrip(".").lower()
        is_single_word = "." not in name and ":" not in name
        if is_single_word or name.endswith(".localhost") or name in self._host_names:
            return
        try:
            ip_address(name)
        except ValueError:
            fix = "use the address, or add the name to host_names in the simulator's phone settings"
            raise Problem(421, f"this server does not answer to the name {name!r}", field="Host", fix=fix) from None

    async def _dispatch(self, exchange: Exchange) -> None:
        methods, names = self._find(_parts(exchange.path))
        if methods is None:
            raise Problem(404, f"there is nothing at {exchange.path}", field="path", fix="see docs/simulator.md")
        answer = methods.get("GET" if exchange.method == "HEAD" else exchange.method)
        if answer is None:
            allow = ", ".join(methods)
            problem = Problem(405, f"{exchange.method} is not for this path", field="method", fix=f"use {allow}")
            await exchange.answer_problem(problem, allow=allow)
        else:
            await answer(exchange, *names)

    def _find(self, parts: tuple[str, ...]) -> tuple[Mapping[str, Answer] | None, list[str]]:
        """Return who answers at a path and what stands for each `*`: every second part of a path is a name."""
        if methods := self._routes.get(parts):
            return methods, []
        if not all(parts):
            return None, []
        names = list(parts[1::2])
        pattern = tuple("*" if index % 2 else part for index, part in enumerate(parts))
        if methods := self._routes.get(pattern):
            return methods, names
        # Below a name, a last word may stand in a name's place: /phones/*/messages/next.
        return self._routes.get((*pattern[:-1], parts[-1])), names[:-1]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))
