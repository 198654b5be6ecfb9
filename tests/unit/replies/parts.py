"""Builders of what phones send."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hongyan.replies.assembly import LongText, add_part, assembled, key_of
from hongyan.replies.model import Part
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation

NOON: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PHONE: Final = 8613800138000


def a_part(content: str | bytes = "好的", *, seconds: float = 0.0, **differences: Any) -> Part:
    """Return a short message that came so many seconds after noon."""
    fields: dict[str, Any] = {
        "channel_id": 1,
        "from_number": PHONE,
        "to_number": "1069000012",
        "content": content if isinstance(content, bytes) else content.encode("utf-16-be", "surrogatepass"),
        "alphabet": Alphabet.UCS2,
        "concatenation": None,
        "carrier_message_id": None,
        "received_at": NOON + timedelta(seconds=seconds),
    }
    return Part(**{**fields, **differences})


def parts_of(*contents: str, reference: int = 7, **differences: Any) -> list[Part]:
    """Return the parts of one long text."""
    return [
        a_part(content, concatenation=Concatenation(reference, len(contents), number), **differences)
        for number, content in enumerate(contents, 1)
    ]


class Tray:
    """Takes parts one by one, as the writer does, and keeps the texts of each key."""

    def __init__(self) -> None:
        self.texts: dict[object, list[LongText]] = {}
        self.whole: list[LongText] = []
        self._last_id = 0

    def take(self, *parts: Part) -> None:
        """Add parts in the order in which they come."""
        for part in parts:
            text = add_part(self.texts.setdefault(key_of(part), []), part, new_id=self._new_id)
            if text is not None and text.is_complete and not text.is_delivered:
                text.is_delivered = True
                self.whole.append(text)

    def contents(self) -> Sequence[str]:
        """Return what came out whole."""
        return [assembled(text).content for text in self.whole]

    def waiting(self) -> list[LongText]:
        """Return the texts that lack a part."""
        return [text for texts in self.texts.values() for text in texts if not text.is_delivered]

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id
