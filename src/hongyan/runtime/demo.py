"""The demonstration: an account that can send at once, on simulated carriers."""

import msgspec

from hongyan.kit.clock import Clock
from hongyan.kit.secrets import Vault

from .settings import Settings


class Demo(msgspec.Struct, frozen=True):
    """What a client needs to know; written to demo.json."""

    api_url: str
    send_url: str
    secret_id: str
    secret_key: str
    phone_url: str
    database_url: str


async def seed_demo(settings: Settings, *, database_url: str, api_url: str, vault: Vault, clock: Clock) -> Demo:
    """Make what the demonstration needs unless it is there, and return how to reach it."""
    raise NotImplementedError
