"""Intake on a real database: what is refused leaves nothing behind, what is accepted is paid for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from random import Random

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from hongyan.accounts import service as accounts
from hongyan.accounts.model import Payment, UnregisteredPolicy
from hongyan.billing import service as billing
from hongyan.db.listen import NotifyBus
from hongyan.kit.clock import SystemClock
from hongyan.messages.model import State
from hongyan.numbers.model import Carrier
from hongyan.pipeline.intake import STAT_UNREGISTERED, Intake
from hongyan.pipeline.opening import open_intake
from hongyan.pipeline.store import COMMIT_TIMEOUT_SECONDS, IntakeStore, columns_of
from hongyan.pipeline.submission import (
    AccountSuspended,
    AddressNotAllowed,
    BalanceInsufficient,
    ContentMissing,
    ContentTooLong,
    ContentUnregistered,
    Outcome,
    RecipientsMissing,
    RecipientsTooMany,
    SignatureMissing,
    StoreUnavailable,
    Submission,
    SubmissionRefused,
)

from .books import assert_books_add_up
from .world import ACTOR, BALANCE, PRICE, TEXT, World, long_text

TABLES = ("messages", "live_messages", "message_events", "segments")


@asynccontextmanager
async def running_intake(world: World) -> AsyncIterator[Intake]:
    """Open intake over what the world holds now."""
    bus = NotifyBus("", SystemClock())
    async with open_intake(world.pool, bus, vault=world.vault, clock=world.clock) as opened:
        yield opened.intake


@pytest_asyncio.fixture
async def intake(world: World) -> AsyncIterator[Intake]:
    async with running_intake(world) as opened:
        yield opened


def a_submission(world: World, *, mobiles: list[str] | None = None, content: str = TEXT) -> Submission:
    return Submission(
        account_id=world.account_id,
        api_key_id=world.api_key_id,
        content=content,
        mobiles=["13800138000"] if mobiles is None else mobiles,
    )


async def assert_nothing_stored(world: World, *, entries: int = 1) -> None:
    """Nothing but the account's own recharge is in the database."""
    assert {table: await world.count(table) for table in TABLES} == dict.fromkeys(TABLES, 0)
    assert await world.count("ledger_entries") == entries


async def test_an_accepted_message_is_stored_queued_and_held(world: World, intake: Intake) -> None:
    receipt = await intake.submit(a_submission(world))

    entry = receipt.entries[0]
    assert (entry.mobile, entry.outcome) == ("13800138000", Outcome.ACCEPTED)
    assert entry.mid is not None
    message, live = await world.message(entry.mid), await world.live(entry.mid)
    assert (message["recipient"], message["carrier"], message["segments"]) == (8613800138000, Carrier.MOBILE, 1)
    assert live is not None
    assert (live["state"], live["claimed"], live["attempt"], live["charge"]) == (State.ACCEPTED, False, 0, PRICE)
    assert receipt.balance == await world.available() == BALANCE - PRICE
    assert await world.money(entry.mid) == [0]


REFUSALS: list[tuple[list[str], str, type[SubmissionRefused]]] = [
    ([], TEXT, RecipientsMissing),
    (["13800138000"] * 201, TEXT, RecipientsTooMany),
    (["13800138000"], "", ContentMissing),
    (["13800138000"], " \n\t", ContentMissing),
    (["13800138000"], TEXT + "\x00", ContentUnregistered),
    (["13800138000"], "【鸿雁】您的验证码是\ud800，请勿告诉他人。", ContentUnregistered),
    (["13800138000"], "没有签名的短信", SignatureMissing),
    (["13800138000"], "【鸿雁】没有报备的短信", ContentUnregistered),
    (["13800138000"], long_text(671), ContentTooLong),
    (["13800138000", "not a number"], long_text(671), ContentTooLong),
]


async def test_a_refused_batch_leaves_nothing_behind(world: World, intake: Intake) -> None:
    for mobiles, content, refusal in REFUSALS:
        with pytest.raises(refusal) as refused:
            await intake.submit(a_submission(world, mobiles=mobiles, content=content))

        assert refused.value.balance == BALANCE
    await assert_nothing_stored(world)


