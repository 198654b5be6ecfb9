"""Money moved by hand, beside the money that messages move."""

import asyncio

import pytest

from hongyan.accounts.errors import AccountNotFound
from hongyan.accounts.model import Payment
from hongyan.billing import service
from hongyan.billing.errors import BalanceNotFound, OverdraftNotAllowed, PaymentInvalid, TrialGranted
from hongyan.billing.model import Balance, Discrepancy, EntryKind
from hongyan.db.pool import Pool
from hongyan.kit.ids import format_id
from tests.integration.billing.purse import ids, open_purse


async def verified(pool: Pool) -> list[Discrepancy]:
    async with pool.acquire() as connection:
        return await service.verify(connection)


async def test_a_new_account_has_nothing(pool: Pool) -> None:
    purse = await open_purse(pool)

    assert await purse.balance() == (0, 0)
    assert await purse.hold(1) == []


async def test_opening_twice_changes_nothing(pool: Pool) -> None:
    purse = await open_purse(pool)
    await purse.recharge(100)
    async with pool.acquire() as connection:
        await service.open_account(connection, purse.account_id)

    assert await purse.balance() == (100, 0)


async def test_an_account_that_is_not_there_has_no_money(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(AccountNotFound):
            await service.open_account(connection, 999)
        with pytest.raises(BalanceNotFound):
            await service.balance(connection, 999)
        with pytest.raises(BalanceNotFound):
            await service.recharge(connection, 999, 1, subject_id=ids.next(), actor="test")


async def test_recharges_adjustments_and_one_trial_add_up(pool: Pool) -> None:
    purse = await open_purse(pool)
    async with pool.acquire() as connection:
        await service.grant_trial(connection, purse.account_id, 1_000, subject_id=ids.next(), actor="test")
        await service.recharge(connection, purse.account_id, 500, subject_id=ids.next(), actor="test")
        balance = await service.adjust(
            connection, purse.account_id, -1_600, subject_id=ids.next(), note="charged back", actor="test"
        )
        with pytest.raises(TrialGranted):
            await service.grant_trial(connection, purse.account_id, 1_000, subject_id=ids.next(), actor="test")

    assert balance == Balance(available=-100, held=0, overdraft_limit=0)
    assert await purse.balance() == (-100, 0)
    assert await verified(pool) == []


async def test_a_wrong_payment_moves_nothing(pool: Pool) -> None:
    purse = await open_purse(pool)
    async with pool.acquire() as connection:
        with pytest.raises(PaymentInvalid):
            await service.recharge(connection, purse.account_id, 0, subject_id=ids.next(), actor="test")
        with pytest.raises(PaymentInvalid):
            await service.adjust(connection, purse.account_id, 5, subject_id=ids.next(), note="", actor="test")

    assert await purse.balance() == (0, 0)


async def test_of_two_trials_at_once_one_is_granted(pool: Pool) -> None:
    purse = await open_purse(pool)

    async def grant() -> bool:
        async with pool.acquire() as connection:
            try:
                await service.grant_trial(connection, purse.account_id, 1_000, subject_id=ids.next(), actor="test")
            except TrialGranted:
                return False
        return True

    assert sum(await asyncio.gather(*(grant() for _ in range(6)))) == 1
    assert await purse.balance() == (1_000, 0)


async def test_money_held_for_messages_is_shown_until_it_is_paid_or_returned(pool: Pool) -> None:
    purse = await open_purse(pool)
    await purse.recharge(1_000)
    paid, returned = await purse.hold(45, 90)
    held = await purse.balance()
    await purse.post(paid)
    await purse.void(returned)

    assert held == (865, 135)
    assert await purse.balance() == (955, 0)
    assert await verified(pool) == []


async def test_a_postpaid_account_spends_down_to_its_limit(pool: Pool) -> None:
    purse = await open_purse(pool, payment=Payment.POSTPAID, overdraft_limit=100)

    assert len(await purse.hold(60)) == 1
    assert await purse.hold(41) == []
    assert len(await purse.hold(40)) == 1
    assert await purse.balance() == (-100, 100)


async def test_only_a_postpaid_account_has_an_overdraft(pool: Pool) -> None:
    purse = await open_purse(pool)
    async with pool.acquire() as connection:
        with pytest.raises(OverdraftNotAllowed):
            await service.set_overdraft(connection, purse.account_id, 1, actor="test")
        account = await service.set_payment(
            connection, purse.account_id, Payment.POSTPAID, overdraft_limit=500, actor="test"
        )
        balance = await service.balance(connection, purse.account_id)
        await service.set_overdraft(connection, purse.account_id, 700, actor="test")
        await service.set_payment(connection, purse.account_id, Payment.POSTPAID, actor="test")
        raised = await service.balance(connection, purse.account_id)
        await service.set_payment(connection, purse.account_id, Payment.PREPAID, actor="test")
        prepaid = await service.balance(connection, purse.account_id)

    assert account.payment is Payment.POSTPAID
    assert [found.overdraft_limit for found in (balance, raised, prepaid)] == [500, 700, 0]


async def test_a_payment_change_that_is_refused_changes_nothing(pool: Pool) -> None:
    purse = await open_purse(pool)
    async with pool.acquire() as connection:
        with pytest.raises(OverdraftNotAllowed):
            await service.set_payment(connection, purse.account_id, Payment.PREPAID, overdraft_limit=5, actor="test")
        with pytest.raises(PaymentInvalid):
            await service.set_payment(connection, purse.account_id, Payment.POSTPAID, overdraft_limit=-5, actor="test")

    assert await pool.fetchval("SELECT payment FROM accounts") == "prepaid"


async def test_a_statement_tells_every_entry_newest_first(pool: Pool) -> None:
    purse = await open_purse(pool)
    await purse.recharge(1_000)
    (mid,) = await purse.hold(45)
    await purse.post(mid)
    await purse.adjust(-5)
    async with pool.acquire() as connection:
        page = await service.statement(connection, purse.account_id)

    assert [(entry.kind, entry.available_change, entry.held_change, entry.note) for entry in page.entries] == [
        (EntryKind.ADJUSTMENT, -5, 0, "test"),
        (EntryKind.POST, 0, -45, None),
        (EntryKind.HOLD, -45, 45, None),
        (EntryKind.RECHARGE, 1_000, 0, None),
    ]
    assert page.next_before is None


async def test_a_statement_is_read_page_by_page_and_tells_nothing_of_others(pool: Pool) -> None:
    purse, other = await open_purse(pool, "one"), await open_purse(pool, "other")
    for _ in range(4):
        await purse.recharge(100)
        await other.recharge(1)
        await purse.hold(10)
    seen: list[tuple[int, EntryKind]] = []
    before: int | None = None
    async with pool.acquire() as connection:
        while True:
            page = await service.statement(connection, purse.account_id, before=before, limit=3)
            seen += [(entry.subject_id, entry.kind) for entry in page.entries]
            before = page.next_before
            if before is None:
                break

    assert len(seen) == len(set(seen)) == 8
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "damage, what",
    [
        ("UPDATE balances SET available = available + 1", ["the balance against the ledger"]),
        ("UPDATE balances SET held_total = held_total + 1", ["all that was held against the ledger"]),
        ("UPDATE settlements SET posted_total = posted_total + 1", ["all that was posted against the ledger"]),
        ("UPDATE settlements SET voided_total = voided_total + 1", ["all that was voided against the ledger"]),
        ("DELETE FROM live_messages", ["what is held against the messages on their way"]),
        ("UPDATE live_messages SET charge = charge + 1", ["what is held against the messages on their way"]),
        ("UPDATE messages SET charge = charge + 1", ["the charge of MID"]),
        (
            "DELETE FROM ledger_entries WHERE entry = 0",
            [
                "the balance against the ledger",
                "all that was held against the ledger",
                "what is held against the messages on their way",
                "the charge of MID",
            ],
        ),
        (
            (
                "INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change)"
                " SELECT subject_id, 1 + n, account_id, n * 45, -45 FROM ledger_entries, generate_series(0, 1) AS n"
                " WHERE entry = 0"
            ),
            [
                "the balance against the ledger",
                "all that was posted against the ledger",
                "all that was voided against the ledger",
                "what is held against the messages on their way",
                "the hold of MID",
            ],
        ),
    ],
)
async def test_verification_finds_money_that_does_not_add_up(pool: Pool, damage: str, what: list[str]) -> None:
    purse = await open_purse(pool)
    await purse.recharge(1_000)
    (mid,) = await purse.hold(45)
    sound = await verified(pool)
    await pool.execute(damage)

    found = await verified(pool)
    assert sound == []
    assert [discrepancy.what.replace(format_id(mid), "MID") for discrepancy in found] == what
    assert {discrepancy.account_id for discrepancy in found} == {purse.account_id}


async def test_money_adds_up_while_everything_moves_at_once(pool: Pool) -> None:
    purse = await open_purse(pool)
    await purse.recharge(100_000)

    async def message(number: int) -> None:
        (mid,) = await purse.hold(45)
        await (purse.post(mid) if number % 3 else purse.void(mid))

    async def watch() -> list[Discrepancy]:
        return [found for _ in range(5) for found in await verified(pool)]

    watched, *_ = await asyncio.gather(
        watch(), *(message(number) for number in range(30)), *(purse.recharge(7) for _ in range(10))
    )

    assert watched == []
    assert await purse.balance() == (100_000 + 70 - 20 * 45, 0)
    assert await verified(pool) == []
