"""The accounts that send in a kill loop: one that can pay for everything, and one that is always nearly broke."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from hongyan.accounts import login_service
from hongyan.accounts import service as accounts
from hongyan.accounts.protocol_login import Family
from hongyan.billing import service as billing
from hongyan.content import service as content
from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool
from hongyan.kit.clock import SystemClock
from hongyan.kit.ids import NODES, IdGenerator
from hongyan.kit.secrets import Vault

from .texts import BODIES, SIGNATURE

_ACTOR: Final = "kill loop"


class Customer(msgspec.Struct, frozen=True):
    """An account, and what its clients need to send."""

    account_id: int
    credited: int
    host: str
    port: int
    path: str
    secret_id: str
    secret_key: str


async def open_customers(pool: Pool, vault: Vault, send_url: str) -> tuple[Customer, Customer]:
    """Make the account with plenty and the one with little."""
    ids = IdGenerator(SystemClock(), NODES - 1)
    async with pool.acquire() as connection:
        rich = await _open(connection, vault, send_url, "kill rich", price=45, credit=10**10, subject_id=ids.next())
        poor = await _open(connection, vault, send_url, "kill poor", price=50, credit=20_000, subject_id=ids.next())
    return rich, poor


async def open_login(pool: Pool, vault: Vault, account_id: int, name: str, password: str) -> None:
    """Let an account in by CMPP too."""
    draft = login_service.LoginDraft(links_max=8, window_size=64, speed_per_second=10_000)
    async with pool.acquire() as connection:
        await login_service.add_login(
            connection,
            vault,
            account_id=account_id,
            family=Family.CMPP,
            name=name,
            password=password,
            draft=draft,
            actor=_ACTOR,
        )


async def _open(
    connection: AnyConnection, vault: Vault, send_url: str, name: str, *, price: int, credit: int, subject_id: int
) -> Customer:
    account = await accounts.create_account(connection, name=name, price_per_segment=price, actor=_ACTOR)
    account_id = account.account_id
    await billing.open_account(connection, account_id)
    await billing.recharge(connection, account_id, credit, subject_id=subject_id, actor=_ACTOR)
    signature = await content.register_signature(connection, account_id=account_id, text=SIGNATURE, actor=_ACTOR)
    await content.approve_signature(connection, signature.signature_id, actor=_ACTOR)
    for body, kind in BODIES:
        template = await content.register_template(
            connection, account_id=account_id, body=body, kind=kind, actor=_ACTOR
        )
        await content.approve_template(connection, template.template_id, actor=_ACTOR)
    key = await accounts.create_key(connection, vault, account_id=account_id, actor=_ACTOR)
    url = urlsplit(send_url)
    assert url.hostname
    assert url.port
    return Customer(account_id, credit, url.hostname, url.port, url.path, key.info.secret_id, key.secret_key)