async def test_the_longest_text_is_ten_segments(world: World, intake: Intake) -> None:
    receipt = await intake.submit(a_submission(world, content=long_text(670)))

    assert receipt.balance == BALANCE - 10 * PRICE


async def test_a_text_is_as_long_as_the_channel_of_each_number_makes_it(world: World) -> None:
    await world.channel("unicom-gbk", port=9, carrier=Carrier.UNICOM, settings={"text_coding": "gbk"})
    content = "【鸿雁】通知：" + "；".join(["12"] * 30)  # 96 characters; 132 octets of GBK
    async with running_intake(world) as intake:
        receipt = await intake.submit(a_submission(world, mobiles=["13800138000", "13000130000"], content=content))

    messages = [await world.message(entry.mid) for entry in receipt.entries if entry.mid is not None]
    assert [(message["segments"], message["charge"]) for message in messages] == [(2, 2 * PRICE), (1, PRICE)]


async def test_a_number_abroad_goes_where_international_routes_lead(world: World) -> None:
    abroad = await world.channel("abroad", port=9, carrier=Carrier.INTERNATIONAL)
    mobiles = ["+447911123456", "0085251234567", "+442071838750"]
    async with running_intake(world) as intake:
        receipt = await intake.submit(a_submission(world, mobiles=mobiles))

    assert [entry.outcome for entry in receipt.entries] == [
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Outcome.NUMBER_INVALID,
    ]
    assert receipt.entries[0].mid is not None
    message = await world.message(receipt.entries[0].mid)
    assert (message["recipient"], message["carrier"]) == (447911123456, Carrier.INTERNATIONAL)
    assert message["channel_id"] == abroad.channel_id


async def test_a_number_abroad_has_no_channel_without_such_a_route(world: World, intake: Intake) -> None:
    receipt = await intake.submit(a_submission(world, mobiles=["+447911123456"]))

    assert [entry.outcome for entry in receipt.entries] == [Outcome.NUMBER_UNROUTABLE]
    await assert_nothing_stored(world)


async def test_a_suspended_account_is_refused(world: World) -> None:
    async with world.pool.acquire() as connection:
        await accounts.suspend_account(connection, world.account_id, actor=ACTOR)
    async with running_intake(world) as intake:
        with pytest.raises(AccountSuspended):
            await intake.submit(a_submission(world))

    await assert_nothing_stored(world)


async def test_an_unknown_account_is_refused_and_told_no_balance(world: World, intake: Intake) -> None:
    with pytest.raises(AccountSuspended) as refused:
        await intake.submit(Submission(account_id=999, api_key_id=1, content=TEXT, mobiles=["13800138000"]))

    assert refused.value.balance is None


async def test_a_key_with_an_allow_list_answers_to_no_other_address(world: World) -> None:
    async with world.pool.acquire() as connection:
        account = await accounts.get_account(connection, world.account_id)
    world.api_key_id = await world.api_key(account, ip_allow=["10.1.0.0/16"])
    submission = a_submission(world)
    async with running_intake(world) as intake:
        for address in (None, ip_address("10.2.0.1"), ip_address("::1")):
            with pytest.raises(AddressNotAllowed):
                await intake.submit(msgspec.structs.replace(submission, address=address))
        await assert_nothing_stored(world)

        await intake.submit(msgspec.structs.replace(submission, address=ip_address("10.1.2.3")))


async def test_numbers_keep_their_order_and_bad_ones_cost_nothing(world: World, intake: Intake) -> None:
    good = [f"138001{n:05}" for n in range(196)]
    mobiles = [*good[:50], "12345", *good[50:100], "", "+8613900139000", "13012345678", *good[100:]]

    receipt = await intake.submit(a_submission(world, mobiles=mobiles))

    assert [entry.mobile for entry in receipt.entries] == mobiles
    outcomes = {entry.mobile: entry.outcome for entry in receipt.entries}
    assert (outcomes.pop("12345"), outcomes.pop("")) == (Outcome.NUMBER_INVALID, Outcome.NUMBER_INVALID)
    assert outcomes.pop("13012345678") is Outcome.NUMBER_UNROUTABLE  # no channel carries Unicom here
    assert set(outcomes.values()) == {Outcome.ACCEPTED}
    mids = [entry.mid for entry in receipt.entries]
    assert len(set(mids)) == len(mids) == 200
    assert receipt.balance == BALANCE - 197 * PRICE
    batches = await world.pool.fetch("SELECT DISTINCT batch_id FROM messages")
    assert [row["batch_id"] for row in batches] == [mids[0]]


