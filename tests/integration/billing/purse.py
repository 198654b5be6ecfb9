"""An account whose money tests move: by hand through billing, by messages through the pipeline's own statements."""

from datetime import datetime, timedelta

from hongyan.accounts import service as accounts
from hongyan.accounts.model import Payment
from hongyan.billing import service
from hongyan.db.pool import Pool
from hongyan.kit.clock import SystemClock
from hongyan.kit.ids import IdGenerator
from hongyan.messages.model import State
from hongyan.pipeline.reports import Refusal, finish, refuse
from hongyan.pipeline.store import IntakeStore, MessageRow

ids = IdGenerator(SystemClock(), node=1000)


class Purse:
    """One account and its money."""

    def __init__(self, pool: Pool, account_id: int) -> None:
        self.pool = pool
        self.account_id = account_id

    async def recharge(self, amount: int) -> None:
        async with self.pool.acquire() as connection:
            await service.recharge(connection, self.account_id, amount, subject_id=ids.next(), actor="test")

    async def adjust(self, amount: int) -> None:
        async with self.pool.acquire() as connection:
            await service.adjust(connection, self.account_id, amount, subject_id=ids.next(), note="test", actor="test")

    async def hold(self, *charges: int) -> list[int]:
        """Accept messages in one commit; returns their ids, none if the balance does not cover them."""
        mids = [ids.next() for _ in charges]
        expires_at = datetime.now().astimezone() + timedelta(minutes=5)
        rows = [
            MessageRow(
                mid=mid,
                batch_id=mids[0],
                account_id=self.account_id,
                api_key_id=1,
                recipient=8613800138000,
                carrier=1,
                kind=0,
                signature_id=None,
                template_id=None,
                segments=1,
                charge=charge,
                channel_id=1,
                route_id=1,
                expires_at=expires_at,
                content="【鸿雁】您的验证码是1234",
            )
            for mid, charge in zip(mids, charges, strict=True)
        ]
        left = await IntakeStore(self.pool, SystemClock())._store(rows)
        return mids if self.account_id in left else []

    async def post(self, mid: int) -> None:
        """End a message that a carrier had."""
        async with self.pool.acquire() as connection:
            await finish(connection, [(mid, "DELIVRD", datetime.now().astimezone())])

    async def void(self, mid: int) -> None:
        """End a message that no carrier took."""
        async with self.pool.acquire() as connection:
            await refuse(connection, [Refusal(mid, 0, State.REJECTED, "MA:0003", datetime.now().astimezone())])

    async def balance(self) -> tuple[int, int]:
        """Return what is available and what is held."""
        async with self.pool.acquire() as connection:
            found = await service.balance(connection, self.account_id)
        return found.available, found.held


async def open_purse(
    pool: Pool, name: str = "demo", *, payment: Payment = Payment.PREPAID, overdraft_limit: int = 0
) -> Purse:
    """Create an account with an empty balance."""
    async with pool.acquire() as connection:
        account = await accounts.create_account(
            connection, name=name, price_per_segment=45, payment=payment, actor="test"
        )
        await service.open_account(connection, account.account_id, overdraft_limit=overdraft_limit)
    return Purse(pool, account.account_id)
