"""The rules of money: every balance is the sum of its entries, and every message is paid once.

money.price     a charge that is not price times segments
money.hold      not exactly one hold of a message's charge
money.end       a final message that is not paid or given back exactly once, or the wrong one of the two
money.early     a live message that is paid although no carrier took it, or the other way round
money.balance   an account whose balance or totals are not the sums of its entries, or beyond its credit
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from hongyan.billing.model import EntryKind
from hongyan.messages.model import State

from .cases import Case
from .ledgers import AccountMoney, Database, Entry, Message
from .violation import Violation

_OF_MESSAGES = frozenset({EntryKind.HOLD, EntryKind.POST, EntryKind.VOID})


def check_charges(case: Case, prices: Mapping[int, int]) -> Iterator[Violation]:
    """Yield what is wrong with the money of one number's message."""
    live = {row.mid: row.state for row in case.live}
    for message in case.messages:
        entries = [entry for entry in case.entries if entry.subject_id == message.mid]
        charge = message.charge
        if charge != prices[message.account_id] * message.segments:
            yield Violation("money.price", f"{charge} for {message.segments} segments")
        holds = _of(entries, EntryKind.HOLD)
        if [(entry.available_change, entry.held_change) for entry in holds] != [(-charge, charge)]:
            yield Violation("money.hold", f"{len(holds)} holds for a charge of {charge}")
        posts, voids = _of(entries, EntryKind.POST), _of(entries, EntryKind.VOID)
        if any((entry.available_change, entry.held_change) != (0, -charge) for entry in posts) or any(
            (entry.available_change, entry.held_change) != (charge, -charge) for entry in voids
        ):
            yield Violation("money.end", f"a post or void of another amount than {charge}")
        yield from _check_end(message, live.get(message.mid), len(posts), len(voids))


def _of(entries: Sequence[Entry], kind: EntryKind) -> list[Entry]:
    return [entry for entry in entries if entry.entry == kind]


def _check_end(message: Message, live_state: int | None, posts: int, voids: int) -> Iterator[Violation]:
    if live_state is not None:
        if (posts, voids) != ((1, 0) if live_state == State.SUBMITTED else (0, 0)):
            yield Violation("money.early", f"{posts} posts and {voids} voids while {State(live_state).name}")
        return
    if message.state in (State.DELIVERED, State.UNDELIVERED):
        is_paid = True
    elif message.state == State.EXPIRED:
        is_paid = message.submitted_at_us is not None
    else:
        is_paid = False
    if (posts, voids) != ((1, 0) if is_paid else (0, 1)):
        yield Violation("money.end", f"{posts} posts and {voids} voids when {State(message.state).name}")


def check_accounts(database: Database) -> Iterator[Violation]:
    """Yield what is wrong with the sums of accounts."""
    entries: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in database.entries:
        entries[entry.account_id].append(entry)
    mids = {message.mid for message in database.messages}
    for account in database.accounts:
        mine = entries.pop(account.account_id, [])
        for what, expected, found in _sums(account, mine):
            if expected != found:
                message = f"account {account.account_id}: {what} should be {expected}, is {found}"
                yield Violation("money.balance", message)
        if account.available + account.overdraft_limit < 0:
            yield Violation("money.balance", f"account {account.account_id}: {account.available} is beyond its credit")
        strangers = sum(entry.entry in _OF_MESSAGES and entry.subject_id not in mids for entry in mine)
        if strangers:
            yield Violation("money.balance", f"account {account.account_id}: {strangers} entries of no message")


def _sums(account: AccountMoney, entries: Sequence[Entry]) -> Iterator[tuple[str, int, int]]:
    """Yield (what, by the entries, as it stands)."""
    held = sum(entry.held_change for entry in entries)
    holds = sum(entry.held_change for entry in _of(entries, EntryKind.HOLD))
    posted = -sum(entry.held_change for entry in _of(entries, EntryKind.POST))
    voided = -sum(entry.held_change for entry in _of(entries, EntryKind.VOID))
    yield "the balance", sum(entry.available_change for entry in entries), account.available
    yield "the balance by what was paid in", account.credited - holds + voided, account.available
    yield "what is held", held, account.held_total - account.posted_total - account.voided_total
    yield "all that was held", holds, account.held_total
    yield "all that was posted", posted, account.posted_total
    yield "all that was voided", voided, account.voided_total
