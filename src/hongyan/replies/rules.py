"""How a reply is recognised when it comes again and whose number was dialled."""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from msgspec import Struct

from .model import Part

SAME_ID_WITHIN: Final = timedelta(hours=72)
"""How long a carrier may send a short message again that has an id of its own."""
SAME_TEXT_WITHIN: Final = timedelta(seconds=120)
"""The same where the protocol gives none (SGIP, SMPP): time-outs of a response and a new bind fit in, and few people send the
same text to the same number twice within two minutes."""
ANSWERS_WITHIN: Final = timedelta(hours=72)
"""How long after a message a text from its phone may be the answer to it."""
KEPT: Final = timedelta(days=190)
"""How long replies are kept: five months is the least that the law allows (MIIT order 31)."""

_FINGERPRINT_OCTETS: Final = 16


class Claim(Struct, frozen=True):
    """Numbers that begin like this are an account's."""

    prefix: str
    account_id: int


def fingerprint_of(part: Part) -> bytes:
    """Return the digest by which a short message is known again.

    The carrier's id alone would do for most; with the rest, one that numbers its messages badly loses none.
    """
    concatenation = part.concatenation
    place = (concatenation.reference, concatenation.total, concatenation.number) if concatenation else ()
    facts = (part.carrier_message_id or "", part.from_number, part.to_number, *place)
    digest = blake2b(repr(facts).encode(), digest_size=_FINGERPRINT_OCTETS)
    digest.update(part.content)
    return digest.digest()


def repeated_within(part: Part) -> timedelta:
    """Return how long the same short message counts as the same one; an id of zeros is none."""
    return SAME_ID_WITHIN if (part.carrier_message_id or "").strip("0") else SAME_TEXT_WITHIN


def owner_of(to_number: str, claims: Iterable[Claim]) -> int | None:
    """Return the account whose claim is the longest beginning of the number dialled.

    None when there is none, or when several accounts claim it alike: then the message that was answered decides.
    """
    fitting = [claim for claim in claims if claim.prefix and to_number.startswith(claim.prefix)]
    if not fitting:
        return None
    longest = max(len(claim.prefix) for claim in fitting)
    owners = {claim.account_id for claim in fitting if len(claim.prefix) == longest}
    return owners.pop() if len(owners) == 1 else None
