"""What a carrier and a customer say, one file a protocol, written apart from `carriers`."""

from typing import Final

from .cmpp import CMPP_20, CMPP_30
from .sgip import SGIP_12
from .smgp import SMGP_30
from .smpp import SMPP_34
from .speech import (
    ANNA,
    LOGIN,
    PASSWORD,
    SOURCE,
    STAMP,
    BadSubmit,
    Receipt,
    Speech,
    Text,
    code_text,
    notification,
)

__all__ = [
    "ANNA",
    "LOGIN",
    "PASSWORD",
    "SOURCE",
    "SPEECHES",
    "STAMP",
    "BadSubmit",
    "Receipt",
    "Speech",
    "Text",
    "code_text",
    "notification",
]

SPEECHES: Final[dict[str, Speech]] = {speech.name: speech for speech in (CMPP_20, CMPP_30, SGIP_12, SMGP_30, SMPP_34)}
"""By the name that channels carry."""
