"""What somebody was told, in order, and a way to wait for more."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from hongyan.kit.clock import SystemClock

CLOCK: Final = SystemClock()
PATIENCE_SECONDS: Final = 5.0


class Record:
    """Notes of what happened: a kind and what belongs to it."""

    def __init__(self) -> None:
        self.notes: list[tuple[Any, ...]] = []
        self._changed = asyncio.Event()

    def note(self, *what: object) -> None:
        """Write something down."""
        self.notes.append(what)
        self._changed.set()

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        """Return the notes of a kind, without it."""
        return [tuple(rest) for name, *rest in self.notes if name == kind]

    async def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Wait until something told makes it true; TimeoutError names what was waited for."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise TimeoutError(f"{what or 'nothing of the kind'}; told were {self.notes}") from error

    async def has(self, kind: str, count: int = 1) -> list[tuple[Any, ...]]:
        """Wait for so many notes of a kind and return them."""
        await self.until(lambda: len(self.of(kind)) >= count, f"{count} x {kind}")
        return self.of(kind)


class ShortPauses:
    """Lets a link come back at once, or nearly."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return the shortest pause that does not keep the loop busy."""
        return min(a + 0.002, b)
