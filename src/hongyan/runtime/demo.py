"""The demonstration: an account that can send at once, over simulated carriers.

Seeding is idempotent: what is there stays as people left it, what is missing is made, and channels
follow the simulator when its ports move. Nothing here is a default secret: key and password are made
at the first start.
"""

import secrets
from collections.abc import Awaitable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from hongyan.accounts import service as accounts
from hongyan.accounts.directory import load_directory
from hongyan.accounts.errors import AccountNotFound
from hongyan.accounts.model import Account
from hongyan.billing import service as billing
from hongyan.billing.errors import TrialGranted
from hongyan.content import service as content
from hongyan.content.errors import SignatureExists, TemplateExists
from hongyan.content.model import MessageKind
from hongyan.db.pool import Connection, connect
from hongyan.kit.clock import Clock
from hongyan.kit.errors import Error
from hongyan.kit.ids import IdGenerator
from hongyan.kit.secrets import Vault
from hongyan.numbers.model import Carrier
from hongyan.routing import service as routing
from hongyan.routing.errors import ChannelNotFound, RouteExists
from hongyan.routing.rules import ChannelDraft
from hongyan.routing.table import load_route_table
from hongyan.simulator.config import CarrierConfig, DialBack, PhoneConfig, SimulatorConfig, Speech, demo_config

from .ports import dialled_host, local_url
from .private_files import write_private
from .settings import Settings

ACCOUNT: Final = "demo"
KEY_LABEL: Final = "demo"
SIGNATURES: Final = ("企讯通", "鸿雁")
TEMPLATES: Final = (
    (MessageKind.VERIFICATION, "您的验证码是{1}，{2}分钟内有效，请勿告诉他人。"),
    (MessageKind.NOTIFICATION, "您的订单{1}已发货，快递单号{2}，请注意查收。"),
    (MessageKind.MARKETING, "{1}新品上市，全场{2}折起，拒收请回复R"),
)
SAMPLE_TEXT: Final = "【鸿雁】您的验证码是385216，5分钟内有效，请勿告诉他人。"
TRIAL_BALANCE: Final = 100_000_000
"""厘: 100,000 yuan, enough for a benchmark; the money is as simulated as the carriers."""
PRICE_PER_SEGMENT: Final = 45
"""厘."""
SEND_PATH: Final = "/release/qxt_yzm_sms/"
_ACTOR: Final = "demo"
_SPEED_PER_SECOND: Final = 10_000
_DIALLED_LINKS: Final = 2
"""As many as we have to the carrier: each carries a window of reports, and those wait for a commit."""
_SRC_ID: Final = "10690000"
"""Abroad, where the login is no number."""
_ROUTES: Final = (
    (Carrier.MOBILE, "demo-mobile"),
    (Carrier.UNICOM, "demo-unicom"),
    (Carrier.TELECOM, "demo-telecom"),
    (Carrier.BROADNET, "demo-mobile"),  # 广电's own network is 移动's
    (Carrier.INTERNATIONAL, "demo-international"),
)
_PROTOCOLS: Final = {Speech.CMPP: "cmpp30", Speech.SGIP: "sgip12", Speech.SMGP: "smgp30", Speech.SMPP: "smpp34"}
_NODE: Final = 3_010_000_001
"""Our node number at 联通: an SP of Beijing, company 00001 (SGIP 1.2 §3.4)."""
T = TypeVar("T")


class Demo(msgspec.Struct, frozen=True):
    """What a client needs to know; written to demo.json, which only its owner may read."""

    api_url: str
    send_url: str
    secret_id: str
    secret_key: str
    phone_url: str
    database_url: str


def simulator_config(settings: Settings) -> SimulatorConfig:
    """Return the simulated carriers of the demonstration; their password is made at the first call."""
    simulator = settings.simulator
    config = demo_config(
        _simulator_password(settings),
        port_first=simulator.carrier_port,
        phones=PhoneConfig(host=simulator.host, port=simulator.phone_port),
        dial_back=DialBack(
            host=dialled_host(settings.gateway.sgip_host), port=settings.demo_sgip_port, links=_DIALLED_LINKS
        ),
    )
    carriers = tuple(msgspec.structs.replace(carrier, host=simulator.host) for carrier in config.carriers)
    journal = Path(simulator.journal) if simulator.journal else None
    return msgspec.structs.replace(config, carriers=carriers, journal=journal)


