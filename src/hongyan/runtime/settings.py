"""What is read once at start: where to listen, where the data lies, how to log.

Everything else (accounts, channels, routes, prices) lives in the database and changes while we run.
The descriptions below are the ones `hongyan config example` prints.
"""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from .quantities import Duration, Networks, Size

Port = Annotated[int, Meta(ge=1, le=65535)]
_DEMO_SGIP_OFFSET = 4
OptionalPort = Annotated[int, Meta(ge=0, le=65535)]


class DatabaseSettings(Struct, frozen=True, kw_only=True):
    """PostgreSQL."""

    url: Annotated[
        str,
        Meta(
            description="postgresql://user:password@host/database of a PostgreSQL (16 or later) of your own; "
            'empty: an embedded one in data_dir. "file:/path" or "env:NAME" reads it from there.'
        ),
    ] = ""
    pool_size: Annotated[int, Meta(ge=2, le=100, description="Most connections that one process opens.")] = 8


class HttpSettings(Struct, frozen=True, kw_only=True):
    """The API."""

    host: Annotated[
        str, Meta(description="Address to listen on. The default answers this machine only; 0.0.0.0 answers everybody.")
    ] = "127.0.0.1"
    port: Annotated[Port, Meta(description="TCP port to listen on.")] = 8080
    api_workers: Annotated[int, Meta(ge=1, le=64, description="Processes that share the port.")] = 1
    drain: Annotated[
        Duration, Meta(description="How long a stopping process lets open requests finish; `up` waits 13s at most.")
    ] = Duration(8)
    header_timeout: Annotated[
        Duration, Meta(description="How long a client may take to send the head of a request.")
    ] = Duration(10)
    keep_alive: Annotated[Duration, Meta(description="How long a connection may rest between requests.")] = Duration(15)
    body_size: Annotated[Size, Meta(description="Largest body of a request.")] = Size(1 << 20)
    connections: Annotated[int, Meta(ge=1, le=100_000, description="Most connections of one process.")] = 1000
    trusted_proxies: Annotated[
        Networks,
        Meta(
            description='Reverse proxies whose X-Forwarded-For is believed, such as "10.0.0.0/8, 192.0.2.7"; their '
            "connections are not counted by address."
        ),
    ] = Networks()
    metrics_allow: Annotated[Networks, Meta(description="Who may read /metrics.")] = Networks.parse("127.0.0.0/8, ::1")
    date_unchecked: Annotated[
        bool,
        Meta(
            description="Accept any date in a signed Date header, as the gateway that is replaced does; X-Date is "
            "always checked."
        ),
    ] = False


class GatewaySettings(Struct, frozen=True, kw_only=True):
    """Carrier links."""

    lease: Annotated[
        Duration, Meta(description="After this time without a sign of life, another gateway takes over a channel.")
    ] = Duration(10)
    drain: Annotated[
        Duration,
        Meta(description="How long a stopping gateway waits for carriers to answer; `up` waits 13s at most in all."),
    ] = Duration(8)
    reply_window: Annotated[
        Duration,
        Meta(description="How long after a message a text from its phone may answer it, if accounts share the number."),
    ] = Duration(72 * 3600)
    sgip_host: Annotated[
        str, Meta(description="Address to listen on for the connections that SGIP gateways (联通) make to us.")
    ] = "127.0.0.1"
    sgip_port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="TCP port for them, 8801 by the specification; 0: none, for carriers that answer on ours.",
        ),
    ] = 0


class DownstreamSettings(Struct, frozen=True, kw_only=True):
    """Where customers log in by carrier protocols."""

    host: Annotated[
        str, Meta(description="Address to listen on. The default answers this machine only; 0.0.0.0 answers everybody.")
    ] = "127.0.0.1"
    cmpp_port: Annotated[OptionalPort, Meta(description="TCP port for CMPP 2.0 and 3.0, usually 7890; 0: none.")] = 0
    sgip_port: Annotated[OptionalPort, Meta(description="TCP port for SGIP 1.2, usually 8801; 0: none.")] = 0
    smgp_port: Annotated[OptionalPort, Meta(description="TCP port for SMGP 3.0, usually 8890; 0: none.")] = 0
    smpp_port: Annotated[OptionalPort, Meta(description="TCP port for SMPP 3.4, usually 2775; 0: none.")] = 0
    smpp_certificate: Annotated[
        str, Meta(description="PEM file of a certificate and its chain: with it, the SMPP port speaks TLS.")
    ] = ""
    smpp_key: Annotated[str, Meta(description="PEM file of the certificate's key; empty: in the same file.")] = ""
    links: Annotated[int, Meta(ge=1, le=100_000, description="Most connections of one process and protocol.")] = 1000
    unbound_links: Annotated[
        int, Meta(ge=1, le=100_000, description="How many of them may be there without having logged in.")
    ] = 200


