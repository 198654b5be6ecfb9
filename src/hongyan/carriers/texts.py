"""How a channel's settings cut texts: which alphabets, how long, with which header."""

from functools import lru_cache
from typing import Final

from hongyan.text.alphabets import Alphabet, encode
from hongyan.text.headers import Concatenation, concatenation_header
from hongyan.text.segments import Capacity, Limits, SegmentPlan

from .settings import ChannelSettings

_HEADER_OCTETS: Final = {"udh8": 6, "udh16": 7, "sar": 0, "payload": 6}
"""A payload is cut by the carrier itself, which leaves room for its own header: so it is counted like `udh8`."""
_OCTETS: Final = 140
_GSM7_PARTS: Final = {"udh8": 153, "udh16": 152, "sar": 153, "payload": 153}


@lru_cache(maxsize=1024)
def limits_with(settings: ChannelSettings, plain: Alphabet, single: int) -> Limits:
    """Return the limits of a protocol whose narrow alphabet is `plain`, of which `single` units fit into a message."""
    narrow = Alphabet(settings.plain_coding) if settings.plain_coding else plain
    capacities: list[Capacity] = []
    header = _HEADER_OCTETS[settings.long_text] or 6  # the carrier's own header takes what ours would have
    if narrow is Alphabet.GSM7:
        capacities.append(Capacity(Alphabet.GSM7, 160, _GSM7_PARTS[settings.long_text]))
    elif narrow is Alphabet.ASCII:
        part = 160 - 1 - header if single >= 159 else single - header
        capacities.append(Capacity(Alphabet.ASCII, single, part))
    if settings.text_coding == "gbk":
        capacities.append(Capacity(Alphabet.GBK, _OCTETS, _OCTETS - header))
    capacities.append(Capacity(Alphabet.UCS2, 70, (_OCTETS - header) // 2))
    return Limits(tuple(capacities))


def parts_with_header(plan: SegmentPlan, reference: int, settings: ChannelSettings) -> list[bytes]:
    """Return the user data of each segment, with the header that the settings want where there are several."""
    if len(plan.parts) == 1:
        return [encode(plan.parts[0], plan.alphabet)]
    is_wide = settings.long_text == "udh16"
    total = len(plan.parts)
    return [
        concatenation_header(Concatenation(reference, total, number), is_wide=is_wide) + encode(part, plan.alphabet)
        for number, part in enumerate(plan.parts, 1)
    ]
