"""Intake: from an authenticated request to a committed batch.

Everything but the commit is a decision over the snapshot in memory. The order of the checks is the
order in which a client would want to hear of its mistakes; nothing is stored unless all pass. The
answer is given after the commit, never before: accepted means durable.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from hongyan.accounts.model import Account, AccountState, UnregisteredPolicy
from hongyan.carriers import limits_of
from hongyan.carriers.downstream.protocol import ReportWish
from hongyan.content.book import Match, Mismatch
from hongyan.content.model import MessageKind
from hongyan.db.group_commit import CommitQueueFull
from hongyan.kit.clock import Clock
from hongyan.kit.ids import IdGenerator
from hongyan.numbers.model import Number
from hongyan.numbers.rules import parse
from hongyan.routing.table import Choice
from hongyan.text.segments import CMPP, Limits, count

from .admission import Admission
from .metrics import REFUSED
from .snapshot import Snapshot
from .store import IntakeStore, MessageRow, RowOrigin, UnregisteredBatch
from .submission import (
    RECIPIENTS_MAX,
    AccountSuspended,
    AddressNotAllowed,
    ContentMissing,
    ContentTooLong,
    ContentUnregistered,
    Entry,
    IntakeOverloaded,
    Origin,
    Outcome,
    Receipt,
    RecipientsMissing,
    RecipientsTooMany,
    SignatureMissing,
    Submission,
    SubmissionRefused,
    TryLater,
)
from .validity import VALIDITY

SEGMENTS_MAX: Final = 10
"""The longest text, in segments; phones and carriers get unreliable beyond."""
STAT_UNREGISTERED: Final = "MA:0024"
"""The market family's report for content that is not registered (内容未报备)."""


