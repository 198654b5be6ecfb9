"""Our side as SP: how a link comes up, stays up and ends."""

import asyncio
from functools import partial

from hongyan.wire.errors import WindowFull

from .behaviours import Role
from .peers.carrier import Got, HandMadeCarrier, hand_made_carrier
from .peers.ours import our_side
from .peers.relay import Way, relay_to
from .proofs import proves
from .speech import Speech

WINDOW = 5
SUBMITS = 200
IMPATIENT = {"heartbeat_idle_seconds": 0.1, "heartbeat_timeout_seconds": 0.15, "heartbeat_tries": 2}


@proves("bind", role=Role.CLIENT)
async def test_we_are_let_in_and_a_submit_goes_through(speech: Speech) -> None:
    async with hand_made_carrier(speech) as carrier, our_side(speech, carrier.port) as ours:
        ours.send("hello")

        await ours.has("verdict")
        assert [verdict.disposition.value for verdict in ours.verdicts] == ["taken"]
        assert ours.link.trouble == ""


@proves("wrong-password", role=Role.CLIENT)
async def test_a_wrong_password_is_said_and_tried_again(speech: Speech) -> None:
    async with (
        hand_made_carrier(speech) as carrier,
        our_side(speech, carrier.port, is_bound=False, password="wrong") as ours,
    ):
        codes = [code for _, code in await carrier.has("bind", 3)]

        assert codes[:3] == [speech.wrong_password] * 3
        assert ours.link.trouble.startswith(f"bind_refused: status {speech.wrong_password}: ")
        assert ours.notes == []


@proves("window", role=Role.CLIENT)
async def test_no_more_are_unanswered_than_the_window_holds(speech: Speech) -> None:
    async with hand_made_carrier(speech) as carrier:
        carrier.on_submit = partial(answer_in_pairs, carrier)
        limits = speech.limits(window_size=WINDOW)
        async with our_side(speech, carrier.port, limits=limits) as ours:
            (submit,) = ours.submits("hello")
            refused = 0
            for number in range(SUBMITS):
                try:
                    ours.link.send(submit, number)
                except WindowFull:
                    refused += 1
                    await ours.has("verdict", number - WINDOW + 1)
                    ours.link.send(submit, number)
            await ours.until(lambda: ours.link.in_flight <= 1)

        assert carrier.unanswered_max == WINDOW
        assert refused >= SUBMITS // WINDOW  # it was the window that held us back
        assert len(carrier.submits) == SUBMITS


def answer_in_pairs(carrier: HandMadeCarrier, got: Got) -> None:
    """Answer two at a time, the later one first."""
    if len(carrier.submits) % 2 == 0:
        asyncio.get_running_loop().call_later(0.001, carrier.take, got)
        asyncio.get_running_loop().call_later(0.001, carrier.take, carrier.submits[-2])


@proves("heartbeat", role=Role.CLIENT)
async def test_an_idle_link_asks_whether_the_carrier_is_there(speech: Speech) -> None:
    limits = speech.limits(heartbeat_idle_seconds=0.03)
    question = speech.heartbeat_frame[:-4]
    async with (
        hand_made_carrier(speech) as carrier,
        relay_to(carrier.port) as relay,
        our_side(speech, relay.port, limits=limits) as ours,
    ):
        async with asyncio.timeout(5):
            while relay.heard[Way.THERE].count(question) < 3:
                await asyncio.sleep(0.01)

        assert relay.heard[Way.BACK].count(speech.heartbeat_answer[:8]) >= 2
        assert ours.link.is_bound
        assert ours.of("lost") == []


@proves("peer-heartbeat", role=Role.CLIENT)
async def test_the_carriers_heartbeat_is_answered_with_its_sequence(speech: Speech) -> None:
    async with (
        hand_made_carrier(speech) as carrier,
        relay_to(carrier.port) as relay,
        our_side(speech, relay.port) as ours,
    ):
        relay.inject(Way.BACK, speech.heartbeat_frame)

        async with asyncio.timeout(5):
            while speech.heartbeat_answer not in relay.heard[Way.THERE]:
                await asyncio.sleep(0.001)
        assert ours.link.is_bound


@proves("half-open", role=Role.CLIENT)
async def test_a_carrier_that_fell_silent_is_found_and_the_link_comes_back(speech: Speech) -> None:
    limits = speech.limits(response_timeout_seconds=0.2, **IMPATIENT)
    async with (
        hand_made_carrier(speech) as carrier,
        relay_to(carrier.port) as relay,
        our_side(speech, relay.port, limits=limits) as ours,
    ):
        relay.silence()
        ours.send("into the void", token="t")

        ((unanswered, reason),) = await ours.has("lost")
        assert reason == "peer_silent"
        assert unanswered == ["t"] or ours.of("missing") == [("t",)]
        await ours.has("bound", 2)
        ours.send("heard again")
        await ours.has("verdict")
        assert len(carrier.submits) == 1


@proves("graceful-close", role=Role.CLIENT)
async def test_what_is_under_way_is_answered_before_we_say_goodbye(speech: Speech) -> None:
    async with hand_made_carrier(speech) as carrier:
        carrier.on_submit = carrier.ignore
        async with our_side(speech, carrier.port) as ours:
            ours.send("last words", token="last")
            (got,) = await carrier.got(1)
            asyncio.get_running_loop().call_later(0.05, carrier.take, got)

            await ours.link.stop(5.0)

            assert [kind for kind, *_ in ours.notes] == ["bound", "verdict", "lost"]
            assert ours.of("lost") == [([], "unbound")]
            ((_, reason),) = await carrier.has("lost")
            assert reason == "unbound"


@proves("graceful-close", role=Role.CLIENT)
async def test_a_carrier_that_says_goodbye_is_answered_and_connected_to_again(speech: Speech) -> None:
    async with hand_made_carrier(speech) as carrier, our_side(speech, carrier.port) as ours:
        ((link, _),) = carrier.of("bind")
        link.unbind()

        assert await ours.has("lost") == [([], "unbound")]
        ((_, reason),) = await carrier.has("lost")
        assert reason == "unbound"
        await ours.has("bound", 2)