async def test_a_batch_of_bad_numbers_alone_stores_nothing(world: World, intake: Intake) -> None:
    receipt = await intake.submit(a_submission(world, mobiles=["1", "2"]))

    assert [entry.outcome for entry in receipt.entries] == [Outcome.NUMBER_INVALID] * 2
    assert receipt.balance == BALANCE
    await assert_nothing_stored(world)


async def test_a_foreign_signature_refuses_each_number(world: World, intake: Intake) -> None:
    receipt = await intake.submit(a_submission(world, mobiles=["13800138000", "1"], content="【别人】您好"))

    assert [entry.outcome for entry in receipt.entries] == [Outcome.SIGNATURE_UNREGISTERED] * 2
    await assert_nothing_stored(world)


async def test_an_account_may_have_unregistered_texts_reported_instead_of_refused(world: World) -> None:
    account = await world.account("reporter", unregistered=UnregisteredPolicy.REPORT)
    world.account_id = account.account_id
    async with running_intake(world) as intake:
        receipt = await intake.submit(a_submission(world, mobiles=["13800138000", "1"], content="【鸿雁】没有报备"))

    accepted, invalid = receipt.entries
    assert (accepted.outcome, invalid.outcome) == (Outcome.ACCEPTED, Outcome.NUMBER_INVALID)
    assert accepted.mid is not None
    assert await world.word(accepted.mid) == (State.REJECTED, STAT_UNREGISTERED)
    assert await world.money(accepted.mid) == []
    assert receipt.balance == BALANCE
    assert await world.count("live_messages") == 0


async def test_parallel_senders_never_overspend(world: World) -> None:
    poor = await world.account("poor", balance=10 * PRICE)
    world.account_id = poor.account_id
    async with running_intake(world) as intake:
        results = await asyncio.gather(
            *(intake.submit(a_submission(world, mobiles=[f"138001{n:05}"])) for n in range(200)),
            return_exceptions=True,
        )

    refusals = [result for result in results if isinstance(result, BaseException)]
    assert len(results) - len(refusals) == 10
    assert {type(refusal) for refusal in refusals} == {BalanceInsufficient}
    assert await world.available() == 0
    assert await world.count("messages") == 10


async def test_parallel_senders_in_two_processes_never_overspend(world: World) -> None:
    poor = await world.account("poor", balance=10 * PRICE)
    world.account_id = poor.account_id
    async with running_intake(world) as first, running_intake(world) as second:
        results = await asyncio.gather(
            *((first, second)[n % 2].submit(a_submission(world, mobiles=[f"138001{n:05}"])) for n in range(100)),
            return_exceptions=True,
        )

    assert sum(not isinstance(result, BaseException) for result in results) == 10
    assert await world.available() == 0


async def test_one_that_cannot_pay_does_not_hold_up_the_others_in_its_commit(world: World) -> None:
    poor = await world.account("poor", balance=PRICE)
    async with running_intake(world) as intake:
        rich_one = intake.submit(a_submission(world, mobiles=["13800138000"]))
        rich = world.account_id
        world.account_id = poor.account_id
        poor_ones = [intake.submit(a_submission(world, mobiles=[f"1380013800{n}"])) for n in range(3)]
        receipt, *answers = await asyncio.gather(rich_one, *poor_ones, return_exceptions=True)

    assert not isinstance(receipt, BaseException)
    assert receipt.balance == BALANCE - PRICE == await world.available(rich)
    assert [type(answer).__name__ for answer in answers] == ["Receipt", "BalanceInsufficient", "BalanceInsufficient"]
    assert await world.available(poor.account_id) == 0


