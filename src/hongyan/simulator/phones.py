"""The sandbox phones: every number that was ever sent to has an inbox, kept in memory.

The newest messages of all numbers together are kept up to a limit; then the oldest go. Reading decodes;
ringing only files the segments away, as it happens for every text of a benchmark too.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import msgspec

from hongyan.kit.clock import Clock

from .assembly import Assembler
from .handsets import Handsets, PhoneState
from .segment import Segment

MESSAGES_MAX = 50_000
WATCHES_MAX = 1_000
WATCH_QUEUE_MAX = 50
_IDS_PER_SECOND = 100_000


class Message(msgspec.Struct, gc=False):
    """A text as it stands in the inbox."""

    message_id: int
    """Grows with every message of all numbers, also from one run of the simulator to the next."""
    number: int
    segments: tuple[Segment, ...]
    complete: bool


class Missed(msgspec.Struct, frozen=True):
    """Stands in a watch for changes that came faster than they were taken."""


class Arrived(msgspec.Struct, frozen=True):
    """A message came in."""

    message: Message


class Changed(msgspec.Struct, frozen=True):
    """More is known of a message, such as that its report was acknowledged."""

    message: Message


class Cleared(msgspec.Struct, frozen=True):
    """The messages of a number were deleted; None for all numbers."""

    number: int | None


class Turned(msgspec.Struct, frozen=True):
    """A phone was turned on or off, or is full, or nobody's."""

    number: int
    state: PhoneState


Change = Arrived | Changed | Cleared | Missed | Turned


class TooManyWatches(Exception):
    """As many readers wait for messages as may."""


class Watch:
    """Changes as they happen, for one reader; it never makes the phones wait."""

    def __init__(self, *, queue_max: int = WATCH_QUEUE_MAX) -> None:
        self._changes: deque[Change] = deque()
        self._queue_max = queue_max
        self._something = asyncio.Event()
        self._ended = False

    def put(self, change: Change) -> None:
        """Add a change; a reader that lags too far behind gets one Missed instead of all it lags."""
        if len(self._changes) >= self._queue_max:
            self._changes.clear()
            change = Missed()
        self._changes.append(change)
        self._something.set()

    def end(self) -> None:
        """Let the reader stop once it has taken what is there."""
        self._ended = True
        self._something.set()

    async def take(self) -> list[Change]:
        """Wait for changes and return them all; none when the phones have ended the watch."""
        while not self._changes and not self._ended:
            self._something.clear()
            await self._something.wait()
        changes = list(self._changes)
        self._changes.clear()
        return changes


class Phones:
    """All inboxes."""

    def __init__(self, clock: Clock, *, messages_max: int = MESSAGES_MAX, assembler: Assembler | None = None) -> None:
        self._clock = clock
        self._messages_max = messages_max
        self._evict_at_once = max(1, messages_max // 64)
        self._assembler = assembler or Assembler()
        self._inboxes: dict[int, list[Message]] = {}  # the number that rang last stands last
        self._numbers: deque[int] = deque()  # one entry a message, oldest first
        self._next_id = int(clock.now() * _IDS_PER_SECOND)
        self.handsets = Handsets()
        self._watches: dict[int | None, list[Watch]] = {}
        self._watch_count = 0
        self._ended = False
        self.messages_total = 0
        """Messages ever received, also those that are gone."""

    def __len__(self) -> int:
        """Return how many messages are kept."""
        return len(self._numbers)

    def ring(self, segment: Segment) -> None:
        """Take a segment that reached its phone; the message stands in the inbox once all parts are there."""
        if segment.concatenation is None:
            self._file(segment.number, (segment,), complete=True)
            return
        whole = self._assembler.add(segment, self._clock.monotonic())
        if self._assembler.is_full:
            self.give_up_waiting()
        if whole:
            self._file(segment.number, tuple(whole), complete=True)

    def give_up_waiting(self) -> None:
        """Put texts whose other parts never came into the inboxes as they are; call every few seconds."""
        for parts in self._assembler.give_up(self._clock.monotonic()):
            self._file(parts[0].number, tuple(parts), complete=False)

    def changed(self, segment: Segment) -> None:
        """Tell those who watch that more is known of a segment's message."""
        if not self._watches:
            return
        for message in reversed(self._inboxes.get(segment.number, ())):
            if any(part is segment for part in message.segments):
                self._tell(segment.number, Changed(message))
                return

    def numbers(self) -> Iterator[int]:
        """Yield the numbers that have messages, the one that rang last first."""
        return reversed(self._inboxes)

    def number_count(self) -> int:
        """Return how many numbers have messages."""
        return len(self._inboxes)

    def messages(self, number: int) -> list[Message]:
        """Return the messages of a number, oldest first; do not keep or change the list."""
        return self._inboxes.get(number, [])

    def first_after(self, number: int, message_id: int) -> Message | None:
        """Return the oldest message of a number that is newer than the one with that id."""
        first: Message | None = None
        for message in reversed(self._inboxes.get(number, ())):
            if message.message_id <= message_id:
                break
            first = message
        return first

    def clear(self, number: int | None = None) -> int:
        """Delete the messages of a number, or of all; return how many there were."""
        if number is None:
            deleted = len(self._numbers)
            self._inboxes.clear()
            self._numbers.clear()
        else:
            deleted = len(self._inboxes.pop(number, ()))
            if deleted:
                self._numbers = deque(other for other in self._numbers if other != number)
        self._tell(number, Cleared(number))
        return deleted

    def turn(self, number: int, state: PhoneState) -> None:
        """Turn a phone on or off, and so on; TooManyPhones when that can't be kept."""
        self.handsets.turn(number, state)
        self._tell(number, Turned(number, state))

    @property
    def watch_count(self) -> int:
        """Return how many readers wait for changes."""
        return self._watch_count

    @contextmanager
    def watch(self, number: int | None) -> Iterator[Watch]:
        """Watch one number, or all with None; TooManyWatches when there are too many readers already."""
        if self._watch_count >= WATCHES_MAX:
            raise TooManyWatches
        watch = Watch()
        if self._ended:
            watch.end()
        self._watch_count += 1
        self._watches.setdefault(number, []).append(watch)
        try:
            yield watch
        finally:
            self._watch_count -= 1
            watches = self._watches[number]
            watches.remove(watch)
            if not watches:
                del self._watches[number]

    def end_watches(self) -> None:
        """Let all readers go, those to come as well: the simulator stops."""
        self._ended = True
        for watches in self._watches.values():
            for watch in watches:
                watch.end()

    def _file(self, number: int, segments: tuple[Segment, ...], *, complete: bool) -> None:
        message = Message(self._next_id, number, segments, complete)
        self._next_id += 1
        self.messages_total += 1
        inbox = self._inboxes.pop(number, None)
        if inbox is None:
            inbox = []
        inbox.append(message)
        self._inboxes[number] = inbox
        self._numbers.append(number)
        if len(self._numbers) > self._messages_max:
            self._evict()
        if self._watches:
            self._tell(number, Arrived(message))

    def _evict(self) -> None:
        """Drop the oldest messages, many at once, so that long inboxes are not moved for every message."""
        gone = Counter(islice(self._numbers, self._evict_at_once))
        for _ in range(self._evict_at_once):
            self._numbers.popleft()
        for number, count in gone.items():
            inbox = self._inboxes[number]
            del inbox[:count]
            if not inbox:
                del self._inboxes[number]

    def _tell(self, number: int | None, change: Change) -> None:
        audiences = list(self._watches) if number is None else (number, None)
        for audience in audiences:
            for watch in self._watches.get(audience, ()):
                watch.put(change)
