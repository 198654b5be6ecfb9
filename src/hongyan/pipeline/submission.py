"""What intake is asked and what it answers: the words that every surface shares.

A surface authenticates, builds a Submission, awaits `Intake.submit` and presents the Receipt or the
SubmissionRefused. Nothing here knows HTTP or a vendor's code numbers.
"""

from datetime import datetime
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar, Protocol

import msgspec

from hongyan.carriers.downstream.protocol import ReportWish
from hongyan.kit.errors import Error, ErrorKind

RECIPIENTS_MAX = 200


class Outcome(Enum):
    """What became of one number of an accepted batch."""

    ACCEPTED = "accepted"
    NUMBER_INVALID = "number_invalid"
    """Not a number that a text can be sent to."""
    NUMBER_UNROUTABLE = "number_unroutable"
    """A good number, but no active channel carries it."""
    SIGNATURE_UNREGISTERED = "signature_unregistered"
    """The text's signature is not an approved one of this account."""
    NUMBER_OPTED_OUT = "number_opted_out"
    """The phone wants no more marketing of this account, and the text is marketing."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """How a text came in by a protocol login, and what its customer has to be told of it."""

    login_id: int
    source: str
    """The sender, as the customer wrote it."""
    report: ReportWish
    """For a text that came in parts: whether any of them wants one."""
    first_part_id: int = 0
    """The id that the first number's message goes by with the customer; that of the n-th is n-1 more."""
    reference: bytes | None = None
    """The customer's own name for the submit, where reports repeat it."""
    text_id: int | None = None
    """Of a text that came in parts: they lie in `long_text_parts`, and it has one number."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One call: a text to one or more numbers, on behalf of an authenticated key or protocol login."""

    account_id: int
    api_key_id: int | None
    """None of what came by a protocol login."""
    content: str
    mobiles: list[str]
    """As the client wrote them; one entry each comes back, in this order."""
    address: IPv4Address | IPv6Address | None = None
    """Where the request came from; None where the surface has no address (a local socket) or checks it by itself."""
    extension: str = ""
    """Digits that go behind the account's own extension in the sender that phones show."""
    valid_until: datetime | None = None
    """When the client stops caring, if that is before we would."""
    origin: Origin | None = None


class Entry(msgspec.Struct, frozen=True):
    """The answer for one number."""

    mobile: str
    outcome: Outcome
    mid: int | None
    """Set for every ACCEPTED one, and for refused ones too: clients expect an id in each entry."""


class Receipt(msgspec.Struct, frozen=True):
    """A committed batch."""

    balance: int
    """厘 left after the holds of this batch; negative on credit."""
    entries: list[Entry]


class SubmissionRefused(Error):
    """The batch was refused whole and nothing was stored."""

    code = "submission.refused"
    balance: int | None = None
    """厘, where the account is known; surfaces show it with the refusal."""


class RecipientsMissing(SubmissionRefused):
    """No phone number was given."""

    code = "mobile.missing"


class RecipientsTooMany(SubmissionRefused):
    """More than 200 numbers in one request."""

    code = "mobile.too_many"


class ContentMissing(SubmissionRefused):
    """The text is empty."""

    code = "content.missing"


class ContentTooLong(SubmissionRefused):
    """The text needs more segments than a message may have."""

    code = "content.too_long"


class ContentUnregistered(SubmissionRefused):
    """The text matches no approved template of this account."""

    code = "content.unregistered"
    kind = ErrorKind.FORBIDDEN


class SignatureMissing(SubmissionRefused):
    """The text does not begin or end with a signature in 【】."""

    code = "signature.missing"


class AddressNotAllowed(SubmissionRefused):
    """The API key does not allow requests from this address."""

    code = "key.address_not_allowed"
    kind = ErrorKind.FORBIDDEN


class AccountSuspended(SubmissionRefused):
    """The account is suspended."""

    code = "account.suspended"
    kind = ErrorKind.FORBIDDEN


class BalanceInsufficient(SubmissionRefused):
    """The balance does not cover the batch."""

    code = "balance.insufficient"
    kind = ErrorKind.EXHAUSTED


class TryLater(SubmissionRefused):
    """The platform cannot take the batch now; it may be sent again."""

    code = "intake.unavailable"
    kind = ErrorKind.UNAVAILABLE
    retry_after_seconds: ClassVar[int] = 1


class IntakeOverloaded(TryLater):
    """More is waiting to go out than the channels can carry in time."""

    code = "intake.overloaded"
    kind = ErrorKind.EXHAUSTED
    retry_after_seconds = 1


class StoreUnavailable(TryLater):
    """The database did not confirm the batch in time.

    Almost always nothing was stored. When the connection broke during the commit itself, nobody can tell.
    """

    code = "store.unavailable"
    retry_after_seconds = 2


class IntakePort(Protocol):
    """What a surface needs of intake."""

    async def submit(self, submission: Submission) -> Receipt:
        """Commit the batch and return its receipt; SubmissionRefused when it is not taken."""
        ...
