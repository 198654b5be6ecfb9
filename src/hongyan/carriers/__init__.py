"""One file a protocol: a segment becomes PDUs, and what comes back becomes results."""

from hongyan.text.segments import Limits

from .cmpp import CMPP_20, CMPP_30
from .protocol import Protocol
from .settings import DEFAULTS, ChannelSettings
from .sgip import SGIP_12
from .smgp import SMGP_30
from .smpp import SMPP_34

__all__ = ["PROTOCOLS", "Protocol", "limits_of"]

PROTOCOLS: dict[str, Protocol] = {
    "cmpp20": CMPP_20,
    "cmpp30": CMPP_30,
    "sgip12": SGIP_12,
    "smgp30": SMGP_30,
    "smpp34": SMPP_34,
}
"""Every protocol that a channel can speak, by the name that channels carry."""


def limits_of(protocol: str, settings: ChannelSettings = DEFAULTS) -> Limits:
    """Return how a protocol cuts texts into segments, with a channel's settings."""
    return PROTOCOLS[protocol].limits(settings)
