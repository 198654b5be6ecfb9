"""Why intake refuses, in the words that the protocols have codes for; and what a report says when it is too late for a code."""

from typing import Final

from hongyan.carriers.downstream.cmpp import RESULTS
from hongyan.carriers.downstream.protocol import Refusal
from hongyan.kit.errors import ErrorKind
from hongyan.pipeline.intake import STAT_UNREGISTERED
from hongyan.pipeline.submission import (
    AccountSuspended,
    BalanceInsufficient,
    ContentMissing,
    ContentTooLong,
    ContentUnregistered,
    Outcome,
    RecipientsMissing,
    RecipientsTooMany,
    SignatureMissing,
    SubmissionRefused,
    TryLater,
)

STAT_PARTS_MISSING: Final = "EXPIRED"
"""Of the parts of a text whose other parts never came."""

_OF_ERRORS: Final[dict[type[SubmissionRefused], Refusal]] = {
    RecipientsMissing: Refusal.DESTINATIONS_WRONG,
    RecipientsTooMany: Refusal.DESTINATIONS_WRONG,
    ContentMissing: Refusal.TEXT_MISSING,
    ContentTooLong: Refusal.TEXT_TOO_LONG,
    ContentUnregistered: Refusal.TEXT_UNREGISTERED,
    SignatureMissing: Refusal.SIGNATURE_WRONG,
    AccountSuspended: Refusal.ACCOUNT_SUSPENDED,
    BalanceInsufficient: Refusal.BALANCE_INSUFFICIENT,
    TryLater: Refusal.TRY_LATER,
}
_OF_OUTCOMES: Final[dict[Outcome, Refusal]] = {
    Outcome.NUMBER_INVALID: Refusal.DESTINATION_WRONG,
    Outcome.NUMBER_UNROUTABLE: Refusal.DESTINATION_UNROUTABLE,
    Outcome.SIGNATURE_UNREGISTERED: Refusal.SIGNATURE_WRONG,
    Outcome.NUMBER_OPTED_OUT: Refusal.DESTINATION_UNROUTABLE,
}


def refusal_of(error: SubmissionRefused) -> Refusal:
    """Return what a refusal of the whole submission is called."""
    for kind in type(error).__mro__:
        if kind in _OF_ERRORS:
            return _OF_ERRORS[kind]
    return Refusal.TEXT_UNREGISTERED if error.kind is ErrorKind.FORBIDDEN else Refusal.INTERNAL


def refusal_for(outcome: Outcome) -> Refusal | None:
    """Return what a number that was not taken is refused for; None when it was taken."""
    if outcome is Outcome.ACCEPTED:
        return None
    return _OF_OUTCOMES.get(outcome, Refusal.DESTINATION_WRONG)


def stat_of(refusal: Refusal) -> str:
    """Return the stat of a report that comes instead of a code: HY: and the number that CMPP would have answered."""
    return STAT_UNREGISTERED if refusal is Refusal.TEXT_UNREGISTERED else f"HY:{int(RESULTS[refusal]):04d}"