async def seed_demo(settings: Settings, *, database_url: str, api_url: str, vault: Vault, clock: Clock) -> Demo:
    """Make what the demonstration needs unless it is there, write demo.json, and return what is in it."""
    connection = await connect(database_url)
    try:
        account = await _seed_account(connection, clock)
        await _seed_content(connection, account.account_id)
        await _seed_channels(connection, vault, simulator_config(settings))
        secret_id, secret_key = await _seed_key(connection, vault, account.account_id)
    finally:
        await connection.close()
    demo = Demo(
        api_url=api_url,
        send_url=api_url + SEND_PATH,
        secret_id=secret_id,
        secret_key=secret_key,
        phone_url=local_url(settings.simulator.host, settings.simulator.phone_port) + "/",
        database_url=database_url,
    )
    write_private(settings.demo_path, msgspec.json.format(msgspec.json.encode(demo), indent=2).decode() + "\n")
    return demo


async def _seed_account(connection: Connection, clock: Clock) -> Account:
    try:
        account = await accounts.find_account(connection, ACCOUNT)
    except AccountNotFound:
        account = await accounts.create_account(
            connection, name=ACCOUNT, price_per_segment=PRICE_PER_SEGMENT, actor=_ACTOR
        )
    await billing.open_account(connection, account.account_id)
    subject_id = IdGenerator(clock, node=secrets.randbelow(1024)).next()
    await _unless_there(
        TrialGranted,
        billing.grant_trial(connection, account.account_id, TRIAL_BALANCE, subject_id=subject_id, actor=_ACTOR),
    )
    return account


async def _seed_content(connection: Connection, account_id: int) -> None:
    for text in SIGNATURES:
        signature = await _unless_there(
            SignatureExists, content.register_signature(connection, account_id=account_id, text=text, actor=_ACTOR)
        )
        if signature is not None:
            await content.approve_signature(connection, signature.signature_id, actor=_ACTOR)
    for kind, body in TEMPLATES:
        template = await _unless_there(
            TemplateExists,
            content.register_template(connection, account_id=account_id, body=body, kind=kind, actor=_ACTOR),
        )
        if template is not None:
            await content.approve_template(connection, template.template_id, actor=_ACTOR)


async def _seed_channels(connection: Connection, vault: Vault, config: SimulatorConfig) -> None:
    for carrier in config.carriers:
        await _seed_channel(connection, vault, f"demo-{carrier.name}", carrier)
    for carrier_number, channel in _ROUTES:
        await _unless_there(
            RouteExists, routing.add_route(connection, carrier=carrier_number, channel=channel, actor=_ACTOR)
        )


async def _seed_channel(connection: Connection, vault: Vault, name: str, carrier: CarrierConfig) -> None:
    """Make a channel, or have the one there follow the simulator; a running gateway reconnects only if it moved."""
    (login,) = carrier.logins
    wanted = ChannelDraft(
        protocol=_PROTOCOLS[carrier.protocol],
        host=carrier.host,
        port=carrier.port,
        login=login.login,
        src_id=_SRC_ID if carrier.protocol is Speech.SMPP else f"1069{login.login}",
        links=2,
        window_size=32,
        speed_per_second=_SPEED_PER_SECOND,
        settings={"node": _NODE} if carrier.protocol is Speech.SGIP else {},
    )
    try:
        found = await routing.find_channel(connection, name)
    except ChannelNotFound:
        await routing.add_channel(connection, vault, name=name, draft=wanted, password=login.password, actor=_ACTOR)
        return
    channel = (await load_route_table(connection, vault)).channel(found.channel_id)
    is_same = channel is not None and channel.password == login.password
    there = (found.host, found.port, found.protocol, found.login)
    if is_same and there == (wanted.host, wanted.port, wanted.protocol, wanted.login):
        return
    changes = routing.ChannelChanges(host=wanted.host, port=wanted.port)
    if found.protocol != wanted.protocol:  # it was made by an older version: what was set applies no more
        gone = dict.fromkeys(msgspec.to_builtins(found.settings))
        changes = msgspec.structs.replace(
            changes, protocol=wanted.protocol, login=wanted.login, settings={**gone, **wanted.settings}
        )
    await routing.change_channel(connection, vault, name=name, changes=changes, password=login.password, actor=_ACTOR)


async def _seed_key(connection: Connection, vault: Vault, account_id: int) -> tuple[str, str]:
    """Return the demonstration's key, a new one if there is none that signs."""
    directory = await load_directory(connection, vault)
    for info in await accounts.list_keys(connection, account_id):
        key = directory.key(info.secret_id)
        if info.label == KEY_LABEL and info.is_active and key is not None:
            return key.secret_id, key.secret.decode()
    made = await accounts.create_key(connection, vault, account_id=account_id, label=KEY_LABEL, actor=_ACTOR)
    return made.info.secret_id, made.secret_key


async def _unless_there(there: type[Error], making: Awaitable[T]) -> T | None:
    """Return what was made, or None when it was there."""
    try:
        return await making
    except there:
        return None


def _simulator_password(settings: Settings) -> str:
    path = settings.simulator_password_path
    if not path.exists():
        write_private(path, secrets.token_hex(8) + "\n")
    return path.read_text(encoding="ascii").strip()
