"""Whether a number outside mainland China is one that takes texts, by the world's numbering plans.

The plans are those of the `phonenumbers` library. A country's plan is read when its first number is asked for (2 to
4 ms); after that an answer takes about 30 µs, which is why mainland numbers never come here.
"""

from typing import Final

from phonenumbers import NumberParseException, PhoneNumberType, number_type
from phonenumbers import parse as parse_number

_TEXTABLE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def takes_texts(digits: str) -> bool:
    """Tell whether E.164 digits, country code first, are a valid mobile number, or may be one where plans do not tell."""
    try:
        number = parse_number("+" + digits)
    except NumberParseException:
        return False
    return number_type(number) in _TEXTABLE
