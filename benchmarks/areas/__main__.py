"""Prints the microseconds of each look-up that intake makes for a message: `python -m benchmarks.areas`.

Each figure is CPU time, the best of many rounds: the one least disturbed by neighbours on the machine.
"""

import random
import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from hongyan.content.book import ApprovedSignature, ApprovedTemplate, ContentBook, Match
from hongyan.content.model import MessageKind
from hongyan.kit.clock import SystemClock
from hongyan.kit.ids import IdGenerator
from hongyan.numbers.model import Carrier
from hongyan.numbers.rules import parse
from hongyan.routing.model import Channel, ChannelState, Route, RouteState
from hongyan.routing.table import RouteTable
from hongyan.text.segments import CMPP, SMPP, count, plan

SIGNATURES = 800
TEMPLATES = 10_000
TEXTS = 2_000
_OPENINGS = ("您的验证码是", "尊敬的会员", "您尾号", "亲爱的", "", "订单", "温馨提示:", "恭喜您")
_WORDS = "已经发货请注意查收如有疑问联系客服电话有效期内完成支付余额不足及时充值活动今日结束登录操作分钟积分兑换"


def main() -> None:
    """Measure and print."""
    source = random.Random(20261122)
    signatures, templates = registered(source)
    _report(f"build a book of {TEMPLATES} templates (ms)", 1e3, 1, lambda: ContentBook(signatures, templates))
    book = ContentBook(signatures, templates)
    texts = [text_of(source, signatures, templates) for _ in range(TEXTS)]
    fitting = sum(isinstance(book.match(*text), Match) for text in texts)
    print(f"{fitting} of {TEXTS} texts fit, {sum(len(text) for _, text in texts) / TEXTS:.0f} characters each")
    _report("match a text", 1e6, TEXTS, lambda: [book.match(account_id, text) for account_id, text in texts])
    contents = [text for _, text in texts]
    _report("count segments, CMPP", 1e6, TEXTS, lambda: [count(content, CMPP) for content in contents])
    _report("count segments, SMPP", 1e6, TEXTS, lambda: [count(content, SMPP) for content in contents])
    _report("plan segments, CMPP", 1e6, TEXTS, lambda: [plan(content, CMPP) for content in contents])
    table, ids = routed(), IdGenerator(SystemClock(), node=1)
    mids = [ids.next() for _ in range(TEXTS)]
    _report("choose a route", 1e6, TEXTS, lambda: [table.choose(Carrier.MOBILE, mid) for mid in mids])
    for written in ("13800138000", "+8613800138000"):
        _report(f"parse {written}", 1e6, TEXTS, partial(_parse_often, written))


def registered(source: random.Random) -> tuple[list[ApprovedSignature], list[ApprovedTemplate]]:
    """Return signatures and templates as a platform with a few hundred customers has them."""
    signatures = [ApprovedSignature(number, number // 2, f"企业{number}") for number in range(SIGNATURES)]
    templates = []
    for number in range(TEMPLATES):
        signature = source.choice(signatures)
        body = source.choice(_OPENINGS)
        for variable in range(source.randint(0, 4)):
            body += f"{{{variable + 1}}}" + _words(source, 2, 9)
        body += _words(source, 4, 20)
        bound_to = signature.signature_id if number % 4 else None
        templates.append(
            ApprovedTemplate(number, signature.account_id, bound_to, MessageKind.NOTIFICATION, body),
        )
    return signatures, templates


def routed() -> RouteTable:
    """Return a table of three channels that share 移动's messages."""
    channels = [
        Channel(
            channel_id=number,
            name=f"mobile-{number}",
            protocol="cmpp20",
            host="127.0.0.1",
            port=7890,
            login="901234",
            password="x",
            src_id="10690001",
            service_id="",
            links=1,
            window_size=16,
            speed_per_second=100,
            state=ChannelState.ACTIVE,
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
        )
        for number in range(3)
    ]
    routes = [
        Route(
            route_id=number,
            carrier=Carrier.MOBILE,
            channel_id=number,
            priority=1,
            weight=number + 1,
            state=RouteState.ACTIVE,
        )
        for number in range(3)
    ]
    return RouteTable(channels, routes)


def text_of(
    source: random.Random, signatures: list[ApprovedSignature], templates: list[ApprovedTemplate]
) -> tuple[int, str]:
    """Return an account and a text of it; one in five fits no template."""
    template = source.choice(templates)
    own = [s for s in signatures if s.account_id == template.account_id and template.signature_id in (None, s[0])]
    body = template.body
    for variable in range(1, 5):
        body = body.replace(f"{{{variable}}}", str(source.randint(1, 999_999)))
    if source.random() < 0.2:
        body = body[:-2] + "谢谢"
    return template.account_id, f"【{source.choice(own).text}】{body}"


def _parse_often(written: str) -> None:
    for _ in range(TEXTS):
        parse(written)


def _words(source: random.Random, shortest: int, longest: int) -> str:
    return "".join(source.choices(_WORDS, k=source.randint(shortest, longest)))


def _report(name: str, scale: float, times: int, work: Callable[[], object]) -> None:
    best = min(timeit.repeat(work, timer=time.process_time, number=1, repeat=40))
    print(f"{name:45} {best * scale / times:10.2f}")


if __name__ == "__main__":
    main()
