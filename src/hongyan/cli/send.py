"""`hongyan send`: one text to some numbers, signed and sent over HTTP like any client's.

Exit codes:

0  every number was accepted; with --wait: and delivered
1  the request or some number was refused; with --wait: or not delivered
2  wrong usage
3  nothing answers, or the platform cannot take it now (429, 503)
"""

import asyncio
import sys
from collections.abc import Iterable
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
import typer

from hongyan.kit.clock import SystemClock
from hongyan.kit.ids import format_id, parse_id
from hongyan.kit.money import format_yuan
from hongyan.messages.model import State
from hongyan.messages.words import Words
from hongyan.runtime.demo import Demo

from .console import say, show_table
from .context import command_settings, common_options, open_platform
from .group import Group
from .market_client import Accepted, Answer, Destination
from .market_client import send as send_over_http
from .message import until_final
from .message_views import took_text, view_of

EXIT_REFUSED: Final = 1
EXIT_UNAVAILABLE: Final = 3

_RESULTS: Final = {
    0: Words("accepted", "提交成功"),
    10: Words("wrong access code (extno)", "原发号码错误,即extno错误"),
    12: Words("not a mobile number that can be sent to", "手机号码格式错误"),
    15: Words("balance insufficient", "余额不足"),
    17: Words("the signature is not registered for this account", "账号签名无效"),
    23: Words("the phone wants no more marketing of this account", "客户黑名单号码"),
    100: Words("internal error, or no channel carries this number", "系统内部错误"),
}
_REFUSED_BECAUSE: Final = {
    "HMAC signature cannot be verified": "the key is unknown or disabled",
    "HMAC signature does not match": "the secret key is not the one that belongs to this id",
}
_OTHER_RESULT: Final = Words("a result without a meaning here", "未知结果码")

app = Group("Send a text, over HTTP like any client.")

ToOption = Annotated[
    list[str], typer.Option("--to", metavar="NUMBER", help="A number, or several with commas; may be repeated.")
]
TextOption = Annotated[str, typer.Option("--text", metavar="TEXT", help="The text, with its 【signature】 in front.")]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        envvar="HONGYAN_URL",
        help="The platform, such as http://127.0.0.1:8080; without it that of demo.json.",
        show_default=False,
    ),
]
SecretIdOption = Annotated[
    str | None,
    typer.Option(
        "--secret-id",
        metavar="ID",
        envvar="HONGYAN_SECRET_ID",
        help="The public half of the API key; without it that of demo.json.",
        show_default=False,
    ),
]
SecretKeyOption = Annotated[
    str | None,
    typer.Option(
        "--secret-key",
        metavar="KEY",
        envvar="HONGYAN_SECRET_KEY",
        help="The secret half; better given by the variable, which other users cannot see.",
        show_default=False,
    ),
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Follow the messages until they are final; needs the platform's own database.")
]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0, help="With --wait: give up after so long.")
]


@app.verb("send")
def send(
    *,
    to: ToOption,
    text: TextOption,
    url: UrlOption = None,
    secret_id: SecretIdOption = None,
    secret_key: SecretKeyOption = None,
    wait: WaitOption = False,
    timeout: TimeoutOption = 60.0,
) -> None:
    """Send a text over HTTP like any client, and show what was answered.

    Address and key come from the options, else from HONGYAN_URL, HONGYAN_SECRET_ID and HONGYAN_SECRET_KEY, else from
    the demo.json of the data directory. Exit codes: 0 all accepted (with --wait: all delivered), 1 refused, 2 wrong
    usage, 3 nothing answers or "try later".
    """
    numbers = numbers_of(to)
    if not is_text(text, *numbers):
        raise typer.BadParameter("the text is not UTF-8", param_hint="--text")
    destination = destination_of(url, secret_id, secret_key)
    answer = send_over_http(destination, numbers=numbers, text=text, now=SystemClock().now())
    if common_options.get().as_json:
        sys.stdout.write(answer.body.decode("utf-8", "replace").rstrip() + "\n")
    else:
        tell_answer(answer)
    if answer.is_try_later:
        raise typer.Exit(EXIT_UNAVAILABLE)
    is_well = answer.is_accepted
    if wait and any(number.result == 0 for number in answer.numbers):
        is_well &= asyncio.run(follow(answer.numbers, timeout))
    if not is_well:
        raise typer.Exit(EXIT_REFUSED)


