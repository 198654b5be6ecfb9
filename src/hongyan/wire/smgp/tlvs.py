"""SMGP 3.0 §6.3: the optional parameters that may trail a Submit or a Deliver, in any order.

Whether a text begins with a user data header is known from TP_udhi alone.
"""

from typing import Annotated, Final

from msgspec import Struct

from hongyan.wire.fields import OCTETS, U8, Tag, text


class SmgpTlvs(Struct, frozen=True, kw_only=True):
    """None where a parameter is not sent; `others` are tags that the specification does not have."""

    tp_pid: Annotated[int | None, Tag(0x0001, U8)] = None
    tp_udhi: Annotated[int | None, Tag(0x0002, U8)] = None
    link_id: Annotated[str | None, Tag(0x0003, text(20))] = None
    charge_user_type: Annotated[int | None, Tag(0x0004, U8)] = None
    """Who pays: 0 the receiver, 1 the sender, 2 the SP, 3 ChargeTermID."""
    charge_term_type: Annotated[int | None, Tag(0x0005, U8)] = None
    """0 a real number, 1 a pseudonym; likewise for the other numbers."""
    charge_term_pseudo: Annotated[bytes | None, Tag(0x0006, OCTETS)] = None
    dest_term_type: Annotated[int | None, Tag(0x0007, U8)] = None
    dest_term_pseudo: Annotated[bytes | None, Tag(0x0008, OCTETS)] = None
    pk_total: Annotated[int | None, Tag(0x0009, U8)] = None
    pk_number: Annotated[int | None, Tag(0x000A, U8)] = None
    """From 1; some peers count from 0, so the header in the text is what counts."""
    submit_msg_type: Annotated[int | None, Tag(0x000B, U8)] = None
    sp_deal_result: Annotated[int | None, Tag(0x000C, U8)] = None
    src_term_type: Annotated[int | None, Tag(0x000D, U8)] = None
    src_term_pseudo: Annotated[bytes | None, Tag(0x000E, OCTETS)] = None
    nodes_count: Annotated[int | None, Tag(0x000F, U8)] = None
    msg_src: Annotated[str | None, Tag(0x0010, text(8))] = None
    """The SP's company code."""
    src_type: Annotated[int | None, Tag(0x0011, U8)] = None
    m_service_id: Annotated[str | None, Tag(0x0012, text(21))] = None
    """The service code of mobile networks."""
    others: tuple[tuple[int, bytes], ...] = ()


NO_TLVS: Final = SmgpTlvs()
