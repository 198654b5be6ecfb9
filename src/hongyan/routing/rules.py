"""What channels and routes may look like."""

from typing import Final

import msgspec

from hongyan.carriers import PROTOCOLS
from hongyan.kit.fields import FieldChecks

from .errors import ChannelInvalid, RouteInvalid

NAME_LENGTH_MAX: Final = 32
HOST_LENGTH_MAX: Final = 253
PASSWORD_LENGTH_MAX: Final = 64
LINKS_MAX: Final = 32
WINDOW_SIZE_MAX: Final = 1024
SPEED_MAX: Final = 100_000
PRIORITIES: Final = range(1, 1001)
WEIGHTS: Final = range(1, 1001)
# CMPP 2.0 §7.4.1.1 Source_Addr, §7.4.3.1 Src_Id and Service_Id
CMPP_LOGIN_LENGTH_MAX: Final = 6
SRC_ID_LENGTH_MAX: Final = 20
SERVICE_ID_LENGTH_MAX: Final = 10


class ChannelDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is set about a channel by hand, its password left out."""

    protocol: str
    host: str
    port: int
    login: str
    src_id: str
    service_id: str = ""
    links: int = 1
    window_size: int = 16
    speed_per_second: int = 100


def check_channel(name: str, settings: ChannelDraft, password: str | None) -> None:
    """Raise ChannelInvalid with everything that is wrong; a password of None is not looked at."""
    checks = FieldChecks()
    checks.expect(
        0 < len(name) <= NAME_LENGTH_MAX and name.isprintable() and " " not in name,
        "name",
        f"Give 1 to {NAME_LENGTH_MAX} characters without blanks.",
    )
    _check_access(checks, settings)
    _check_identity(checks, settings)
    if password is not None:
        checks.expect(
            0 < len(password) <= PASSWORD_LENGTH_MAX and _is_printable_ascii(password),
            "password",
            f"Give 1 to {PASSWORD_LENGTH_MAX} printable ASCII characters.",
        )
    checks.raise_as(ChannelInvalid)


def check_route(priority: int | None, weight: int | None) -> None:
    """Raise RouteInvalid with everything that is wrong; None is not looked at."""
    checks = FieldChecks()
    checks.expect(
        priority is None or priority in PRIORITIES,
        "priority",
        f"Give {PRIORITIES[0]} to {PRIORITIES[-1]}; the lowest number goes first.",
    )
    checks.expect(
        weight is None or weight in WEIGHTS,
        "weight",
        f"Give {WEIGHTS[0]} to {WEIGHTS[-1]}, the share among routes of the same priority.",
    )
    checks.raise_as(RouteInvalid)


def _check_access(checks: FieldChecks, settings: ChannelDraft) -> None:
    checks.expect(settings.protocol in PROTOCOLS, "protocol", f"Give one of {', '.join(sorted(PROTOCOLS))}.")
    checks.expect(
        0 < len(settings.host) <= HOST_LENGTH_MAX
        and settings.host.isprintable()
        and not set(settings.host) & set(" /@"),
        "host",
        "Give a host name or an address, without a scheme or a path.",
    )
    checks.expect(1 <= settings.port <= 65535, "port", "Give 1 to 65535.")
    checks.expect(1 <= settings.links <= LINKS_MAX, "links", f"Give 1 to {LINKS_MAX} connections.")
    checks.expect(
        1 <= settings.window_size <= WINDOW_SIZE_MAX,
        "window_size",
        f"Give 1 to {WINDOW_SIZE_MAX} requests without answer on a connection; carriers usually allow 16.",
    )
    checks.expect(
        1 <= settings.speed_per_second <= SPEED_MAX,
        "speed_per_second",
        f"Give 1 to {SPEED_MAX} segments a second, as agreed with the carrier.",
    )


def _check_identity(checks: FieldChecks, settings: ChannelDraft) -> None:
    checks.expect(
        0 < len(settings.login) <= CMPP_LOGIN_LENGTH_MAX and _is_printable_ascii(settings.login),
        "login",
        f"Give the enterprise code (SP_Id), 1 to {CMPP_LOGIN_LENGTH_MAX} ASCII characters.",
    )
    checks.expect(
        0 < len(settings.src_id) <= SRC_ID_LENGTH_MAX and settings.src_id.isascii() and settings.src_id.isdigit(),
        "src_id",
        f"Give the sender number, 1 to {SRC_ID_LENGTH_MAX} digits, such as 10690000.",
    )
    checks.expect(
        len(settings.service_id) <= SERVICE_ID_LENGTH_MAX and _is_printable_ascii(settings.service_id),
        "service_id",
        f"Give at most {SERVICE_ID_LENGTH_MAX} ASCII characters.",
    )


def _is_printable_ascii(text: str) -> bool:
    return text.isascii() and text.isprintable()
