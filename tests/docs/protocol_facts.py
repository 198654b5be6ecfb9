"""What the page of the protocols says that no table of the program says: who does what, and how far.

Each request stands here once; a request that is missing or unknown fails the page's test.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple


class Part(NamedTuple):
    """What a request is to either of our ends; `sends`, `answers`, or nothing."""

    client: str
    """Our side towards carriers."""
    server: str
    """Our side towards customers."""
    note: str = ""


class Behaviour(NamedTuple):
    """What a section asks beyond PDUs."""

    section: str
    what: str
    client: str
    server: str
    note: str = ""


_BOTH: Final = "sends, answers"
_NEVER_ASKED: Final = "can send"

CMPP_PARTS: Final[Mapping[str, Part]] = {
    "Connect": Part("sends", "answers", "versions 2.0, 2.1 (laid out as 2.0) and 3.0; any other is refused with 4"),
    "Terminate": Part(_BOTH, _BOTH, "what is under way is answered first"),
    "Submit": Part("sends", "answers", "we send one number in each; customers may give up to 99"),
    "Query": Part(_NEVER_ASKED, "answers", "customers get the counts of the day; we ask no carrier"),
    "Deliver": Part("answers", "sends", "replies and reports"),
    "Cancel": Part(_NEVER_ASKED, "answers", "always 1, not withdrawn: a text goes to the carrier at once"),
    "ActiveTest": Part(_BOTH, _BOTH, "answered in every state"),
}
SGIP_PARTS: Final[Mapping[str, Part]] = {
    "Bind": Part(
        "sends, answers", "answers, sends", "login type 1 from the SP, 2 from the gateway; others are refused with 4"
    ),
    "Unbind": Part(_BOTH, _BOTH),
    "Submit": Part("sends", "answers", "we send one number in each; customers may give up to 100"),
    "Deliver": Part("answers", "sends", "on either connection; a customer's is refused with 7"),
    "Report": Part("answers", "sends", "on either connection"),
    "UserRpt": Part("answers", "", "taken and dropped; a customer's is refused with 7"),
    "Trace": Part(_NEVER_ASKED, "answers", "customers get one node with 30, function not offered"),
}
SMGP_PARTS: Final[Mapping[str, Part]] = {
    "Login": Part("sends", "answers", "version 3.0; any other is refused with 22; LoginMode 0, 1 and 2"),
    "Submit": Part("sends", "answers", "we send one number in each; customers may give up to 100"),
    "Deliver": Part("answers", "sends", "replies and reports"),
    "ActiveTest": Part(_BOTH, _BOTH, "answered in every state"),
    "Exit": Part(_BOTH, _BOTH, "what is under way is answered first"),
    "Query": Part(_NEVER_ASKED, "answers", "customers get the counts of the day; we ask no carrier"),
}
SMPP_PARTS: Final[Mapping[str, Part]] = {
    "GenericNack": Part(_BOTH, _BOTH, "3 for an unknown command, 2 before closing on a length that cannot be"),
    "BindTransmitter": Part("sends", "answers", "with `bind_mode` transmitter_receiver"),
    "BindReceiver": Part("sends", "answers", "with `bind_mode` transmitter_receiver"),
    "BindTransceiver": Part("sends", "answers"),
    "Outbind": Part("takes", _NEVER_ASKED, "a session that is asked may bind; the platform connects by itself"),
    "Unbind": Part(_BOTH, _BOTH, "what is under way is answered first"),
    "SubmitSm": Part("sends", "answers", "we send one number in each"),
    "SubmitMulti": Part(_NEVER_ASKED, "answers", "the response lists who was refused; names of lists are, with 0x34"),
    "DeliverSm": Part("answers", "sends", "replies and receipts"),
    "DataSm": Part("answers, can send", "answers", "a reply or a receipt from carriers, a submit from customers"),
    "QuerySm": Part(_NEVER_ASKED, "answers", "always 0x67: the state comes by receipts"),
    "CancelSm": Part(_NEVER_ASKED, "answers", "always 0x11, not withdrawn: a text goes to the carrier at once"),
    "ReplaceSm": Part(_NEVER_ASKED, "answers", "always 0x13, not replaced: a text goes to the carrier at once"),
    "EnquireLink": Part(_BOTH, _BOTH, "answered in every state"),
    "AlertNotification": Part("takes", _NEVER_ASKED, "dropped"),
}

CMPP_BEHAVIOURS: Final[Sequence[Behaviour]] = (
    Behaviour(
        "§6.1",
        "window, heartbeat, times",
        "yes",
        "yes",
        "window, idle time, tries and patience are settings; a request without answer is in doubt and not sent again by the link",
    ),
    Behaviour("§6.3", "port 7890, long connections", "yes", "yes", "any port; short connections are not made"),
    Behaviour("§7.4.1.1", "AuthenticatorSource", "yes", "yes", "a short address may be digested with its padding"),
    Behaviour(
        "§7.4.1.2", "AuthenticatorISMG", "logs", "yes", "Status in 1 or 4 octets, zeros or nonsense: never fatal"
    ),
    Behaviour(
        "§7.4.1.2", "layout of another version in the response", "yes", "yes", "the length decides, see the quirks"
    ),
    Behaviour(
        "§7.4.3.1",
        "Msg_Fmt 0, 8, 15; 25 is read as 15",
        "yes",
        "yes",
        "3 and 4 are no texts: a reply keeps its octets, a submit is refused",
    ),
    Behaviour(
        "§7.4.3.1",
        "TP_udhi, Pk_total, Pk_number",
        "yes",
        "yes",
        "headers with 8- or 16-bit reference; customers' parts also by Pk_number alone",
    ),
    Behaviour("§7.4.3.1", "ValId_Time, At_Time", "sends the first", "reads both", "absolute and relative forms"),
    Behaviour(
        "§7.4.3.2", "Msg_Id", "opaque", "makes it", "unsigned 64 bits; several numbers have ids in a row (appendix 1)"
    ),
    Behaviour(
        "§7.4.5.1",
        "reports of 60 and 71 octets",
        "reads both",
        "writes either",
        "71 in 3.0 unless the login says 60; 2.0 always 60",
    ),
    Behaviour("§7.7.1", "CMPP_FWD, the eight route commands", "", "", "between gateways; passed over as unknown"),
)
SGIP_BEHAVIOURS: Final[Sequence[Behaviour]] = (
    Behaviour(
        "§3.1",
        "a connection for each direction",
        "yes",
        "yes",
        "we listen for carriers, and dial customers; or all on one connection where the peer does so",
    ),
    Behaviour(
        "§3.1",
        "32 unanswered, 30 s, idle connections",
        "yes",
        "yes",
        "there is no heartbeat: a request that expires in silence ends the link, and a listener of ours ends one that is"
        " idle for ten minutes",
    ),
    Behaviour(
        "§3.4", "sequence of node, time and counter", "yes", "yes", "the node is a setting; 96 bits, echoed exactly"
    ),
    Behaviour(
        "§3.7.2.4.3",
        "repeated sequence",
        "yes",
        "yes",
        "the same request is answered again, another one refused with 9",
    ),
    Behaviour("§4.2.3.3", "MessageCoding 0, 8, 15; 25 is read as 15", "yes", "yes"),
    Behaviour("§4.2.3.3", "TP_udhi", "yes", "yes", "headers with 8- or 16-bit reference"),
    Behaviour("§4.2.3.3", "ReportFlag 0, 1, 2", "1", "reads all", "3 is refused: it is no text"),
    Behaviour(
        "§4.2.3.5",
        "SubmitSequenceNumber",
        "is the id",
        "is repeated",
        "reports on several numbers share it and differ by UserNumber",
    ),
    Behaviour("§5.1", "ADDSP to CHECKUSER (0x6 to 0x10)", "", "", "between gateways and GNS; passed over as unknown"),
    Behaviour(
        "§5.4",
        "State and ErrorCode",
        "reads",
        "writes",
        "as `SG:` and four digits where the error says more than the state",
    ),
)
SMGP_BEHAVIOURS: Final[Sequence[Behaviour]] = (
    Behaviour("§4.2.1", "window, heartbeat, times", "yes", "yes", "settings, as in CMPP"),
    Behaviour("§6.2.2", "AuthenticatorClient", "yes", "yes", "over ClientID without its padding; with it is a quirk"),
    Behaviour(
        "§6.2.3",
        "LoginMode",
        "a setting",
        "yes",
        "one connection for both ways or one for each; 0 gets no pushes; a Submit over 1 is refused with 11",
    ),
    Behaviour(
        "§6.2.5",
        "AuthenticatorServer",
        "logs",
        "yes",
        "Status in 4 octets; other widths are a quirk, and no proof is fatal",
    ),
    Behaviour("§6.2.16", "MsgFormat 0, 8, 15; 25 is read as 15", "yes", "yes", "3, 4 and 246 are no texts"),
    Behaviour("§6.2.21", "MsgLength up to 140", "yes", "yes", "in ASCII too: 140 characters, 134 in a part"),
    Behaviour("§6.2.26", "MsgID", "opaque", "makes it", "ten octets, shown as 20 hexadecimal digits; ours are decimal"),
    Behaviour(
        "§6.2.63",
        "report of 122 octets",
        "reads",
        "writes",
        "the id by its place, other parts by keywords where they deviate",
    ),
    Behaviour(
        "§6.3",
        "TP_udhi, PkTotal, PkNumber",
        "yes",
        "yes",
        "a header is known from TP_udhi alone, and counts before PkNumber",
    ),
    Behaviour("§6.3", "ChargeUserType, MsgSrc", "sends", "reads MsgSrc", "the first only where it is set"),
    Behaviour("§6.3", "the other tagged parameters", "reads", "reads", "kept, unknown ones too, and not acted on"),
)
SMPP_BEHAVIOURS: Final[Sequence[Behaviour]] = (
    Behaviour(
        "§2.2.1", "transmitter, receiver, transceiver", "yes", "yes", "what the mode does not allow is refused with 4"
    ),
    Behaviour("§3.2.1", "sequence 1 to 0x7FFFFFFF", "yes", "yes", "others are taken from peers and echoed"),
    Behaviour("§5.2.4", "interface_version", "0x34", "any", "below 3.4 tagged parameters are left out"),
    Behaviour("§5.2.12", "esm_class", "yes", "yes", "receipts by it, then by parameters, then by their text"),
    Behaviour(
        "§5.2.19",
        "data_coding 0, 1, 8; others are read",
        "yes",
        "yes",
        "what 0 means is a setting: GSM 7-bit, ASCII or Latin-1; GBK goes as 15, a custom of China",
    ),
    Behaviour("§5.3.2.22", "sar_* and message_payload", "settings", "reads all", "never together with a header"),
    Behaviour("§7.1.1", "absolute and relative times", "sends the first", "reads both"),
    Behaviour("§7.2", "timers", "yes", "yes", "without values in the specification: those of CMPP, as settings"),
    Behaviour(
        "appendix B",
        "receipts",
        "reads",
        "writes",
        "any order, case and width; ids in decimal or hexadecimal by setting",
    ),
    Behaviour("—", "TLS", "yes", "yes", "not in the specification; a setting of channels and listeners"),
)
