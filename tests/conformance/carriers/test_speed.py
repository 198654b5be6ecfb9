"""How fast: our channels keep to what was agreed, and the carriers' sides hold their customers to it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from hongyan.content.model import MessageKind
from hongyan.kit.clock import ManualClock
from hongyan.kit.ids import IdGenerator
from hongyan.pipeline.channel import ChannelRunner
from hongyan.pipeline.settle import Settler
from hongyan.simulator.scenario import Scenario, Throttle
from tests.unit.routing.test_table import a_channel

from .behaviours import Role
from .peers.carrier import hand_made_carrier
from .peers.ours import OurSide, our_side
from .peers.subjects import Stage
from .proofs import proves
from .speech import ANNA, LOGIN, PASSWORD, SOURCE, Speech, Text, code_text

SPEED = 100
SPAN_MAX = 11
"""What may go in any tenth of a second: a tenth of the speed and a tenth of that more."""
SECONDS = 2
SLOW = 5


class NoReplies:
    """No phone writes here."""

    def received(self, part: object, acknowledge: object) -> None:
        """Take a part that does not come."""


@proves("speed", role=Role.CLIENT)
async def test_no_tenth_of_a_second_holds_more_than_the_speed_allows(speech: Speech) -> None:
    """By a clock that is moved by hand, a millisecond at a time: what goes out is counted to the step."""
    clock = ManualClock()
    async with (
        hand_made_carrier(speech) as carrier,
        our_side(speech, carrier.port, limits=speech.limits(window_size=1000, response_timeout_seconds=60)) as ours,
    ):
        carrier.on_submit = carrier.ignore
        runner = a_runner(speech, ours, clock)
        runner.launch(cast("Any", [row(IdGenerator(clock, node=1), clock, number) for number in range(400)]))
        sent = []
        for _ in range(SECONDS * 1000):
            clock.advance(0.001)
            runner.pump()
            sent.append(sum(flight.sent for flight in runner.flights.values()))
        await carrier.got(sent[-1])
        spans = [after - before for before, after in zip(sent, sent[100:], strict=False)]

        assert max(spans) <= SPAN_MAX
        assert abs(sent[-1] - SPEED * SECONDS) <= SPAN_MAX
        assert len(carrier.submits) == sent[-1]


def a_runner(speech: Speech, ours: OurSide, clock: ManualClock) -> ChannelRunner:
    """Return a channel at work over the link, whose outcome nobody writes down."""
    channel = msgspec.structs.replace(
        a_channel(1),
        protocol=speech.name,
        login=LOGIN,
        password=PASSWORD,
        src_id=SOURCE,
        window_size=1000,
        speed_per_second=SPEED,
        settings=speech.settings,
    )
    settler = Settler(cast("Any", None), clock)
    runner = ChannelRunner(channel, settler, clock, replies=NoReplies(), wake=lambda: None)
    runner.links = [ours.link]
    return runner


def row(ids: IdGenerator, clock: ManualClock, number: int) -> dict[str, object]:
    """Return a claimed message."""
    return {
        "mid": ids.next() + number,
        "attempt": 1,
        "priority": MessageKind.NOTIFICATION,
        "expires_at": datetime.fromtimestamp(clock.now(), UTC) + timedelta(hours=1),
        "avoid_link": None,
        "recipient": ANNA,
        "content": code_text(f"{1000 + number}"),
        "extension": "",
    }


@proves("speed", role=(Role.SERVER,))
async def test_a_customer_beyond_its_speed_is_asked_to_slow_down(stage: Stage, speech: Speech, role: Role) -> None:
    async with stage.served(role, speech, speed_per_second=SLOW) as (_, customer):
        codes = await burst(speech, customer.submit)

        assert set(codes) <= {0} | speech.busy_codes
        assert SLOW <= codes.count(0) <= SLOW + 2  # the bucket fills while they come
        await asyncio.sleep(0.5)
        assert (await customer.say())[0] == 0


@proves("speed", role=(Role.SIMULATOR,))
async def test_the_simulator_can_ask_to_slow_down(stage: Stage, speech: Speech, role: Role) -> None:
    async with stage.simulator(speech) as (subject, customer):
        subject.play(Scenario(throttle=Throttle(above_per_second=SLOW)))
        codes = await burst(speech, customer.submit)

        assert set(codes) <= {0} | speech.busy_codes
        assert codes.count(0) == SLOW


async def burst(speech: Speech, submit: Any) -> list[int]:
    """Submit three times as many at once as may go in a second; return the codes."""
    texts = [Text(ANNA, "ucs2", code_text(f"{1000 + number}").encode("utf-16-be")) for number in range(3 * SLOW)]
    return [code for code, _ in await submit(*(speech.submit(text) for text in texts))]
