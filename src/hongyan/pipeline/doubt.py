"""What to do about a message that may have gone out: the rule by kind, nothing else.

A submit without an answer (the link was cut, the answer never came, the dispatcher died) is neither
sent nor unsent. No carrier protocol has a key that would make sending it again harmless, so the kind
of the message decides:

- verification: once more, at once, over another link if there is one; a late code is worthless;
- notification: wait for its report for a while, then once more;
- marketing: never again; a report or the end of its validity decides.

Nothing is sent a third time. The account pays once, whatever happens.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from hongyan.content.model import MessageKind

RESEND_ATTEMPTS_MAX = 2
NOTIFICATION_WAIT = timedelta(seconds=60)


class Verdict(NamedTuple):
    """How a message in doubt goes on."""

    resend_now: bool
    due_at: datetime
    """When the courier has to decide about it again."""


def judge_doubt(kind: MessageKind, *, attempt: int, now: datetime, expires_at: datetime) -> Verdict:
    """Decide what becomes of a message whose `attempt` (from 1) has an unknown outcome."""
    may_resend = attempt < RESEND_ATTEMPTS_MAX and now < expires_at
    if may_resend and kind is MessageKind.VERIFICATION:
        return Verdict(resend_now=True, due_at=expires_at)
    if may_resend and kind is MessageKind.NOTIFICATION:
        return Verdict(resend_now=False, due_at=min(now + NOTIFICATION_WAIT, expires_at))
    return Verdict(resend_now=False, due_at=max(now, expires_at))
