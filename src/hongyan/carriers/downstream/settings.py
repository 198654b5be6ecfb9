"""What an operator may set of one protocol login: one shape for all protocols, each reads its own part."""

from typing import Literal

from msgspec import Struct

NumberForm = Literal["international", "plus", "national"]


class LoginSettings(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Per-login settings; the defaults are what each specification says."""

    # CMPP
    versions: Literal["any", "2.0", "3.0"] = "any"
    """CMPP: which versions the customer may bind with."""
    report_size: Literal[60, 71] = 71
    """CMPP 3.0: how long a report is; 2.0 always has 60."""

    # CMPP, SGIP, SMGP
    reply_coding: Literal["ucs2", "gbk"] = "ucs2"
    """In what a reply that is not ASCII is pushed."""

    # SGIP
    same_connection: bool = False
    """Push reports and replies over the customer's own connection instead of one that we make."""
    reverse_host: str = ""
    """Where the customer listens for our connection; empty: nowhere."""
    reverse_port: int = 8801
    reverse_login: str = ""
    """What we bind to the customer as; empty: the login's own name."""
    node: int = 0
    """Our node number in what we send, u32; 0: the customer's own, as it stands in its submits."""

    # SMPP
    default_alphabet: Literal["gsm7", "ascii", "latin1"] = "gsm7"
    """What data_coding 0 means, both ways."""
    id_form: Literal["decimal", "hex"] = "decimal"
    """How our ids are written, in responses and receipts alike."""
    receipt_id_form: Literal["same", "decimal", "hex"] = "same"
    """How they are written in receipts, for customers who expect the two to differ."""
    number_form: NumberForm = "international"
    """How phone numbers are written in what we push: 8613800138000, +8613800138000 or 13800138000."""
    receipt_tlvs: bool = True
    """Say the outcome in receipted_message_id and message_state as well as in the text."""
    system_type: str = ""
    """What the customer must give as system_type; empty: anything."""
