"""From what a client wrote to a number with its carrier.

Accepted: `13800138000`, and the same after `+86`, `0086` or `86`, with blanks around it. Digits are ASCII
digits: full-width ones are refused rather than repaired, as are blanks and dashes inside, because the number
comes from a program and a strange form hides a fault there. The carrier is the one that issued the range;
a reseller's number is on its host's network.

A number of another country is accepted after `+` or `00`, if it is a mobile number there. Bare digits are taken for one
only when there are 12 or more: 10 or 11 may as well be a mainland landline that lost its 0, or a mistyped
mobile number (`59177771234` is a telephone in Fuzhou and a mobile phone in Bolivia).
"""

from enum import Enum

from .foreign import takes_texts
from .model import Carrier, Number
from .ranges import PREFIX_DIGITS, load_ranges

_CHINA = 8_600_000_000_000
_NATIONAL_DIGITS = 11
_IOT_DIGITS = 13
# Machines' numbers begin with 14 by the ministry's table, and with 1064, where they began.
_IOT_PREFIXES = ("14", "1064")
_COUNTRY_PREFIXES = ("+86", "0086", "86")
_E164_DIGITS = range(7, 16)
_BARE_E164_DIGITS = range(12, 16)

_ranges = load_ranges()
_issuer_of = _ranges.issuers.get


class NumberProblem(Enum):
    """Why no text can be sent to what the client wrote."""

    NOT_A_NUMBER = "not_a_number"
    """No mobile number: wrong length, strange characters, a landline, a service number."""
    IOT_NUMBER = "iot_number"
    """A 13-digit number of a machine, which takes no texts from here."""
    SATELLITE_NUMBER = "satellite_number"
    """A number of a satellite network, which takes no texts from here."""
    UNALLOCATED = "unallocated"
    """Eleven digits like a mobile number's, in a range that is given to no carrier."""
    FOREIGN = "foreign"
    """Written like a number outside mainland China, but no mobile number there."""


def parse(text: str) -> Number | NumberProblem:
    """Return the number and its carrier, or why there is none."""
    national = text.strip()
    if len(national) != _NATIONAL_DIGITS:
        national = _without_country(national)
    issuer = _issuer_of(national[:PREFIX_DIGITS])
    if issuer and len(national) == _NATIONAL_DIGITS and national.isdigit() and national.isascii():
        return Number(_CHINA + int(national), *issuer)
    return _look_again(text.strip(), national)


def _without_country(written: str) -> str:
    for prefix in _COUNTRY_PREFIXES:
        if written.startswith(prefix):
            return written[len(prefix) :]
    return written


def _look_again(written: str, national: str) -> Number | NumberProblem:
    """Return the foreign number that was written, or what is wrong with it."""
    international = written.removeprefix("+") if written.startswith("+") else written.removeprefix("00")
    if not (international.isascii() and international.isdigit()):
        return NumberProblem.NOT_A_NUMBER
    if len(national) == _IOT_DIGITS and national.startswith(_IOT_PREFIXES):
        return NumberProblem.IOT_NUMBER
    if len(national) == _NATIONAL_DIGITS and national.startswith("1"):
        satellite = national[:PREFIX_DIGITS] in _ranges.satellite
        return NumberProblem.SATELLITE_NUMBER if satellite else NumberProblem.UNALLOCATED
    is_bare = international is written
    lengths = _BARE_E164_DIGITS if is_bare else _E164_DIGITS
    if len(international) not in lengths or international.startswith(("0", "86")):
        return NumberProblem.NOT_A_NUMBER
    if takes_texts(international):
        return Number(int(international), Carrier.INTERNATIONAL, reseller=False)
    return NumberProblem.NOT_A_NUMBER if is_bare else NumberProblem.FOREIGN
