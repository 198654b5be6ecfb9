"""Replies (上行): what people type on the sandbox phones, on its way to the customer it answers."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final

import msgspec

from hongyan.kit.clock import Clock

from .face import Face
from .login import Login
from .phones import Phones
from .reading import Coding
from .reply import ReplyPart, TextTooLong, coding_for, cut
from .segment import Segment
from .user_data import Concatenation

REPLIES_SHOWN_MAX: Final = 50
"""The newest ones that are kept of a number."""
NUMBERS_MAX: Final = 10_000
TEXT_LENGTH_MAX: Final = 10_000
_CODINGS: Final = {"ascii": Coding.ASCII, "gsm7": Coding.GSM7, "ucs2": Coding.UCS2, "gbk": Coding.GBK}


class CannotReply(Exception):
    """A reply that cannot be sent; `field` says why, `fix` what to do."""

    def __init__(self, problem: str, *, field: str, fix: str) -> None:
        super().__init__(problem)
        self.field = field
        self.fix = fix


class Reply(msgspec.Struct, gc=False):
    """What somebody typed, and the parts it was sent in."""

    reply_id: int
    """Counted from 1."""
    number: int
    text: str
    at: float
    parts: list[ReplyPart]


class ReplyDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked for: who is answered, and with what."""

    text: str
    to: str = ""
    """The customer's number; empty for whoever wrote last."""
    carrier: str = ""
    login: str = ""
    """Which account gets it, where the number does not tell."""
    coding: str = ""
    """ascii, gsm7, ucs2 or gbk; empty for ASCII where that does, else UCS-2."""


class Answering:
    """Sends replies, and keeps the newest."""

    def __init__(self, phones: Phones, faces: Sequence[Face], *, clock: Clock) -> None:
        self._phones = phones
        self._faces = faces
        self._clock = clock
        self._replies: OrderedDict[int, deque[Reply]] = OrderedDict()
        self._count = 0

    def replies(self, number: int) -> list[Reply]:
        """Return the newest replies of a phone, newest first."""
        return list(reversed(self._replies.get(number, ())))

    def reply(self, number: int, draft: ReplyDraft) -> Reply:
        """Send a reply; CannotReply when it has nowhere to go, or no coding carries it."""
        if not draft.text or len(draft.text) > TEXT_LENGTH_MAX:
            fix = f"give 1 to {TEXT_LENGTH_MAX} characters"
            raise CannotReply(f"the text has {len(draft.text)} characters", field="text", fix=fix)
        answered = self._answered(number, draft)
        face, login = self._receiver(draft, answered)
        destination = draft.to or (answered.sender if answered else "")
        if not destination:
            fix = "give to: the number that is answered"
            raise CannotReply("nobody has written to this phone", field="to", fix=fix)
        self._count += 1
        source = answered.destination if answered is not None else face.phone_text(number)
        parts = _parts(draft, face, reference=self._count)
        reply = Reply(self._count, number, draft.text, self._clock.now(), [])
        for concatenation, header, content in parts:
            reply.parts.append(
                ReplyPart(
                    carrier=face.config.name,
                    login=login.name,
                    number=number,
                    source=source,
                    destination=destination,
                    coding=_coding(draft),
                    header=header,
                    content=content,
                    concatenation=concatenation,
                )
            )
        self._keep(reply)
        face.carrier.reply(login, reply.parts)
        return reply

    def _keep(self, reply: Reply) -> None:
        kept = self._replies.setdefault(reply.number, deque(maxlen=REPLIES_SHOWN_MAX))
        kept.append(reply)
        self._replies.move_to_end(reply.number)
        if len(self._replies) > NUMBERS_MAX:
            self._replies.popitem(last=False)

    def _answered(self, number: int, draft: ReplyDraft) -> Segment | None:
        """Return the text that is answered: the newest from the number answered, else None; it tells the account."""
        for message in reversed(self._phones.messages(number)):
            segment = message.segments[0]
            is_from_it = not draft.to or draft.to.startswith(segment.sender) or segment.sender.startswith(draft.to)
            if is_from_it and draft.carrier in ("", segment.carrier) and draft.login in ("", segment.login):
                return segment
        return None

    def _receiver(self, draft: ReplyDraft, answered: Segment | None) -> tuple[Face, Login]:
        """Return who gets the reply: who was named, who wrote last, or the only one there is."""
        carrier = draft.carrier or (answered.carrier if answered else "")
        name = draft.login or (answered.login if answered else "")
        found = [
            (face, login)
            for face in self._faces
            for login in face.carrier.logins.values()
            if carrier in ("", face.config.name) and name in ("", login.name)
        ]
        if len(found) == 1:
            return found[0]
        if not found:
            fix = "name a carrier and a login that stand in /stats"
            raise CannotReply("there is no such carrier or login", field="login", fix=fix)
        fix = "give carrier and login: nobody wrote to this phone from that number"
        raise CannotReply("it is not clear which customer this goes to", field="to", fix=fix)


def _coding(draft: ReplyDraft) -> Coding:
    if not draft.coding:
        return coding_for(draft.text)
    if draft.coding not in _CODINGS:
        raise CannotReply(f"coding is {draft.coding!r}", field="coding", fix=f"give one of {', '.join(_CODINGS)}")
    return _CODINGS[draft.coding]


def _parts(draft: ReplyDraft, face: Face, *, reference: int) -> list[tuple[Concatenation | None, bytes, bytes]]:
    try:
        coding = _coding(draft)
        if coding not in face.reply_codings:
            known = ", ".join(name for name, known in _CODINGS.items() if known in face.reply_codings)
            raise CannotReply(f"{face.protocol} has no {coding.value}", field="coding", fix=f"give one of {known}")
        return cut(draft.text, coding, reference=reference, septets_max=face.septets_max)
    except ValueError as error:
        raise CannotReply(str(error), field="coding", fix="leave coding out, or choose ucs2") from error
    except TextTooLong as error:
        raise CannotReply(str(error), field="text", fix="shorten the text") from error
