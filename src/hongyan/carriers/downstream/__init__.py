"""One file a protocol, from the carrier's side: what a customer's PDU says, and what it is answered."""

from .cmpp import CMPP_SERVER
from .protocol import ServerProtocol
from .sgip import SGIP_SERVER
from .smgp import SMGP_SERVER
from .smpp import SMPP_SERVER

__all__ = ["SERVERS", "ServerProtocol"]

SERVERS: dict[str, ServerProtocol] = {
    "cmpp": CMPP_SERVER,
    "sgip": SGIP_SERVER,
    "smgp": SMGP_SERVER,
    "smpp": SMPP_SERVER,
}
"""Every protocol by which customers can come in, by its family."""
