"""What can be set about a channel beyond address, login and speed: all protocols' settings in one place.

Each protocol reads the ones that concern it and fills what is empty with its own default; which apply to which, and
what they may hold, stands in `hongyan.routing.settings`.
"""

from typing import Literal

from msgspec import Struct

TextCoding = Literal["ucs2", "gbk"]
PlainCoding = Literal["", "ascii", "gsm7", "ucs2"]
LongText = Literal["udh8", "udh16", "sar", "payload"]
Direction = Literal["both", "send", "receive"]
LoginMode = Literal["both", "send", "receive", "each"]
BindMode = Literal["transceiver", "transmitter_receiver"]
DefaultAlphabet = Literal["gsm7", "ascii", "latin1"]
NumberForm = Literal["international", "plus", "national"]
IdForm = Literal["same", "hex_to_decimal", "decimal_to_hex"]


class ChannelSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The settings of a channel; empty or None leaves a choice to the protocol."""

    # Patience.
    heartbeat_idle_seconds: float = 30.0
    heartbeat_timeout_seconds: float = 10.0
    heartbeat_tries: int = 3
    response_timeout_seconds: float = 60.0
    bind_timeout_seconds: float = 10.0

    # Texts.
    extension_digits_max: int | None = None
    """How many digits may follow the source number; None: as many as the field holds."""
    text_coding: TextCoding = "ucs2"
    """Of texts that the narrow alphabet cannot hold."""
    plain_coding: PlainCoding = ""
    """Of texts that the narrow alphabet holds."""
    long_text: LongText = "udh8"

    # Fees: CMPP, SGIP, SMGP.
    fee_user_type: int | None = None
    fee_type: str = ""
    fee_code: str = ""
    fee_terminal_id: str = ""
    msg_src: str = ""
    """CMPP and SMGP: the enterprise code in each submit; empty: the login."""

    # SGIP.
    node: int = 0
    """Our node number, the first word of every sequence."""
    corp_id: str = ""
    reverse_login: str = ""
    """What the carrier logs in to us with; empty: the channel's login."""
    reverse_password: str = ""
    """Empty: the channel's password."""

    # SMGP.
    login_mode: LoginMode = "both"
    """`each` opens one connection for sending and one for receiving for every link."""

    # SMPP.
    bind_mode: BindMode = "transceiver"
    """`transmitter_receiver` opens one connection of each for every link."""
    system_type: str = ""
    source_ton: int | None = None
    """None: by the form of the source number."""
    source_npi: int | None = None
    dest_ton: int = 1
    dest_npi: int = 1
    default_alphabet: DefaultAlphabet = "gsm7"
    """What data_coding 0 means to this carrier."""
    number_form: NumberForm = "international"
    id_form: IdForm = "same"
    """How the id in a report relates to the one in the submit's response."""
    tls: bool = False
    tls_verify: bool = True


DEFAULTS = ChannelSettings()
