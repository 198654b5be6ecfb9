"""The protocols that a simulated carrier speaks."""

from collections.abc import Mapping
from typing import Final

from .cmpp import CmppFace
from .config import Speech
from .face import Face
from .sgip import SgipFace
from .smgp import SmgpFace
from .smpp import SmppFace

FACES: Final[Mapping[Speech, type[Face]]] = {
    Speech.CMPP: CmppFace,
    Speech.SGIP: SgipFace,
    Speech.SMGP: SmgpFace,
    Speech.SMPP: SmppFace,
}
