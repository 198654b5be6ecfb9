"""What a reply is: as a carrier hands it over, and as it is kept."""

from datetime import datetime

import msgspec

from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One short message from a phone: a whole text, or a part of a long one."""

    channel_id: int
    from_number: int
    """E.164 digits; 0 where the carrier gave none."""
    to_number: str
    """As dialled, extension included."""
    content: bytes
    """Without its header."""
    alphabet: Alphabet | None
    """None for what is no text."""
    concatenation: Concatenation | None
    carrier_message_id: str | None
    received_at: datetime

    @property
    def is_long(self) -> bool:
        """Tell whether more parts belong to its text."""
        return self.concatenation is not None and self.concatenation.total > 1


class WholeText(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it came from a phone, or what came of it before its time was over; nobody knows yet whose it is."""

    channel_id: int
    """Over which the first of its parts came."""
    from_number: int
    to_number: str
    content: str
    parts: int
    parts_missing: int
    carrier_message_id: str | None
    """Of its first part."""
    received_at: datetime
    """When its last part came."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A text from a phone, and whose it is."""

    reply_id: int
    account_id: int | None
    """None: nobody's, as far as we can tell."""
    account: str | None
    mid: int | None
    """The message that it answers."""
    channel_id: int
    channel: str | None
    from_number: int
    to_number: str
    content: str
    parts: int
    parts_missing: int
    opt_out_word: str | None
    """The word, where the text is one (limits.words)."""
    carrier_message_id: str | None
    received_at: datetime


class ReplyFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which replies a list shows, newest first."""

    account_id: int | None = None
    unmatched: bool = False
    """Only those that are nobody's."""
    from_number: int | None = None
    since: datetime | None = None
    before: int | None = None
    """The cursor: only replies with a lower id."""
    limit: int = 50


class ReplyPage(msgspec.Struct, frozen=True):
    """A part of a list."""

    replies: list[Reply]
    next_before: int | None
    """Ask for the next page with this; None on the last one."""