async def test_a_batch_too_dear_is_refused_whole_and_a_smaller_one_still_passes(world: World) -> None:
    poor = await world.account("poor", balance=3 * PRICE)
    world.account_id = poor.account_id
    async with running_intake(world) as intake:
        too_dear = intake.submit(a_submission(world, mobiles=[f"1380013800{n}" for n in range(4)]))
        affordable = intake.submit(a_submission(world, mobiles=["13900139000", "13900139001"]))
        refusal, receipt = await asyncio.gather(too_dear, affordable, return_exceptions=True)

    assert isinstance(refusal, BalanceInsufficient)
    assert not isinstance(receipt, BaseException)
    assert await world.available() == PRICE
    assert await world.count("messages") == 2


async def test_an_account_on_credit_goes_down_to_its_limit(world: World) -> None:
    account = await world.account("credit", balance=0)
    async with world.pool.acquire() as connection:
        await billing.set_payment(
            connection, account.account_id, Payment.POSTPAID, overdraft_limit=2 * PRICE, actor=ACTOR
        )
    world.account_id = account.account_id
    async with running_intake(world) as intake:
        receipt = await intake.submit(a_submission(world, mobiles=["13800138000", "13800138001"]))
        with pytest.raises(BalanceInsufficient) as refused:
            await intake.submit(a_submission(world))

    assert receipt.balance == refused.value.balance == -2 * PRICE


async def test_many_accounts_at_once_keep_their_books(world: World) -> None:
    ids = [(await world.account(f"account-{n}", balance=20 * PRICE)).account_id for n in range(6)]
    async with running_intake(world) as first, running_intake(world) as second:

        async def send(n: int) -> None:
            world.account_id = ids[n % len(ids)]
            submission = a_submission(world, mobiles=[f"138001{n:05}"] * (1 + n % 3))
            await (first, second)[n % 2].submit(submission)

        results = await asyncio.gather(*(send(n) for n in range(120)), return_exceptions=True)

    assert {type(result) for result in results} <= {type(None), BalanceInsufficient}
    await assert_books_add_up(world.pool)


async def test_a_batch_that_the_database_cannot_take_takes_nobody_with_it(world: World) -> None:
    store = IntakeStore(world.pool, world.clock)
    used = world.row()
    await world.accept(used)
    async with asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(store.run())
        good, bad, other = await asyncio.gather(
            store.accept([world.row()]), store.accept([used]), store.accept([world.row()]), return_exceptions=True
        )
        writer.cancel()

    assert isinstance(bad, asyncpg.UniqueViolationError)
    assert (good, other) == (BALANCE - 2 * PRICE, BALANCE - 3 * PRICE)
    assert await world.count("messages") == 3


async def test_a_database_that_hangs_is_answered_for_within_two_seconds_and_tells_nobody_a_balance(
    world: World,
) -> None:
    other = await world.account("other")
    async with running_intake(world) as intake, world.pool.acquire() as connection:
        first = a_submission(world)
        world.account_id = other.account_id
        second = a_submission(world)
        async with connection.transaction():
            await connection.execute("LOCK TABLE balances IN ACCESS EXCLUSIVE MODE")
            async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS + 0.5):
                answers = await asyncio.gather(intake.submit(first), intake.submit(second), return_exceptions=True)
        receipt = await intake.submit(first)

    assert [type(answer) for answer in answers] == [StoreUnavailable, StoreUnavailable]
    assert [answer.balance for answer in answers if isinstance(answer, StoreUnavailable)] == [None, None]
    assert receipt.balance == BALANCE - PRICE


async def test_two_processes_never_wait_for_each_other_in_a_circle(world: World) -> None:
    ids = [(await world.account(f"account-{n}")).account_id for n in range(12)]

    async def commit_often(seed: int) -> None:
        store, random = IntakeStore(world.pool, world.clock), Random(seed)
        for _ in range(150):
            rows = [world.row(account_id=account_id) for account_id in random.sample(ids, 6)]
            await store._commit_once(columns_of(rows))  # raises DeadlockDetectedError

    await asyncio.gather(commit_often(1), commit_often(2))
