"""What channels and routes may look like."""

from collections.abc import Mapping
from typing import Final

import msgspec

from hongyan.carriers import PROTOCOLS
from hongyan.carriers.settings import DEFAULTS, ChannelSettings
from hongyan.kit.fields import FieldChecks

from .demands import is_printable_ascii
from .errors import ChannelInvalid, RouteInvalid
from .settings import check_settings, family_of

NAME_LENGTH_MAX: Final = 32
HOST_LENGTH_MAX: Final = 253
PASSWORD_LENGTH_MAX: Final = 64
LINKS_MAX: Final = 32
WINDOW_SIZE_MAX: Final = 1024
SPEED_MAX: Final = 100_000
PRIORITIES: Final = range(1, 1001)
WEIGHTS: Final = range(1, 1001)
SRC_ID_LENGTH_MAX: Final = 20
NAMED_SRC_ID_LENGTH_MAX: Final = 11
"""Of a source that is a name, such as `Hongyan`: what a phone shows of it (3GPP TS 23.040 §9.1.2.5)."""


class IdentityRules(msgspec.Struct, frozen=True):
    """How long a protocol's fields are, and what its login is called."""

    login_name: str
    login_length_max: int
    password_length_max: int
    service_id_length_max: int
    may_be_named: bool = False
    """Whether the source may be a name rather than a number."""


IDENTITIES: Final = {
    "cmpp": IdentityRules("enterprise code (SP_Id)", 6, PASSWORD_LENGTH_MAX, 10),  # CMPP 2.0 §7.4.1.1, §7.4.3.1
    "sgip": IdentityRules("login name", 16, 16, 10),  # SGIP 1.2 §4.2.3.1, §4.2.3.3
    "smgp": IdentityRules("ClientID", 8, 15, 10),  # SMGP 3.0 §5.2.2.1, §6.2.2
    "smpp": IdentityRules("system_id", 15, 8, 5, may_be_named=True),  # SMPP 3.4 §5.2.1, §5.2.2, §5.2.11
}
"""By the protocol's name without its version."""


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
    settings: Mapping[str, object] = {}
    """By name, see `settings.settings_for`."""


def check_channel(name: str, draft: ChannelDraft, password: str | None) -> ChannelSettings:
    """Return the channel's settings; ChannelInvalid names all that is wrong. A password of None is not looked at."""
    checks = FieldChecks()
    checks.expect(
        0 < len(name) <= NAME_LENGTH_MAX and name.isprintable() and " " not in name,
        "name",
        f"Give 1 to {NAME_LENGTH_MAX} characters without blanks.",
    )
    _check_access(checks, draft)
    settings = DEFAULTS
    identity = IDENTITIES.get(family_of(draft.protocol))
    if identity is not None:
        _check_identity(checks, draft, identity)
        settings = check_settings(checks, draft.protocol, draft.settings)
    length_max = identity.password_length_max if identity else PASSWORD_LENGTH_MAX
    if password is not None:
        checks.expect(
            0 < len(password) <= length_max and is_printable_ascii(password),
            "password",
            f"Give 1 to {length_max} printable ASCII characters.",
        )
    checks.raise_as(ChannelInvalid)
    return settings


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


def _check_access(checks: FieldChecks, draft: ChannelDraft) -> None:
    checks.expect(draft.protocol in PROTOCOLS, "protocol", f"Give one of {', '.join(sorted(PROTOCOLS))}.")
    checks.expect(
        0 < len(draft.host) <= HOST_LENGTH_MAX and draft.host.isprintable() and not set(draft.host) & set(" /@"),
        "host",
        "Give a host name or an address, without a scheme or a path.",
    )
    checks.expect(1 <= draft.port <= 65535, "port", "Give 1 to 65535.")
    checks.expect(1 <= draft.links <= LINKS_MAX, "links", f"Give 1 to {LINKS_MAX} connections.")
    checks.expect(
        1 <= draft.window_size <= WINDOW_SIZE_MAX,
        "window_size",
        f"Give 1 to {WINDOW_SIZE_MAX} requests without answer on a connection; carriers usually allow 16.",
    )
    checks.expect(
        1 <= draft.speed_per_second <= SPEED_MAX,
        "speed_per_second",
        f"Give 1 to {SPEED_MAX} segments a second, as agreed with the carrier.",
    )


def _check_identity(checks: FieldChecks, draft: ChannelDraft, rules: IdentityRules) -> None:
    checks.expect(
        0 < len(draft.login) <= rules.login_length_max and is_printable_ascii(draft.login),
        "login",
        f"Give the {rules.login_name}, 1 to {rules.login_length_max} ASCII characters.",
    )
    digits = draft.src_id.removeprefix("+") if rules.may_be_named else draft.src_id
    is_number = 0 < len(digits) <= SRC_ID_LENGTH_MAX and digits.isascii() and digits.isdigit()
    is_name = 0 < len(draft.src_id) <= NAMED_SRC_ID_LENGTH_MAX and is_printable_ascii(draft.src_id)
    wanted = f"the sender number, 1 to {SRC_ID_LENGTH_MAX} digits, such as 10690000"
    if rules.may_be_named:
        wanted += (
            f", behind + where it is international, or a name of at most {NAMED_SRC_ID_LENGTH_MAX} ASCII characters"
        )
    checks.expect(is_number or (is_name and rules.may_be_named), "src_id", f"Give {wanted}.")
    checks.expect(
        len(draft.service_id) <= rules.service_id_length_max and is_printable_ascii(draft.service_id),
        "service_id",
        f"Give at most {rules.service_id_length_max} ASCII characters.",
    )
