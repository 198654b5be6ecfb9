"""One submitted segment on its way through a simulated carrier, whatever protocol brought it."""

from collections.abc import Callable

import msgspec

from .behaviour import Behaviour
from .outcome import ReportCode
from .reading import Coding
from .user_data import Concatenation


class Segment(msgspec.Struct, kw_only=True, gc=False):
    """What is kept of a submit: enough to ring the phone and to write the report.

    One is made for every text, and the newest 200,000 stay in memory, so it holds no more than needed.
    """

    carrier: str
    login: str
    link: int
    sequence: int
    """The whole sequence of the submit: 32 bits, in SGIP 96."""
    message_id: int
    """The carrier's id, as in the submit response; SGIP, which has none, uses the sequence."""
    number: int
    """Destination as E.164 digits."""
    destination: str
    """Destination as it was written in the submit; the report repeats it."""
    sender: str
    service: str
    coding: Coding
    content: bytes
    """Without its user data header."""
    concatenation: Concatenation | None
    """Which part of a longer text this is."""
    behaviour: Behaviour
    code: ReportCode
    """What the report will say."""
    reports_due: int
    """Reports that still have to be sent."""
    expires_at: float
    """When nobody tries to deliver it any more."""
    submitted_at: float
    reports_failure_only: bool = False
    """Whether a text that was delivered is not reported."""
    report_first: bool = False
    """Whether the report overtakes the submit response."""
    rang_at: float | None = None
    reported_at: float | None = None
    acknowledged_at: float | None = None
    tries: int = 0
    """How often its report was sent since it last was taken."""
    id_text: Callable[[int], str] = str
    """How the protocol shows its ids."""