class Intake:
    """Takes submissions; the one way into the platform, whatever the surface."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        store: IntakeStore,
        *,
        admission: Admission,
        used: Callable[[int], None],
        ids: IdGenerator,
        clock: Clock,
    ) -> None:
        self._snapshot = snapshot
        self._store = store
        self._admission = admission
        self._used = used
        self._ids = ids
        self._clock = clock

    async def submit(self, submission: Submission) -> Receipt:
        """Commit the batch and return its receipt; SubmissionRefused when it is not taken."""
        if submission.api_key_id is not None:
            self._used(submission.api_key_id)
        try:
            return await self._submit(submission)
        except SubmissionRefused as refusal:
            REFUSED.labels(refusal.code).inc()
            raise

    async def balance(self, account_id: int) -> int:
        """Return a balance of the last seconds in 厘; StoreUnavailable while the database is away."""
        return await self._store.balance(account_id)

    async def _submit(self, submission: Submission) -> Receipt:
        snapshot = self._snapshot()
        account = snapshot.directory.account(submission.account_id)
        try:
            _check_account(account, snapshot, submission)
            _check_form(submission)
            verdict = snapshot.book.match(submission.account_id, submission.content)
            if verdict is Mismatch.NO_SIGNATURE:
                raise SignatureMissing
            if verdict is Mismatch.SIGNATURE_UNREGISTERED:
                return await self._answer_unsigned(submission)
            if not isinstance(verdict, Match):
                return await self._answer_unregistered(submission, account)
            return await self._accept(submission, account, snapshot, verdict)
        except TryLater:
            raise  # its reason may be that a balance cannot be read
        except SubmissionRefused as refusal:
            if refusal.balance is None and account is not None:
                refusal.balance = await self._store.balance(submission.account_id)
            raise

    async def _accept(
        self, submission: Submission, account: Account | None, snapshot: Snapshot, match: Match
    ) -> Receipt:
        assert account is not None
        expires_at = datetime.fromtimestamp(self._clock.now(), UTC) + VALIDITY[match.kind]
        if submission.valid_until is not None:
            expires_at = min(expires_at, submission.valid_until)
        extension = account.extension + submission.extension
        price = account.price_per_segment
        segments: dict[int, int] = {}
        rows: list[MessageRow] = []
        entries: list[Entry] = []
        batch_id = 0
        for position, mobile in enumerate(submission.mobiles):
            mid = self._ids.next()
            batch_id = batch_id or mid
            placed = _place(mobile, mid, snapshot)
            if isinstance(placed, Outcome):
                entries.append(Entry(mobile, placed, mid))
                continue
            number, choice = placed
            channel = choice.channel
            size = segments.get(channel.channel_id)
            if size is None:
                limits = limits_of(channel.protocol, channel.settings)
                size = segments[channel.channel_id] = _size_of(submission.content, limits)
            rows.append(
                MessageRow(
                    mid,
                    batch_id,
                    submission.account_id,
                    submission.api_key_id,
                    number.recipient,
                    number.carrier,
                    match.kind,
                    match.signature_id,
                    match.template_id,
                    size,
                    size * price,
                    channel.channel_id,
                    choice.route_id,
                    expires_at,
                    submission.content,
                    extension,
                    _row_origin(submission.origin, mobile, position),
                )
            )
            entries.append(Entry(mobile, Outcome.ACCEPTED, mid))
        if rows and match.kind is MessageKind.MARKETING:
            rows, entries = await self._without_opted_out(rows, entries)
        if not rows:
            return Receipt(await self._store.balance(submission.account_id), entries)
        return Receipt(await self._commit(match.kind, rows), entries)

    async def _without_opted_out(
        self, rows: list[MessageRow], entries: list[Entry]
    ) -> tuple[list[MessageRow], list[Entry]]:
        """Take out the phones that want no more marketing; what is no marketing is spared the question."""
        over = await self._store.opted_out(rows)
        if not over:
            return rows, entries
        return (
            [row for row in rows if row.mid not in over],
            [
                Entry(entry.mobile, Outcome.NUMBER_OPTED_OUT, entry.mid) if entry.mid in over else entry
                for entry in entries
            ],
        )

    async def _commit(self, kind: MessageKind, rows: Sequence[MessageRow]) -> int:
        await self._admission.admit(kind, {row.channel_id for row in rows})
        try:
            return await self._store.accept(rows)
        except CommitQueueFull:
            raise IntakeOverloaded from None

    async def _answer_unsigned(self, submission: Submission) -> Receipt:
        """The signature is not one of this account: every number is refused, nothing is stored."""
        entries = [Entry(mobile, Outcome.SIGNATURE_UNREGISTERED, self._ids.next()) for mobile in submission.mobiles]
        return Receipt(await self._store.balance(submission.account_id), entries)

    async def _answer_unregistered(self, submission: Submission, account: Account | None) -> Receipt:
        """The text matches no template: refuse it, or keep it and say so in its report, as the account wants."""
        if account is None or account.unregistered is not UnregisteredPolicy.REPORT:
            raise ContentUnregistered
        entries: list[Entry] = []
        kept: list[tuple[int, int, int]] = []
        origins: list[RowOrigin] = []
        for position, mobile in enumerate(submission.mobiles):
            mid = self._ids.next()
            number = parse(mobile)
            if isinstance(number, Number):
                kept.append((mid, number.recipient, number.carrier))
                origin = _row_origin(submission.origin, mobile, position)
                if origin is not None:
                    origins.append(origin)
                entries.append(Entry(mobile, Outcome.ACCEPTED, mid))
            else:
                entries.append(Entry(mobile, Outcome.NUMBER_INVALID, mid))
        if kept:
            await self._store.keep_unregistered(
                UnregisteredBatch(
                    submission.account_id,
                    submission.api_key_id,
                    kept,
                    _size_of(submission.content, CMPP),
                    datetime.fromtimestamp(self._clock.now(), UTC),
                    STAT_UNREGISTERED,
                    submission.content,
                    origins,
                )
            )
        return Receipt(await self._store.balance(submission.account_id), entries)


def _row_origin(origin: Origin | None, mobile: str, position: int) -> RowOrigin | None:
    if origin is None:
        return None
    is_told = origin.report is not ReportWish.NEVER
    return RowOrigin(
        origin.login_id,
        origin.login_id if is_told else None,
        origin.first_part_id + position if origin.text_id is None else None,
        origin.report,
        origin.source,
        mobile,
        origin.reference,
        origin.text_id,
    )


def _check_account(account: Account | None, snapshot: Snapshot, submission: Submission) -> None:
    if account is None or account.state is not AccountState.ACTIVE:
        raise AccountSuspended
    if submission.api_key_id is None:
        return  # a protocol login's address was checked when it was bound
    allowed = snapshot.directory.addresses_of(submission.api_key_id)
    if not allowed:
        return
    address = submission.address
    if address is None or not any(address in network for network in allowed):
        raise AddressNotAllowed


def _check_form(submission: Submission) -> None:
    if not submission.mobiles:
        raise RecipientsMissing
    if len(submission.mobiles) > RECIPIENTS_MAX:
        raise RecipientsTooMany
    if not submission.content or submission.content.isspace():
        raise ContentMissing
    if "\x00" in submission.content or not _is_unicode(submission.content):
        raise ContentUnregistered  # neither a carrier nor the database can hold it


def _is_unicode(content: str) -> bool:
    """Tell whether a text has no lone surrogates, which JSON can bring."""
    try:
        content.encode()
    except UnicodeEncodeError:
        return False
    return True


def _place(mobile: str, mid: int, snapshot: Snapshot) -> tuple[Number, Choice] | Outcome:
    number = parse(mobile)
    if not isinstance(number, Number):
        return Outcome.NUMBER_INVALID
    choice = snapshot.routes.choose(number.carrier, mid)
    if choice is None:
        return Outcome.NUMBER_UNROUTABLE
    return number, choice


def _size_of(content: str, limits: Limits) -> int:
    size = count(content, limits)
    if size > SEGMENTS_MAX:
        raise ContentTooLong(f"The text needs {size} segments; {SEGMENTS_MAX} is the most.", segments=size)
    return size
