"""Long texts from phones: which parts belong together, in whatever order, how often and over whatever link they come.

The parts of a text bear the same sender, number dialled, reference and total: its *key*. A channel is no part of it, since
a carrier may hand over one text through several. Sender and reference together are nearly unique, but a phone has 256
references, and machines are seen that use one for ever; so several texts of one key may be under way:

1. A part that came within the last minute with the same number and the same octets is that part once more, from a phone or
   carrier that did not hear of its acceptance. It is dropped.
2. A part goes to a text that still lacks its number; of several, to the oldest that is still coming in (the last of its
   parts came within ten seconds): texts under way at once come in order, part by part. Where none is, to the one that was
   heard of last: the older ones have lost a part.
3. Where no text lacks it, a new text begins.

A text whose parts have not all come a minute after the last one did is given out as it is.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from msgspec import Struct

from hongyan.carriers.reading import text_of
from hongyan.text.alphabets import Alphabet

from .model import Part, WholeText

REPEATED_WITHIN: Final = timedelta(seconds=60)
COMING_IN: Final = timedelta(seconds=10)
GIVEN_UP_AFTER: Final = timedelta(seconds=60)
"""After the last part. Phones send the parts of a text within seconds of each other; radio gaps add some tens."""


class TextKey(Struct, frozen=True):
    """What the parts of one long text have in common."""

    from_number: int
    to_number: str
    reference: int
    total: int


class LongText:
    """The parts that have come of one text."""

    __slots__ = ("is_delivered", "key", "parts", "text_id")

    def __init__(self, key: TextKey, text_id: int, *, is_delivered: bool = False) -> None:
        self.key = key
        self.text_id = text_id
        self.is_delivered = is_delivered
        """Among the replies already; kept to know a part that comes once more."""
        self.parts: dict[int, Part] = {}

    @property
    def is_complete(self) -> bool:
        """Tell whether all parts have come."""
        return len(self.parts) == self.key.total

    @property
    def last_at(self) -> datetime:
        """Return when its last part came."""
        return max(part.received_at for part in self.parts.values())

    def is_given_up(self, now: datetime) -> bool:
        """Tell whether what is missing is not waited for any longer."""
        return now - self.last_at >= GIVEN_UP_AFTER


def key_of(part: Part) -> TextKey:
    """Return the key of a part of a long text."""
    concatenation = part.concatenation
    assert concatenation is not None, "the part of a long text says which it is"
    return TextKey(part.from_number, part.to_number, concatenation.reference, concatenation.total)


def number_of(part: Part) -> int:
    """Return which part of its text it is, from 1."""
    assert part.concatenation is not None, "the part of a long text says which it is"
    return part.concatenation.number


def add_part(texts: list[LongText], part: Part, *, new_id: Callable[[], int]) -> LongText | None:
    """Put a part where it belongs among the texts of its key, oldest first; None when it was there already.

    A text that it begins is added to `texts`, under an id of its own.
    """
    number = number_of(part)
    if any(_repeats(text.parts.get(number), part) for text in texts):
        return None
    text = _text_for(texts, part, number)
    if text is None:
        text = LongText(key_of(part), new_id())
        texts.append(text)
    text.parts[number] = part
    return text


def whole_text_of(part: Part) -> WholeText:
    """Return the text of a short message that is one by itself."""
    return _assembled([part], total=1)


def assembled(text: LongText) -> WholeText:
    """Return what came of a long text, in order; what is missing leaves no mark in it."""
    return _assembled([text.parts[number] for number in sorted(text.parts)], total=text.key.total)


def _repeats(known: Part | None, part: Part) -> bool:
    return (
        known is not None
        and known.content == part.content
        and abs(part.received_at - known.received_at) <= REPEATED_WITHIN
    )


def _text_for(texts: Iterable[LongText], part: Part, number: int) -> LongText | None:
    lacking = [text for text in texts if not text.is_delivered and number not in text.parts]
    coming_in = [text for text in lacking if part.received_at - text.last_at <= COMING_IN]
    if coming_in:
        return coming_in[0]
    return max(lacking, key=lambda text: text.last_at, default=None)


def _assembled(parts: Sequence[Part], *, total: int) -> WholeText:
    first = parts[0]
    # Neighbours are read together: a phone may cut a text in the middle of a character.
    runs: list[list[Part]] = []
    for _, run in groupby(enumerate(parts), key=lambda numbered: _run_of(*numbered)):
        runs.append([part for _, part in run])
    content = "".join(_read(run) for run in runs)
    return WholeText(
        channel_id=first.channel_id,
        from_number=first.from_number,
        to_number=first.to_number,
        content=content.replace("\x00", ""),
        parts=total,
        parts_missing=total - len(parts),
        carrier_message_id=first.carrier_message_id,
        received_at=max(part.received_at for part in parts),
    )


def _run_of(position: int, part: Part) -> tuple[int, Alphabet | None]:
    """Return what parts without a gap between them, read the same way, have in common."""
    return (number_of(part) if part.is_long else 1) - position, part.alphabet


def _read(run: Sequence[Part]) -> str:
    return text_of(b"".join(part.content for part in run), run[0].alphabet)
