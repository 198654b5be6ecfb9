"""What may go out: the approved signatures and templates of every account, as of one moment.

A text names its sender in 【】, in front or at its end. The signature has to be an approved one of the
account, and the rest of the text has to fit an approved template that is bound to this signature or to
none. A book never changes: a process loads a new one when it hears that content changed.
"""

from collections import defaultdict
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.text.signatures import CLOSING, OPENING, split_signature

from .body import take_apart
from .matcher import Matcher, Pattern
from .model import MessageKind

VARIABLE_LENGTH_MAX: Final = 32

DEBUG_TEXT: Final = "【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。"
"""The market page's own test text: fits for every account, also with full-width commas."""
_DEBUG_PIECES: Final = DEBUG_TEXT.split(",")
_DEBUG_TEXTS: Final = frozenset(
    first.join(_DEBUG_PIECES[:2]) + second + _DEBUG_PIECES[2] for first in ",，" for second in ",，"
)

_QUERIES: Final = Queries.of(__package__)


class Match(msgspec.Struct, frozen=True):
    """What a text was found to be; the ids are None for the debug text."""

    signature_id: int | None
    template_id: int | None
    kind: MessageKind


class Mismatch(Enum):
    """Why a text may not go out."""

    NO_SIGNATURE = "no_signature"
    """No 【】 in front of it or at its end."""
    SIGNATURE_UNREGISTERED = "signature_unregistered"
    """Its signature is not an approved one of the account."""
    TEXT_UNREGISTERED = "text_unregistered"
    """It fits no approved template of the account."""


class ApprovedSignature(NamedTuple):
    """A signature that the account may use."""

    signature_id: int
    account_id: int
    text: str


class ApprovedTemplate(NamedTuple):
    """A template that texts of the account may be made from."""

    template_id: int
    account_id: int
    signature_id: int | None
    kind: MessageKind
    body: str


_DEBUG_MATCH: Final = Match(None, None, MessageKind.NOTIFICATION)


class ContentBook:
    """Finds the signature and the template of a text."""

    def __init__(self, signatures: Iterable[ApprovedSignature], templates: Iterable[ApprovedTemplate]) -> None:
        self._signature_ids: dict[tuple[int, str], int] = {
            (signature.account_id, signature.text): signature.signature_id for signature in signatures
        }
        self._kinds: dict[int, MessageKind] = {}
        bound: defaultdict[int, list[Pattern]] = defaultdict(list)
        unbound: defaultdict[int, list[Pattern]] = defaultdict(list)
        for template in templates:
            self._kinds[template.template_id] = template.kind
            pattern = _pattern(template.template_id, template.body)
            if template.signature_id is None:
                unbound[template.account_id].append(pattern)
            else:
                bound[template.signature_id].append(pattern)
        self._bound = {signature_id: Matcher(patterns) for signature_id, patterns in bound.items()}
        self._unbound = {account_id: Matcher(patterns) for account_id, patterns in unbound.items()}

    def match(self, account_id: int, text: str) -> Match | Mismatch:
        """Return the signature and template of a text, or why there are none."""
        signed = split_signature(text)
        if signed is None:
            return Mismatch.NO_SIGNATURE
        if text in _DEBUG_TEXTS:
            return _DEBUG_MATCH
        signature, body = signed
        signature_id = self._signature_ids.get((account_id, signature))
        if signature_id is None:
            return Mismatch.SIGNATURE_UNREGISTERED
        # A second signature, which only a variable's value can hold, would let one sender pose as another.
        if OPENING in body or CLOSING in body:
            return Mismatch.TEXT_UNREGISTERED
        found = self._find(account_id, signature_id, body)
        if found is None:
            return Mismatch.TEXT_UNREGISTERED
        return Match(signature_id, found.template_id, self._kinds[found.template_id])

    def _find(self, account_id: int, signature_id: int, body: str) -> Pattern | None:
        bound = self._bound.get(signature_id)
        unbound = self._unbound.get(account_id)
        one = bound.find(body) if bound else None
        other = unbound.find(body) if unbound else None
        if one and other:
            return min(one, other, key=lambda pattern: pattern.rank)
        return one or other


@lru_cache(maxsize=1 << 16)
def _pattern(template_id: int, body: str) -> Pattern:
    """Return the pattern of a template; from one book to the next nearly all are the same."""
    return Pattern(template_id, take_apart(body), VARIABLE_LENGTH_MAX)


async def load_book(connection: AnyConnection) -> ContentBook:
    """Read all approved signatures and templates as of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        signatures = await connection.fetch(_QUERIES["approved_signatures"])
        templates = await connection.fetch(_QUERIES["approved_templates"])
    return ContentBook(
        (ApprovedSignature(*row) for row in signatures),
        (
            ApprovedTemplate(template_id, account_id, signature_id, MessageKind(kind), body)
            for template_id, account_id, signature_id, kind, body in templates
        ),
    )