class SimulatorSettings(Struct, frozen=True, kw_only=True):
    """The carrier simulator and its phones, started by `hongyan up --demo` or `hongyan simulator`."""

    host: Annotated[str, Meta(description="Address that the simulated carriers and the phone page listen on.")] = (
        "127.0.0.1"
    )
    carrier_port: Annotated[
        int,
        Meta(
            ge=1,
            le=65531,
            description="First of five TCP ports in a row: 移动 (CMPP), 联通 (SGIP), 电信 (SMGP), 海外 (SMPP), and the one "
            "that 联通 dials back to.",
        ),
    ] = 17890
    phone_port: Annotated[Port, Meta(description="TCP port of the page and API of the sandbox phones.")] = 18080
    journal: Annotated[
        str, Meta(description="Append every submit and report to this file; empty: no file. For tests and benchmarks.")
    ] = ""


class LogSettings(Struct, frozen=True, kw_only=True):
    """Logs. Numbers, texts and keys are masked in them."""

    to: Annotated[
        Literal["auto", "stderr", "file"],
        Meta(
            description="Where `hongyan up` logs to. file: hongyan.log in data_dir; auto: file on a terminal, where it "
            "would bury what is for people, standard error else. A role alone logs to standard error."
        ),
    ] = "auto"
    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="debug also shows each PDU, masked."),
    ] = "info"
    format: Annotated[
        Literal["auto", "json", "pretty"],
        Meta(description="auto: pretty on a terminal, JSON lines else."),
    ] = "auto"


class Settings(Struct, frozen=True, kw_only=True):
    """The whole tree; each section is a table of the TOML file."""

    data_dir: Annotated[
        Path,
        Meta(
            description="Where the master key, the embedded PostgreSQL and demo.json lie. Default: ./var if hongyan "
            "made it, else /var/lib/hongyan/data for root and ~/.local/share/hongyan for others."
        ),
    ]
    database: Annotated[DatabaseSettings, Meta(description="PostgreSQL.")] = DatabaseSettings()
    http: Annotated[HttpSettings, Meta(description="The API.")] = HttpSettings()
    gateway: Annotated[GatewaySettings, Meta(description="Carrier links.")] = GatewaySettings()
    downstream: Annotated[
        DownstreamSettings, Meta(description="Where customers log in by carrier protocols; served by the gateways.")
    ] = DownstreamSettings()
    simulator: Annotated[
        SimulatorSettings, Meta(description="The carrier simulator and its phones; never used without --demo.")
    ] = SimulatorSettings()
    logs: Annotated[LogSettings, Meta(description="Logs; numbers, texts and keys are masked in them.")] = LogSettings()

    @property
    def master_key_path(self) -> Path:
        """The key under which secrets are sealed."""
        return self.data_dir / "master.key"

    @property
    def demo_path(self) -> Path:
        """What a client needs to know of the demonstration."""
        return self.data_dir / "demo.json"

    @property
    def database_url_path(self) -> Path:
        """Where a running platform says which database it uses."""
        return self.data_dir / "database.url"

    @property
    def simulator_password_path(self) -> Path:
        """The password with which the demonstration's channels log in to the simulated carriers."""
        return self.data_dir / "simulator.password"

    @property
    def demo_sgip_port(self) -> int:
        """Where the gateway of the demonstration listens for 联通: behind the carriers' ports, unless another is set."""
        return self.gateway.sgip_port or self.simulator.carrier_port + _DEMO_SGIP_OFFSET

    @property
    def log_path(self) -> Path:
        """The log of `hongyan up` and its roles, unless it goes to standard error."""
        return self.data_dir / "hongyan.log"

    @property
    def metrics_dir(self) -> Path:
        """Where the processes of one machine share their metrics."""
        return self.data_dir / "metrics"
