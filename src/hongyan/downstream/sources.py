"""From which numbers a login may send, and which extension a number of its choice stands for.

A login with `sources` may send from each of them and from all numbers that begin with one; what follows is the customer's
own extension. A login without may send from the source number of each active channel followed by the account's
extension, from that extension alone, and again from all that begin so. Without a number, the message goes out under
the account's extension.
"""

from collections.abc import Iterable

from hongyan.accounts.model import Account
from hongyan.accounts.protocol_login import ProtocolLogin
from hongyan.routing.model import Channel


def extension_for(source: str, login: ProtocolLogin, account: Account, channels: Iterable[Channel]) -> str | None:
    """Return the digits that go behind the account's extension; None when the login may not send from this number."""
    source = source.removeprefix("+")
    if not source:
        return ""
    if not (source.isascii() and source.isdigit()):
        return None
    allowed = login.sources or _by_extension(account, channels)
    longest = max((prefix for prefix in allowed if prefix and source.startswith(prefix)), key=len, default=None)
    return None if longest is None else source[len(longest) :]


def _by_extension(account: Account, channels: Iterable[Channel]) -> tuple[str, ...]:
    numbers = (channel.src_id + account.extension for channel in channels if channel.is_active)
    return (*numbers, account.extension)
