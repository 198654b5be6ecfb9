"""What protocol logins may look like, protocol by protocol."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from hongyan.carriers.downstream.settings import LoginSettings
from hongyan.kit.fields import FieldChecks, FieldProblem

from .errors import LoginInvalid
from .protocol_login import Family
from .rules import is_digits

NAME_OCTETS_MAX: Final = {Family.CMPP: 6, Family.SGIP: 16, Family.SMGP: 8, Family.SMPP: 15}
"""As wide as the field of the bind request; SMPP's ends with a NUL."""
PASSWORD_OCTETS_MAX: Final = {Family.CMPP: 32, Family.SGIP: 16, Family.SMGP: 15, Family.SMPP: 8}
"""CMPP digests its password, so that 32 is our own limit."""
PASSWORD_OCTETS_MIN: Final = 6
LINKS_MAX: Final = 64
WINDOW_SIZE_MAX: Final = 1024
SPEED_MAX: Final = 100_000
SOURCES_MAX: Final = 100
SOURCE_DIGITS_MAX: Final = 20

_SHARED: Final = frozenset({"reply_coding"})
SETTINGS_OF: Final = {
    Family.CMPP: _SHARED | {"versions", "report_size"},
    Family.SGIP: _SHARED | {"same_connection", "reverse_host", "reverse_port", "reverse_login", "node"},
    Family.SMGP: _SHARED,
    Family.SMPP: frozenset(
        {"default_alphabet", "id_form", "receipt_id_form", "number_form", "receipt_tlvs", "system_type"}
    ),
}
"""Which settings a protocol's logins have."""

_PORT_MAX: Final = 65535
_NODE_MAX: Final = 0xFFFF_FFFF
_HOST_LENGTH_MAX: Final = 253
_SYSTEM_TYPE_MAX: Final = 12


def check_login_name(checks: FieldChecks, family: Family, name: str) -> None:
    """Note what is wrong with a login's name."""
    most = NAME_OCTETS_MAX[family]
    checks.expect(
        0 < len(name) <= most and _is_visible(name),
        "name",
        f"Give 1 to {most} visible ASCII characters without blanks; {family.upper()} has room for no more.",
    )


def check_password(checks: FieldChecks, family: Family, password: str, field: str = "password") -> None:
    """Note what is wrong with a password, without quoting it."""
    most = PASSWORD_OCTETS_MAX[family]
    checks.expect(
        PASSWORD_OCTETS_MIN <= len(password) <= most and _is_visible(password),
        field,
        f"Give {PASSWORD_OCTETS_MIN} to {most} visible ASCII characters without blanks.",
    )


def check_numbers(checks: FieldChecks, links_max: int, window_size: int, speed_per_second: int) -> None:
    """Note what is wrong with a login's limits."""
    checks.expect(1 <= links_max <= LINKS_MAX, "links_max", f"Give 1 to {LINKS_MAX} connections.")
    checks.expect(
        1 <= window_size <= WINDOW_SIZE_MAX, "window_size", f"Give 1 to {WINDOW_SIZE_MAX} requests without answer."
    )
    checks.expect(
        1 <= speed_per_second <= SPEED_MAX, "speed_per_second", f"Give 1 to {SPEED_MAX} short messages a second."
    )


def check_sources(checks: FieldChecks, sources: Sequence[str]) -> None:
    """Note what is wrong with the numbers that a login may send from."""
    checks.expect(len(sources) <= SOURCES_MAX, "sources", f"Give at most {SOURCES_MAX} numbers.")
    for source in sources:
        checks.expect(
            0 < len(source) <= SOURCE_DIGITS_MAX and is_digits(source),
            "sources",
            f"{source!r} is no number; give 1 to {SOURCE_DIGITS_MAX} digits, such as 1069000088.",
        )


def read_settings(family: Family, given: Mapping[str, str], before: LoginSettings) -> LoginSettings:
    """Return the settings with what was given as text over what was there; LoginInvalid names what is wrong.

    An empty value takes a setting back to its default.
    """
    defaults = msgspec.structs.asdict(LoginSettings())
    values: dict[str, object] = msgspec.structs.asdict(before)
    problems: list[FieldProblem] = []
    for name, written in given.items():
        if name not in SETTINGS_OF[family]:
            known = ", ".join(sorted(SETTINGS_OF[family]))
            problems.append(FieldProblem(name, f"A login of {family.upper()} has no such setting; these are: {known}."))
            continue
        try:
            value = defaults[name] if not written else _convert(name, written)
        except msgspec.ValidationError:
            problems.append(FieldProblem(name, f"{written!r} does not fit; {_DEMANDS[name]}"))
        else:
            values[name] = value
    checks = FieldChecks()
    settings = LoginSettings(**values)  # type: ignore[arg-type]  # each was converted to its field's type
    if not problems:
        _check_settings(checks, settings)
        checks.raise_as(LoginInvalid)
        return settings
    raise LoginInvalid(problems)


def _check_settings(checks: FieldChecks, settings: LoginSettings) -> None:
    host = settings.reverse_host
    checks.expect(
        len(host) <= _HOST_LENGTH_MAX and (not host or _is_visible(host)), "reverse_host", _DEMANDS["reverse_host"]
    )
    checks.expect(1 <= settings.reverse_port <= _PORT_MAX, "reverse_port", _DEMANDS["reverse_port"])
    login = settings.reverse_login
    checks.expect(
        len(login) <= NAME_OCTETS_MAX[Family.SGIP] and (not login or _is_visible(login)),
        "reverse_login",
        _DEMANDS["reverse_login"],
    )
    checks.expect(0 <= settings.node <= _NODE_MAX, "node", _DEMANDS["node"])
    system_type = settings.system_type
    checks.expect(
        len(system_type) <= _SYSTEM_TYPE_MAX and (not system_type or _is_visible(system_type)),
        "system_type",
        _DEMANDS["system_type"],
    )


def _convert(name: str, written: str) -> object:
    return msgspec.convert(_as_literal(written), _TYPES[name], strict=False)


def _as_literal(written: str) -> str | int:
    return int(written) if is_digits(written) and len(written) < 12 else written


def _is_visible(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


_TYPES: Final = {field.name: field.type for field in msgspec.structs.fields(LoginSettings)}
_DEMANDS: Final = {
    "versions": "give any, 2.0 or 3.0.",
    "report_size": "give 71 or 60.",
    "reply_coding": "give ucs2 or gbk.",
    "same_connection": "give true or false.",
    "reverse_host": "give a host name or an address.",
    "reverse_port": f"give 1 to {_PORT_MAX}.",
    "reverse_login": "give at most 16 visible ASCII characters.",
    "node": f"give 0 to {_NODE_MAX}.",
    "default_alphabet": "give gsm7, ascii or latin1.",
    "id_form": "give decimal or hex.",
    "receipt_id_form": "give same, decimal or hex.",
    "number_form": "give international, plus or national.",
    "receipt_tlvs": "give true or false.",
    "system_type": f"give at most {_SYSTEM_TYPE_MAX} visible ASCII characters.",
}
