"""The carrier's side: who is let in, how a link stays up and ends."""

import asyncio

import pytest

from .behaviours import BOTH_SERVERS, Role
from .peers.customer import Customer, calling, listening
from .peers.relay import Way, relay_to
from .peers.subjects import Stage
from .proofs import proves
from .speech import ANNA, SOURCE, Speech, Text, code_text


@proves("bind", role=BOTH_SERVERS)
async def test_a_customer_is_let_in_and_a_submit_goes_through(stage: Stage, speech: Speech, role: Role) -> None:
    async with stage.served(role, speech) as (subject, customer):
        code, _ = await customer.say("1234")

        assert code == 0
        assert customer.link.trouble == ""
        assert await subject.has_texts(ANNA, 1) == [code_text("1234")]


@proves("wrong-password", "bad-login", role=BOTH_SERVERS)
@pytest.mark.parametrize("whose", ["wrong password", "unknown login"])
async def test_who_is_not_known_is_told_so_and_the_connection_ends(
    stage: Stage, speech: Speech, role: Role, whose: str
) -> None:
    is_known = whose == "wrong password"
    stranger = Customer(speech, password="wrong") if is_known else Customer(speech, login="900000")
    # Our own server says the same to both, so that nobody learns which logins there are.
    expected = speech.wrong_password if is_known or role is Role.SERVER else speech.unknown_login
    async with (
        stage.served(role, speech) as (subject, customer),
        calling(stranger, subject.port, is_bound=False),
    ):
        await stranger.until_trouble()

        assert stranger.link.trouble.startswith(f"bind_refused: status {expected}: ")
        assert stranger.notes == []
        assert (await customer.say())[0] == 0


@proves("peer-heartbeat", role=BOTH_SERVERS)
async def test_the_customers_heartbeat_is_answered_with_its_sequence(stage: Stage, speech: Speech, role: Role) -> None:
    customer = Customer(speech)
    async with (
        listening(customer),
        stage.subject_of(role, speech, customer) as subject,
        relay_to(subject.port) as relay,
        calling(customer, relay.port),
    ):
        relay.inject(Way.THERE, speech.heartbeat_frame)

        await eventually_in(relay.heard[Way.BACK], speech.heartbeat_answer)
        assert customer.link.is_bound


@proves("heartbeat", role=BOTH_SERVERS)
async def test_an_idle_customer_is_asked_whether_it_is_there(
    stage: Stage, speech: Speech, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = Customer(speech)
    async with (
        listening(customer),
        stage.subject_of(role, speech, customer, patience=monkeypatch) as subject,
        relay_to(subject.port) as relay,
        calling(customer, relay.port),
    ):
        question = speech.heartbeat_frame[:-4]
        async with asyncio.timeout(5):
            while relay.heard[Way.BACK].count(question) < 3:
                await asyncio.sleep(0.005)
        assert customer.of("lost") == []


@proves("half-open", role=BOTH_SERVERS)
async def test_a_customer_that_fell_silent_is_found(
    stage: Stage, speech: Speech, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By heartbeats; in SGIP, which has none, by a reply that stays unanswered."""
    customer = Customer(speech)
    async with (
        listening(customer),
        stage.subject_of(role, speech, customer, patience=monkeypatch, same_connection=True) as subject,
        relay_to(subject.port) as relay,
        calling(customer, relay.port),
    ):
        if speech.heartbeat is None:
            customer.answers_pushes = False
            await subject.reply(ANNA, SOURCE, "TD")
            await customer.has("reply")
        relay.silence()
        customer.answers_pushes = True

        async with asyncio.timeout(5):
            while relay.open_to_target:
                await asyncio.sleep(0.005)
        customer.link._connection.abort("gone")  # type: ignore[union-attr]
        await customer.has("bound", 2)
        assert (await customer.say())[0] == 0


@proves("graceful-close", role=BOTH_SERVERS)
async def test_a_customers_goodbye_is_answered_behind_what_is_under_way(
    stage: Stage, speech: Speech, role: Role
) -> None:
    async with stage.served(role, speech) as (_, customer):
        for number in range(3):
            customer.send(speech.submit(Text(ANNA, "ucs2", code_text(f"10{number}").encode("utf-16-be"))))
        await customer.link.stop(5.0)

        assert [code for _, code, _ in customer.of("answer")] == [0, 0, 0]
        assert customer.of("lost") == [([], "unbound")]


@proves("graceful-close", role=BOTH_SERVERS)
async def test_whoever_stops_says_goodbye_first(stage: Stage, speech: Speech, role: Role) -> None:
    customer = Customer(speech)
    async with listening(customer):
        subject = stage.subject_of(role, speech, customer)
        running = await subject.__aenter__()
        async with calling(customer, running.port):
            await subject.__aexit__(None, None, None)

            assert await customer.has("lost") == [([], "unbound")]


async def eventually_in(heard: bytearray, expected: bytes) -> None:
    """Wait for octets."""
    async with asyncio.timeout(5):
        while expected not in heard:
            await asyncio.sleep(0.001)
