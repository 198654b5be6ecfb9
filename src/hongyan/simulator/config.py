"""What the simulator is told: its carriers, their logins and manners, and where the phones are shown."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from hongyan.wire.cmpp.dialect import V20, V30
from hongyan.wire.cmpp.report import SIZE_LONG, SIZE_SHORT

from .behaviour import Span
from .phones import MESSAGES_MAX

LOOPBACK: Final = "127.0.0.1"
PHONE_PORT: Final = 18080

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


class LoginConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account at a carrier."""

    login: Annotated[str, Meta(min_length=1, max_length=6, description="SP_Id (企业代码), 6 characters.")]
    password: Annotated[str, Meta(min_length=1, description="The shared secret.")]
    links_max: Annotated[Positive, Meta(description="Connections at once; more are refused with status 5.")] = 16


class CarrierConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One simulated carrier."""

    name: Annotated[str, Meta(min_length=1, description="Shown on the phones and in the journal, such as mobile.")]
    port: Port
    logins: tuple[LoginConfig, ...]
    host: Annotated[str, Meta(description="Where to listen.")] = LOOPBACK
    versions: Annotated[tuple[Version, ...], Meta(min_length=1, description="Versions that may be used.")] = (
        Version.CMPP_2_0,
        Version.CMPP_3_0,
    )
    gateway_code: Annotated[int, Meta(ge=0, le=(1 << 22) - 1, description="The gateway's number in its Msg_Ids.")] = 1
    response_delay: Annotated[Span, Meta(description="From a submit to its response; zero answers at once.")] = Span(
        min_seconds=0, max_seconds=0
    )
    delivery_delay: Annotated[Span, Meta(description="From a submit to the ringing phone and its report.")] = Span()
    window_size: Annotated[Positive, Meta(description="Unanswered submits that a link may have (measured).")] = 64
    report_window_size: Annotated[Positive, Meta(description="Unanswered reports that a link may have.")] = 32
    report_size: Annotated[int, Meta(description="Octets of a report in CMPP 3.0: 71 or 60. 2.0 always has 60.")] = (
        SIZE_LONG
    )
    report_timeout_seconds: Annotated[float, Meta(gt=0, description="Wait for DELIVER_RESP, then send again.")] = 60.0
    report_tries_max: Annotated[Positive, Meta(description="Times a report is sent while it is not taken.")] = 3
    report_retry_seconds: Annotated[float, Meta(ge=0, description="Pause before a refused report is repeated.")] = 1.0
    backlog_max: Annotated[Positive, Meta(description="Texts and reports under way; above it: flow control.")] = 200_000

    def __post_init__(self) -> None:
        if self.report_size not in (SIZE_SHORT, SIZE_LONG):
            raise ValueError(f"report_size is {SIZE_SHORT} or {SIZE_LONG}, not {self.report_size}")
        if len({login.login for login in self.logins}) != len(self.logins):
            raise ValueError(f"carrier {self.name} has a login twice")


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
    journal: Annotated[Path | None, Meta(description="Append every submit and report to this file.")] = None
    seed: Annotated[int | None, Meta(description="Makes delays repeatable; none draws a seed.")] = None


def demo_config(password: str, *, port_first: int = 17890, phones: PhoneConfig | None = None) -> SimulatorConfig:
    """Return three carriers on ports in a row: 移动 with CMPP 3.0, 联通 with 2.0, 电信 with 3.0."""
    carriers = tuple(
        CarrierConfig(
            name=name,
            port=port_first + index if port_first else 0,
            logins=(LoginConfig(login=login, password=password),),
            versions=(version,),
            gateway_code=100_000 * (index + 1),
        )
        for index, (name, login, version) in enumerate(DEMO_CARRIERS)
    )
    return SimulatorConfig(carriers=carriers, phones=phones or PhoneConfig())


DEMO_CARRIERS: Final = (
    ("mobile", "910001", Version.CMPP_3_0),
    ("unicom", "910002", Version.CMPP_2_0),
    ("telecom", "910003", Version.CMPP_3_0),
)
"""Name, login and version of the carriers of `hongyan up --demo`."""