def numbers_of(given: Iterable[str]) -> list[str]:
    """Return the numbers, one each; the API says what is wrong with one."""
    numbers = [number for written in given for one in written.split(",") if (number := one.strip())]
    if not numbers:
        raise typer.BadParameter("give at least one number", param_hint="--to")
    return numbers


def destination_of(url: str | None, secret_id: str | None, secret_key: str | None) -> Destination:
    """Return where to send to; what is not given is taken from demo.json, the two halves of a key together."""
    if bool(secret_id) != bool(secret_key):
        missing = "--secret-key" if secret_id else "--secret-id"
        raise typer.BadParameter("the two halves of an API key go together: give both or none", param_hint=missing)
    if not (url and secret_id and secret_key):
        demo = read_demo()
        url = url or demo.api_url
        if not (secret_id and secret_key):
            secret_id, secret_key = demo.secret_id, demo.secret_key
    if not is_address(url):
        raise typer.BadParameter(f"{url} is not an address such as http://127.0.0.1:8080", param_hint="--url")
    for half, option in ((secret_id, "--secret-id"), (secret_key, "--secret-key")):
        if not (half.isascii() and half.isprintable()) or '"' in half:
            raise typer.BadParameter("it has characters that no API key has", param_hint=option)
    return Destination(url, secret_id, secret_key)


def is_address(url: str) -> bool:
    """Tell whether a request can be sent to this URL."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and not parts.query and not parts.fragment
    return is_plain and has_port and parts.scheme in ("http", "https") and bool(parts.hostname)


def is_text(*given: str) -> bool:
    """Tell whether what the shell passed on was UTF-8; other octets arrive as half characters."""
    return not any("\ud800" <= character <= "\udfff" for text in given for character in text)


def read_demo() -> Demo:
    """Read the demo.json of the data directory; BadParameter says what to give instead."""
    path = command_settings().demo_path
    try:
        return msgspec.json.decode(path.read_bytes(), type=Demo)
    except OSError as error:
        raise typer.BadParameter(
            f"{path} cannot be read ({error.strerror}); start `hongyan up --demo`, name its directory with --data, or "
            "give --url, --secret-id and --secret-key",
            param_hint="--url",
        ) from None
    except msgspec.DecodeError:
        raise typer.BadParameter(f"{path} is not the demo.json that `hongyan up --demo` writes") from None


def tell_answer(answer: Answer) -> None:
    """Print an answer for people."""
    if answer.status != "0":
        told = answer.message or answer.body.decode("utf-8", "replace").strip()[:200] or "nothing"
        status = f"status {answer.status}" if answer.status else f"HTTP {answer.http_status}"
        why = _REFUSED_BECAUSE.get(answer.message)
        say(f"hongyan: refused, {status}: {told}{f' ({why})' if why else ''}")
        return
    show_table(
        answer.numbers,
        {
            "number": lambda number: number.mobile,
            "mid": lambda number: number.mid,
            "result": lambda number: number.result,
            "meaning": lambda number: str(_RESULTS.get(number.result, _OTHER_RESULT)),
        },
        empty="the answer names no numbers",
    )
    if answer.balance is not None:
        say(f"balance: ¥{format_yuan(answer.balance)}")


async def follow(numbers: Iterable[Accepted], timeout_seconds: float) -> bool:
    """Print each accepted message when it is final; tell whether all were delivered."""
    waiting = {parse_id(number.mid) for number in numbers if number.result == 0}
    all_delivered = True
    async with open_platform() as platform:
        try:
            async with asyncio.timeout(timeout_seconds):
                async for message in until_final(platform, sorted(waiting)):
                    waiting.discard(message.mid)
                    all_delivered &= message.state is State.DELIVERED
                    view = view_of(message, reveal=False)
                    if common_options.get().as_json:
                        print(msgspec.json.encode(view).decode(), flush=True)
                    else:
                        stat = f" {view.stat}" if view.stat else ""
                        print(
                            f"{view.recipient}  {view.mid}  {view.state} {view.state_chinese}{stat}"
                            f" after {took_text(message)}",
                            flush=True,
                        )
        except TimeoutError:
            names = " ".join(map(format_id, sorted(waiting)))
            say(f"not final after {timeout_seconds:g} s: {names}")
            return False
    return all_delivered
