"""The carrier's side: the link cut behind every octet of a window of three submits and their answers.

However it is cut, a submit whose last octet came is taken once and one whose last octet did not is not; no other link
notices, and the customer is let in again at once.
"""

import asyncio
from collections.abc import Iterator

from .behaviours import BOTH_SERVERS, Role
from .peers.customer import Customer, calling, listening
from .peers.relay import Relay, Way, relay_to
from .peers.subjects import Stage
from .proofs import proves
from .speech import ANNA, Speech, Text, code_text

WORKERS = 8
THREE = ("1", "2", "3")


@proves("cut-anywhere", role=BOTH_SERVERS)
async def test_a_submit_is_taken_if_and_only_if_all_of_it_came(stage: Stage, speech: Speech, role: Role) -> None:
    async with stage.served(role, speech) as (subject, customer):
        sizes = await sizes_of(speech, subject.port)
        cuts = iter([(way, octets) for way in Way for octets in range(sizes[way] + 1)])
        expected = 3 + sum(octets // (sizes[Way.THERE] // 3) for octets in range(sizes[Way.THERE] + 1))
        expected += 3 * (sizes[Way.BACK] + 1)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WORKERS):
                tasks.create_task(cut_again_and_again(speech, subject.port, cuts))

        assert customer.of("lost") == []
        assert (await customer.say())[0] == 0
        assert await subject.taken() == expected + 1


async def sizes_of(speech: Speech, port: int) -> dict[Way, int]:
    """Return the octets of three submits and of three answers."""
    customer = Customer(speech)
    async with listening(customer), relay_to(port) as relay, calling(customer, relay.port):
        relay.passed = dict.fromkeys(Way, 0)
        before = relay.passed
        send_three(speech, customer)
        await customer.has("answer", 3)
        return dict(before)


def send_three(speech: Speech, customer: Customer) -> None:
    """Fill the window; no report is wished for, so that only answers come back."""
    for token in THREE:
        customer.send(speech.silent(Text(ANNA, "ucs2", code_text(token).encode("utf-16-be"))), token)


async def cut_again_and_again(speech: Speech, port: int, cuts: Iterator[tuple[Way, int]]) -> None:
    """Take cuts from the list and try each, on one link that comes back each time."""
    customer = Customer(speech, limits=speech.limits(window_size=3))
    async with listening(customer), relay_to(port) as relay, calling(customer, relay.port):
        for way, octets in cuts:
            await cut_once(speech, customer, relay, way, octets)
            answers = {token: code for token, code, _ in customer.of("answer")}
            ((unanswered, _),) = customer.of("lost")
            assert sorted([*answers, *unanswered]) == [*THREE], (way, octets)
            assert set(answers.values()) <= {0}, (way, octets)


async def cut_once(speech: Speech, customer: Customer, relay: Relay, way: Way, octets: int) -> None:
    """Send three and cut; wait until the customer is back."""
    customer.notes.clear()
    relay.arm(way, octets)
    send_three(speech, customer)
    await customer.until(lambda: bool(customer.of("bound")), f"back after {octets} {way}")
