"""Our side as SP: the link cut behind every octet of a window of three submits and their answers.

However it is cut, each of the three is answered or in doubt (named by `link_lost`), never both and never neither, and the
link comes back by itself. Several links work at it at once.
"""

import asyncio
from collections.abc import Iterator

from .behaviours import Role
from .peers.carrier import HandMadeCarrier, hand_made_carrier
from .peers.ours import OurSide, our_side
from .peers.relay import Relay, Way, relay_to
from .proofs import proves
from .speech import Speech

WORKERS = 12
THREE = (1, 2, 3)
RESPONSES = {"cmpp20": 21, "cmpp30": 24, "sgip12": 29, "smgp30": 26, "smpp34": 21}
"""Octets of the answer to a submit; SMPP's with an id of four digits."""


@proves("cut-anywhere", role=Role.CLIENT)
async def test_each_submit_is_answered_or_in_doubt_wherever_the_link_is_cut(speech: Speech) -> None:
    async with hand_made_carrier(speech) as carrier:
        sizes = await sizes_of(speech, carrier)
        assert sizes[Way.BACK] == 3 * RESPONSES[speech.name]
        cuts = iter([(way, octets) for way in Way for octets in range(sizes[way] + 1)])
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WORKERS):
                tasks.create_task(cut_again_and_again(speech, carrier, cuts))

        assert next(cuts, None) is None


async def sizes_of(speech: Speech, carrier: HandMadeCarrier) -> dict[Way, int]:
    """Return the octets of three submits and of three answers."""
    async with relay_to(carrier.port) as relay, our_side(speech, relay.port) as ours:
        relay.passed = dict.fromkeys(Way, 0)
        send_three(ours)
        await ours.has("verdict", 3)
        return dict(relay.passed)


def send_three(ours: OurSide) -> None:
    """Fill the window."""
    for token in THREE:
        ours.send(f"code {token}", token=token)


async def cut_again_and_again(speech: Speech, carrier: HandMadeCarrier, cuts: Iterator[tuple[Way, int]]) -> None:
    """Take cuts from the list and try each, on one link that comes back each time."""
    limits = speech.limits(window_size=3)
    async with relay_to(carrier.port) as relay, our_side(speech, relay.port, limits=limits) as ours:
        for way, octets in cuts:
            await cut_once(ours, relay, way, octets)
            answered = {token for token, _ in ours.of("verdict")}
            (unanswered, reason), *others = ours.of("lost")
            assert others == []
            assert reason == "peer_closed"
            assert [*sorted(answered), *unanswered] == [*THREE], (way, octets)
            if way is Way.BACK:
                assert len(answered) == octets // RESPONSES[speech.name], octets


async def cut_once(ours: OurSide, relay: Relay, way: Way, octets: int) -> None:
    """Send three and cut; wait until the link is back."""
    ours.notes.clear()
    relay.arm(way, octets)
    send_three(ours)
    await ours.until(lambda: bool(ours.of("bound")), f"back after {octets} {way}")
