"""What the simulator is told: its carriers, their logins and manners, and where the phones are shown."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from hongyan.wire.cmpp.dialect import V20, V30
from hongyan.wire.cmpp.report import SIZE_LONG, SIZE_SHORT

from .behaviour import Span
from .phones import MESSAGES_MAX
from .scenario import Scenario

LOOPBACK: Final = "127.0.0.1"
PHONE_PORT: Final = 18080
VALIDITY_SECONDS: Final = 48 * 3600.0
"""CMPP 2.0 §7.4.5.1: an SP waits two days for a report."""

Port = Annotated[int, Meta(ge=0, le=65535, description="TCP port; 0 takes a free one.")]
Positive = Annotated[int, Meta(ge=1)]


class Version(StrEnum):
    """A version of CMPP that a login may use."""

    CMPP_2_0 = "2.0"
    CMPP_3_0 = "3.0"

    @property
    def number(self) -> int:
        """The version as CONNECT has it."""
        return V20 if self is Version.CMPP_2_0 else V30


class Speech(StrEnum):
    """What a carrier speaks."""

    CMPP = "cmpp"
    SGIP = "sgip"
    SMGP = "smgp"
    SMPP = "smpp"


LOGIN_LENGTHS: Final[Mapping[Speech, int]] = {Speech.CMPP: 6, Speech.SGIP: 16, Speech.SMGP: 8, Speech.SMPP: 15}
PASSWORD_LENGTHS: Final[Mapping[Speech, int]] = {Speech.SGIP: 16, Speech.SMGP: 15, Speech.SMPP: 8}
"""Where the password itself travels, or its length is agreed on; CMPP sends a digest of it."""


class DialBack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a carrier of SGIP dials to bring a login its reports and replies (SGIP 1.2 §3.1)."""

    host: Annotated[str, Meta(min_length=1, description="The customer's listener.")]
    port: Annotated[int, Meta(ge=1, le=65535)] = 8801
    login: Annotated[str, Meta(max_length=16, description="Login name of our BIND; empty takes the login's own.")] = ""
    password: Annotated[str, Meta(max_length=16, description="Its password; empty takes the login's own.")] = ""
    links: Annotated[Positive, Meta(description="Connections that are kept up.")] = 1


class LoginConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account at a carrier."""

    login: Annotated[str, Meta(min_length=1, max_length=16, description="SP_Id, Login Name, ClientID, system_id.")]
    password: Annotated[str, Meta(min_length=1, description="The shared secret.")]
    links_max: Annotated[Positive, Meta(description="Connections at once; more are refused.")] = 16
    dial_back: Annotated[DialBack | None, Meta(description="SGIP: where reports and replies are taken to.")] = None
    same_connection: Annotated[
        bool, Meta(description="SGIP: reports and replies leave over the customer's own connections too.")
    ] = False


class TlsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a carrier proves itself with."""

    certificate: Annotated[Path, Meta(description="PEM file with the certificate and its chain.")]
    key: Annotated[Path, Meta(description="PEM file with the private key.")]


class CmppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only CMPP has."""

    versions: Annotated[tuple[Version, ...], Meta(min_length=1, description="Versions that may be used.")] = (
        Version.CMPP_2_0,
        Version.CMPP_3_0,
    )
    gateway_code: Annotated[int, Meta(ge=0, le=(1 << 22) - 1, description="The gateway's number in its Msg_Ids.")] = 1
    report_size: Annotated[int, Meta(description="Octets of a report in CMPP 3.0: 71 or 60. 2.0 always has 60.")] = (
        SIZE_LONG
    )

    def __post_init__(self) -> None:
        if self.report_size not in (SIZE_SHORT, SIZE_LONG):
            raise ValueError(f"report_size is {SIZE_SHORT} or {SIZE_LONG}, not {self.report_size}")


class SgipSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only SGIP has."""

    node: Annotated[int, Meta(ge=0, le=0xFFFF_FFFF, description="The gateway's node number (SMG: 1AAAAX).")] = 101000


class SmgpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only SMGP has."""

    gateway_code: Annotated[int, Meta(ge=0, le=999_999, description="The first six digits of its MsgIDs.")] = 10_601
    login_modes: Annotated[
        tuple[Literal["send", "receive", "both"], ...],
        Meta(min_length=1, description="LoginModes that are let in."),
    ] = ("send", "receive", "both")


class SmppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only SMPP has."""

    system_id: Annotated[str, Meta(max_length=15, description="What the centre calls itself.")] = "hongyan"
    default_alphabet: Annotated[
        Literal["gsm7", "ascii", "latin1"], Meta(description="What data_coding 0 stands for, both ways.")
    ] = "gsm7"
    receipts: Annotated[
        Literal["both", "text", "tlvs"], Meta(description="Reports as text, as optional parameters, or as both.")
    ] = "both"
    ids: Annotated[
        Literal["decimal", "hex", "hex_in_responses", "hex_in_receipts"],
        Meta(description="How message ids are written; the last two write one and the same in two ways."),
    ] = "decimal"


class CarrierConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One simulated carrier."""

    name: Annotated[str, Meta(min_length=1, description="Shown on the phones and in the journal, such as mobile.")]
    port: Port
    logins: tuple[LoginConfig, ...]
    protocol: Annotated[Speech, Meta(description="cmpp, sgip, smgp or smpp.")] = Speech.CMPP
    host: Annotated[str, Meta(description="Where to listen.")] = LOOPBACK
    tls: Annotated[TlsConfig | None, Meta(description="Listen with TLS (a custom of SMPP).")] = None
    cmpp: CmppSettings = CmppSettings()
    sgip: SgipSettings = SgipSettings()
    smgp: SmgpSettings = SmgpSettings()
    smpp: SmppSettings = SmppSettings()
    response_delay: Annotated[Span, Meta(description="From a submit to its response; zero answers at once.")] = Span(
        min_seconds=0, max_seconds=0
    )
    delivery_delay: Annotated[Span, Meta(description="From a submit to the ringing phone and its report.")] = Span()
    window_size: Annotated[Positive, Meta(description="Unanswered submits that a link may have (measured).")] = 64
    report_window_size: Annotated[Positive, Meta(description="Unanswered reports that a link may have.")] = 32
    report_timeout_seconds: Annotated[float, Meta(gt=0, description="Wait for its answer, then send again.")] = 60.0
    report_tries_max: Annotated[Positive, Meta(description="Times a report is sent while it is not taken.")] = 3
    report_retry_seconds: Annotated[float, Meta(ge=0, description="Pause before a refused report is repeated.")] = 1.0
    validity_seconds: Annotated[float, Meta(gt=0, description="Wait for a phone that is off, unless a text says.")] = (
        VALIDITY_SECONDS
    )
    backlog_max: Annotated[Positive, Meta(description="Texts and reports under way; above it: flow control.")] = 200_000

    def __post_init__(self) -> None:
        if len({login.login for login in self.logins}) != len(self.logins):
            raise ValueError(f"carrier {self.name} has a login twice")
        for login in self.logins:
            self._check(login)

    def _check(self, login: LoginConfig) -> None:
        length_max = LOGIN_LENGTHS[self.protocol]
        if len(login.login) > length_max:
            raise ValueError(f"login {login.login} has more than the {length_max} characters of {self.protocol}")
        length_max = PASSWORD_LENGTHS.get(self.protocol, len(login.password))
        if len(login.password) > length_max:
            raise ValueError(f"the password of {login.login} has more than the {length_max} of {self.protocol}")


class PhoneConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the sandbox phones are shown."""

    host: Annotated[str, Meta(description="Where to listen.")] = LOOPBACK
    port: Port = PHONE_PORT
    host_names: Annotated[
        tuple[str, ...], Meta(description="Names under which browsers may reach it, besides addresses and localhost.")
    ] = ()
    messages_max: Annotated[Positive, Meta(description="Newest messages kept in memory.")] = MESSAGES_MAX


class SimulatorConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it."""

    carriers: tuple[CarrierConfig, ...]
    phones: PhoneConfig = PhoneConfig()
    scenarios: Annotated[
        dict[str, Scenario], Meta(description="Scenarios of your own by name, besides those that are shipped.")
    ] = msgspec.field(default_factory=dict)
    scenario: Annotated[str, Meta(description="What all carriers play at the start; empty for none.")] = ""
    journal: Annotated[Path | None, Meta(description="Append every submit and report to this file.")] = None
    seed: Annotated[int | None, Meta(description="Makes delays repeatable; none draws a seed.")] = None


class DemoCarrier(NamedTuple):
    """A carrier of `hongyan up --demo`."""

    name: str
    login: str
    protocol: Speech


DEMO_CARRIERS: Final = (
    DemoCarrier("mobile", "910001", Speech.CMPP),
    DemoCarrier("unicom", "910002", Speech.SGIP),
    DemoCarrier("telecom", "910003", Speech.SMGP),
    DemoCarrier("international", "hongyan", Speech.SMPP),
)


def demo_config(
    password: str,
    *,
    port_first: int = 17890,
    phones: PhoneConfig | None = None,
    dial_back: DialBack | None = None,
) -> SimulatorConfig:
    """Return four carriers on ports in a row: 移动 (CMPP 3.0), 联通 (SGIP), 电信 (SMGP), 海外 (SMPP).

    联通 takes its reports and replies to `dial_back`; without it, over the customer's own connections. Where a protocol
    has less room for a password, it is cut.
    """
    carriers = tuple(
        CarrierConfig(
            name=name,
            port=port_first + index if port_first else 0,
            protocol=protocol,
            logins=(
                LoginConfig(
                    login=login,
                    password=password[: PASSWORD_LENGTHS.get(protocol)],
                    dial_back=dial_back if protocol is Speech.SGIP else None,
                    same_connection=protocol is Speech.SGIP and dial_back is None,
                ),
            ),
            cmpp=CmppSettings(versions=(Version.CMPP_3_0,), gateway_code=100_000 * (index + 1)),
        )
        for index, (name, login, protocol) in enumerate(DEMO_CARRIERS)
    )
    return SimulatorConfig(carriers=carriers, phones=phones or PhoneConfig())
