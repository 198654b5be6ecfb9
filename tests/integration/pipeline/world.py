"""A small platform in a test's database: one account, approved texts, channels, and messages in any state."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg

from hongyan.accounts import service as accounts
from hongyan.accounts.model import Account, UnregisteredPolicy
from hongyan.billing import service as billing
from hongyan.content import service as content
from hongyan.content.model import MessageKind
from hongyan.db.pool import Pool
from hongyan.db.queries import Queries
from hongyan.kit.clock import ManualClock
from hongyan.kit.ids import IdGenerator
from hongyan.kit.secrets import Vault
from hongyan.messages.model import State
from hongyan.numbers.model import Carrier
from hongyan.pipeline.store import IntakeStore, MessageRow
from hongyan.pipeline.validity import VALIDITY
from hongyan.routing import service as routing
from hongyan.routing.model import ChannelInfo
from hongyan.routing.rules import ChannelDraft

PIPELINE: Final = Queries.of("hongyan.pipeline")
ACTOR: Final = "test"
PRICE: Final = 50
"""厘 a segment."""
BALANCE: Final = 1_000_000
PHONE: Final = 8613800138000
PASSWORD: Final = "secret99"
TEXT: Final = "【鸿雁】您的验证码是123456，请勿告诉他人。"


def long_text(length: int) -> str:
    """Return a notification of so many characters that fits a template."""
    front = "【鸿雁】通知："
    rest = length - len(front) - 29
    assert 30 <= rest <= 30 * 32, "30 values of at most 32 characters each"
    return front + "；".join("单" * (rest // 30 + (n < rest % 30)) for n in range(30))


POLL_SECONDS: Final = 0.01


class World:
    """Builders and readers; everything is written by the platform's own services and statements."""

    def __init__(self, pool: Pool, clock: ManualClock) -> None:
        self.pool = pool
        self.clock = clock
        self.vault = Vault(bytes(32))
        self.ids = IdGenerator(clock, node=7)
        self.account_id = 0
        self.api_key_id = 0
        self.channel_id = 0
        self._store = IntakeStore(pool, clock)

    async def settle_in(self) -> None:
        """Make the account that most tests use, and a channel that nobody serves."""
        account = await self.account("acme")
        self.account_id = account.account_id
        self.api_key_id = await self.api_key(account)
        self.channel_id = (await self.channel("mobile-1", port=9)).channel_id

    async def account(
        self,
        name: str,
        *,
        balance: int = BALANCE,
        price: int = PRICE,
        unregistered: UnregisteredPolicy = UnregisteredPolicy.REFUSE,
    ) -> Account:
        """Make an account with money, one approved signature and a template of each kind."""
        async with self.pool.acquire() as connection:
            account = await accounts.create_account(
                connection, name=name, price_per_segment=price, unregistered=unregistered, actor=ACTOR
            )
            await billing.open_account(connection, account.account_id)
            if balance:
                await billing.recharge(connection, account.account_id, balance, subject_id=self.ids.next(), actor=ACTOR)
            signature = await content.register_signature(
                connection, account_id=account.account_id, text="鸿雁", actor=ACTOR
            )
            await content.approve_signature(connection, signature.signature_id, actor=ACTOR)
            for kind, body in (
                (MessageKind.VERIFICATION, "您的验证码是{1}，请勿告诉他人。"),
                (MessageKind.NOTIFICATION, "通知：" + "；".join(f"{{{n}}}" for n in range(1, 31))),
            ):
                template = await content.register_template(
                    connection, account_id=account.account_id, body=body, kind=kind, actor=ACTOR
                )
                await content.approve_template(connection, template.template_id, actor=ACTOR)
        return account

    async def api_key(self, account: Account, *, ip_allow: Sequence[str] = ()) -> int:
        """Make a key and return its id."""
        async with self.pool.acquire() as connection:
            key = await accounts.create_key(
                connection, self.vault, account_id=account.account_id, ip_allow=ip_allow, actor=ACTOR
            )
        return key.info.api_key_id

    async def channel(
        self,
        name: str,
        *,
        port: int,
        carrier: Carrier = Carrier.MOBILE,
        protocol: str = "cmpp30",
        links: int = 1,
        window_size: int = 16,
        speed_per_second: int = 10_000,
        settings: Mapping[str, object] | None = None,
    ) -> ChannelInfo:
        """Add a channel to 127.0.0.1 and a route of that carrier to it."""
        draft = ChannelDraft(
            protocol=protocol,
            host="127.0.0.1",
            port=port,
            login="901234",
            src_id="10690001",
            service_id="",
            links=links,
            window_size=window_size,
            speed_per_second=speed_per_second,
            settings=settings or {},
        )
        async with self.pool.acquire() as connection:
            channel = await routing.add_channel(
                connection, self.vault, name=name, draft=draft, password=PASSWORD, actor=ACTOR
            )
            await routing.add_route(connection, carrier=carrier, channel=name, actor=ACTOR)
        return channel

    def row(
        self,
        *,
        kind: MessageKind = MessageKind.VERIFICATION,
        segments: int = 1,
        recipient: int = PHONE,
        channel_id: int | None = None,
        account_id: int | None = None,
        text: str = TEXT,
        charge: int | None = None,
        validity: timedelta | None = None,
    ) -> MessageRow:
        """Return a message to accept, as intake makes it."""
        mid = self.ids.next()
        return MessageRow(
            mid,
            mid,
            account_id or self.account_id,
            self.api_key_id,
            recipient,
            Carrier.MOBILE,
            kind,
            None,
            None,
            segments,
            segments * PRICE if charge is None else charge,
            channel_id or self.channel_id,
            1,
            self.now() + (VALIDITY[kind] if validity is None else validity),
            text,
        )

    async def accept(self, *rows: MessageRow) -> list[int]:
        """Commit messages, as intake does, and return their ids."""
        await self._store._store(rows)
        return [row.mid for row in rows]

    def now(self) -> datetime:
        """Return what the clock says."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

    async def message(self, mid: int) -> asyncpg.Record:
        """Return the message's row."""
        row = await self.pool.fetchrow("SELECT * FROM messages WHERE mid = $1", mid)
        assert row is not None
        return row

    async def live(self, mid: int) -> asyncpg.Record | None:
        """Return the message's row among the live ones."""
        return await self.pool.fetchrow("SELECT * FROM live_messages WHERE mid = $1", mid)

    async def state(self, mid: int) -> State:
        """Return where the message stands."""
        live = await self.live(mid)
        return State((await self.message(mid) if live is None else live)["state"])

    async def reaches(self, state: State, *mids: int, seconds: float = 10.0) -> None:
        """Wait until all these messages stand there."""
        async with asyncio.timeout(seconds):
            while {await self.state(mid) for mid in mids} != {state}:
                await asyncio.sleep(POLL_SECONDS)

    async def word(self, mid: int) -> tuple[State, str | None]:
        """Return where the message stands and its final word."""
        row = await self.message(mid)
        return await self.state(mid), row["stat"]

    async def events(self, mid: int) -> list[str]:
        """Return what happened to the message, in order."""
        rows = await self.pool.fetch("SELECT event FROM message_events WHERE mid = $1 ORDER BY at, event", mid)
        return [row["event"] for row in rows]

    async def money(self, mid: int) -> list[int]:
        """Return the message's ledger entries: 0 hold, 1 post, 2 void."""
        rows = await self.pool.fetch("SELECT entry FROM ledger_entries WHERE subject_id = $1 ORDER BY entry", mid)
        return [row["entry"] for row in rows]

    async def available(self, account_id: int | None = None) -> int:
        """Return what the account can spend."""
        value: int = await self.pool.fetchval(
            "SELECT available FROM balances WHERE account_id = $1", account_id or self.account_id
        )
        return value

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        value: int = await self.pool.fetchval(f"SELECT count(*) FROM {table}")
        return value
