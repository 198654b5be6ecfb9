"""A link of ours: it binds, sends, hears, comes back, and ends in order."""

import asyncio
import socket
from contextlib import suppress

import pytest
from msgspec import structs
from structlog.testing import capture_logs

from hongyan.link.client import LinkClient
from hongyan.wire.cmpp.pdus import V20, Deliver, DeliverResp, SubmitResp
from hongyan.wire.errors import NotBound, WindowFull
from hongyan.wire.states import State

from .ends import (
    A_SUBMIT,
    CLOCK,
    CONFIG,
    PATIENCE,
    MutePeer,
    Ours,
    Theirs,
    client_session,
    eventually,
    linked,
    listening,
)


async def test_a_submit_goes_out_and_its_answer_comes_back() -> None:
    ours, theirs = Ours(), Theirs()
    async with listening(theirs) as listener, linked(ours, listener.port, version=V20) as link:
        await ours.has("bound")
        state = (link.is_bound, link.state, link.version, link.credit, link.trouble)
        assert state == (True, State.BOUND, V20, 16, "")

        sequence = link.send(A_SUBMIT, "token")

        assert await ours.has("response") == [("token", SubmitResp(1000 + sequence))]
        assert link.in_flight == 0
        [(_, _, pdu)] = theirs.of("request")
        assert pdu == A_SUBMIT


async def test_a_report_comes_in_and_its_acknowledgement_goes_back() -> None:
    ours, theirs = Ours(), Theirs()
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        [(their_link,)] = await theirs.has("bind")
        their_link.send(Deliver(msg_id=5), "report")

        [(sequence, pdu)] = await ours.has("request")
        assert pdu == Deliver(msg_id=5)
        link.answer(sequence, DeliverResp(5))

        assert await theirs.has("response") == [("report", DeliverResp(5))]


async def test_what_one_turn_sends_is_written_in_one_piece() -> None:
    async with MutePeer().serving() as peer, linked(Ours(), peer.port) as link:
        await peer.connected.wait()
        await eventually(lambda: link.is_bound)
        for _ in range(3):
            link.send(A_SUBMIT, None)

        assert len(await peer.reader.read(65536)) == 3 * (163 + 32 + 5)


async def test_both_ends_send_without_delay() -> None:
    ours, theirs = Ours(), Theirs()
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        [(their_link,)] = await theirs.has("bind")
        for end in (link._connection, their_link.connection):
            assert end is not None
            assert end._transport is not None
            raw = end._transport.get_extra_info("socket")
            assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_several_links_go_to_one_carrier() -> None:
    theirs = Theirs()
    first, second = Ours(), Ours()
    async with listening(theirs) as listener, linked(first, listener.port) as one, linked(second, listener.port) as two:
        await first.has("bound")
        await second.has("bound")
        one.send(A_SUBMIT, 1)
        two.send(A_SUBMIT, 2)

        assert [token for token, _ in await first.has("response")] == [1]
        assert [token for token, _ in await second.has("response")] == [2]
        assert len(listener.links) == 2


async def test_a_reset_names_the_unanswered_and_the_link_comes_back() -> None:
    ours, theirs = Ours(), Theirs(answers=False)
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        await ours.has("bound")
        for token in "abc":
            link.send(A_SUBMIT, token)
        [(their_link, sequence, _), *_] = await theirs.has("request", 3)
        their_link.answer(sequence, SubmitResp(1))
        await ours.has("response")

        their_link.abort()

        assert await ours.has("lost") == [(["b", "c"], "peer_closed")]
        assert link.credit == 0
        await ours.has("bound", 2)
        link.send(A_SUBMIT, "d")
        await theirs.has("request", 4)


async def test_a_link_waits_for_a_carrier_that_is_not_there_yet() -> None:
    ours, theirs = Ours(), Theirs()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with linked(ours, port) as link:
        await eventually(lambda: link.trouble)
        assert not link.is_bound
        async with listening(theirs, port=port):
            await ours.has("bound")
            assert link.trouble == ""
    assert [reason for _, reason in ours.of("lost")] in (["aborted"], ["peer_closed"], ["unbound"])


async def test_a_refused_link_tries_again_and_says_why_it_is_not_bound() -> None:
    ours, theirs = Ours(), Theirs()
    async with listening(theirs) as listener, linked(ours, listener.port, password="wrong") as link:
        await theirs.has("bind", 3)

        assert link.trouble == "bind_refused: status 3: authentication error"
        assert ours.notes == []
        with pytest.raises(NotBound):
            link.send(A_SUBMIT, None)


async def test_a_login_that_does_not_fit_is_said_to() -> None:
    async with listening(Theirs()) as listener, linked(Ours(), listener.port, login="9012345") as link:
        await eventually(lambda: link.trouble)

        assert link.trouble == "aborted: Connect.source_addr: is 7 octets long, 6 fit"


async def test_the_pauses_between_tries_grow_to_a_ceiling_and_are_random() -> None:
    asked: list[tuple[float, float]] = []

    class Dice:
        def uniform(self, a: float, b: float, /) -> float:
            asked.append((a, b))
            return 0.0

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = structs.replace(CONFIG, port=port, backoff_min_seconds=0.5, backoff_max_seconds=3.0)
    link = LinkClient(config, session=client_session(), observer=Ours(), clock=CLOCK, index=1, randomness=Dice())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(link.run())
        await eventually(lambda: len(asked) >= 5)
        await link.stop(0)

    assert asked[:5] == [(0, 0.5), (0, 1.0), (0, 2.0), (0, 3.0), (0, 3.0)]


async def test_the_pauses_are_short_again_after_a_bind() -> None:
    asked: list[float] = []

    class Dice:
        def uniform(self, a: float, b: float, /) -> float:
            asked.append(b)
            return 0.0

    ours, theirs = Ours(), Theirs()
    async with listening(theirs) as listener:
        config = structs.replace(CONFIG, port=listener.port)
        link = LinkClient(config, session=client_session(), observer=ours, clock=CLOCK, index=1, randomness=Dice())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(link.run())
            for count in (1, 2, 3):
                await ours.has("bound", count)
                theirs.of("bind")[-1][0].abort()
                await ours.has("lost", count)
            await link.stop(0)

    assert set(asked) == {CONFIG.backoff_min_seconds}


async def test_a_lost_connection_leaves_no_timer_behind() -> None:
    ours, theirs = Ours(), Theirs()
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        await ours.has("bound")
        await eventually(lambda: link._connection and link._connection._timer)
        timer = link._connection and link._connection._timer
        assert timer

        theirs.of("bind")[0][0].abort()
        await ours.has("bound", 2)

        assert timer.cancelled()


async def test_a_half_open_peer_is_found_by_heartbeats() -> None:
    ours = Ours()
    patience = {"heartbeat_idle_seconds": 0.05, "heartbeat_timeout_seconds": 0.02, "heartbeat_tries": 2}
    async with MutePeer().serving() as peer, linked(ours, peer.port, **patience) as link:
        await ours.has("bound")
        link.send(A_SUBMIT, "token")

        assert await ours.has("lost") == [(["token"], "peer_silent")]
        heard = await peer.reader.read(65536)
        assert heard.count(bytes.fromhex("0000000c00000008")) == 2


async def test_an_unanswered_submit_is_missed_and_its_late_answer_still_told() -> None:
    ours, theirs = Ours(), Theirs(answers=False)
    async with (
        listening(theirs) as listener,
        linked(ours, listener.port, response_timeout_seconds=0.05) as link,
    ):
        await ours.has("bound")
        link.send(A_SUBMIT, "token")
        assert await ours.has("missing") == [("token",)]
        [(their_link, sequence, _)] = await theirs.has("request")

        their_link.answer(sequence, SubmitResp(7))

        assert await ours.has("response") == [("token", SubmitResp(7))]
        assert link.is_bound


async def test_a_peer_that_does_not_read_takes_the_credit_away_until_it_does() -> None:
    ours = Ours()
    text = structs.replace(A_SUBMIT, msg_content=bytes(255))
    async with MutePeer().serving() as peer, linked(ours, peer.port, window_size=100_000) as link:
        await ours.has("bound")
        while link.credit:
            for _ in range(min(1000, link.credit)):
                link.send(text, None)
            await asyncio.sleep(0)
        assert link.in_flight < 100_000
        with pytest.raises(WindowFull):
            link.send(text, None)

        async with asyncio.timeout(5):
            while not link.credit:
                assert await peer.reader.read(1 << 20)


async def test_requests_that_nobody_answers_stop_us_from_reading_more() -> None:
    ours, theirs = Ours(), Theirs()
    reports = 500
    async with (
        listening(theirs, limits=structs.replace(_LIMITS, window_size=reports)) as listener,
        linked(ours, listener.port, owed_max=10) as link,
    ):
        [(their_link,)] = await theirs.has("bind")
        await ours.has("bound")
        for number in range(reports):
            their_link.send(Deliver(msg_id=number), number)
            if number % 20 == 0:
                await asyncio.sleep(0.001)
        held = len(await ours.has("request", 11))
        assert held < reports

        answered = 0
        while answered < reports:
            await ours.has("request", answered + 1)
            sequence, pdu = ours.of("request")[answered]
            link.answer(sequence, DeliverResp(pdu.msg_id))
            answered += 1

        assert len(await theirs.has("response", reports)) == reports


async def test_a_peer_that_we_do_not_read_from_is_not_taken_for_dead() -> None:
    ours, theirs = Ours(), Theirs()
    patience = {"heartbeat_idle_seconds": 0.03, "heartbeat_timeout_seconds": 0.01, "heartbeat_tries": 1}
    async with listening(theirs) as listener, linked(ours, listener.port, owed_max=1, **patience) as link:
        [(their_link,)] = await theirs.has("bind")
        await ours.has("bound")
        for number in range(5):
            their_link.send(Deliver(msg_id=number), number)
        await ours.has("request", 2)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ours.has("lost"), 0.2)

        assert link.is_bound


async def test_a_frame_that_means_nothing_is_passed_over() -> None:
    ours = Ours()
    async with MutePeer().serving() as peer, linked(ours, peer.port) as link:
        await ours.has("bound")
        peer.writer.write(bytes.fromhex("0000000c000000030000000a" + "0000000c000000080000000b"))

        while bytes.fromhex("0000000d800000080000000b00") not in await peer.reader.read(65536):
            pass

        assert link.is_bound


async def test_an_answer_to_a_lost_connection_is_not_sent_over_the_next() -> None:
    ours, theirs = Ours(), Theirs()
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        [(their_link,)] = await theirs.has("bind")
        their_link.send(Deliver(msg_id=1), "old")
        [(old, _)] = await ours.has("request")
        their_link.abort()
        [_, (their_link,)] = await theirs.has("bind", 2)
        await ours.has("bound", 2)
        their_link.send(Deliver(msg_id=2), "new")
        [_, (new, _)] = await ours.has("request", 2)
        assert new != old

        link.answer(old, DeliverResp(1))
        link.answer(new, DeliverResp(2))

        assert await theirs.has("response") == [("new", DeliverResp(2))]


async def test_a_fault_of_the_observer_costs_the_connection_and_nothing_else() -> None:
    ours, theirs = Ours(), Theirs()
    ours.answers = _fail
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        [(their_link,)] = await theirs.has("bind")
        await ours.has("bound")
        link.send(A_SUBMIT, "token")
        their_link.send(Deliver(msg_id=1), "report")

        [(_, reason)] = await ours.has("lost")

        assert reason == "aborted"
        await ours.has("bound", 2)


async def test_a_fault_is_logged_by_its_place_and_not_by_what_it_quotes() -> None:
    ours, theirs = Ours(), Theirs()
    ours.answers = _fail
    with capture_logs() as logs:
        async with listening(theirs) as listener, linked(ours, listener.port):
            [(their_link,)] = await theirs.has("bind")
            their_link.send(Deliver(msg_id=1), "report")
            await ours.has("lost")

    [failed] = [log for log in logs if log["event"] == "link.observer_failed"]
    assert failed["took"] == "RequestReceived"
    assert failed["error"] == "RuntimeError"
    assert "test_client.py" in failed["frames"][-1]
    assert "13800138000" not in str(logs)


async def test_stopping_waits_for_answers_and_says_goodbye() -> None:
    ours, theirs = Ours(), Theirs(answers=False)
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        await ours.has("bound")
        link.send(A_SUBMIT, "token")
        [(their_link, sequence, _)] = await theirs.has("request")

        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(link.stop(5))
            await asyncio.sleep(0)
            assert link.credit == 0
            with pytest.raises(NotBound):
                link.send(A_SUBMIT, None)
            their_link.answer(sequence, SubmitResp(1))
            await stopping

        assert [kind for kind, *_ in ours.notes] == ["bound", "response", "lost"]
        assert ours.of("lost") == [([], "unbound")]
        assert (await theirs.has("lost"))[0][1] == "unbound"


async def test_stopping_waits_no_longer_than_told() -> None:
    ours, theirs = Ours(), Theirs(answers=False)
    async with listening(theirs) as listener, linked(ours, listener.port) as link:
        await ours.has("bound")
        link.send(A_SUBMIT, "token")
        await theirs.has("request")

        async with asyncio.timeout(3):
            await link.stop(0.05)

        assert ours.of("lost") == [(["token"], "unbound")]


async def test_a_peer_that_ignores_the_goodbye_is_left() -> None:
    ours = Ours()
    async with MutePeer().serving() as peer, linked(ours, peer.port, unbind_timeout_seconds=0.05) as link:
        await ours.has("bound")

        async with asyncio.timeout(3):
            await link.stop(0)

        assert ours.of("lost") == [([], "unbind_timeout")]


async def test_a_link_can_be_stopped_before_it_runs_and_twice() -> None:
    link = LinkClient(CONFIG, session=client_session(), observer=Ours(), clock=CLOCK, index=1)

    await link.stop(0)
    await link.run()
    await link.stop(0)

    assert link.state is State.CLOSED


async def test_a_link_can_be_stopped_while_it_pauses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with linked(Ours(), port, backoff_min_seconds=60.0, backoff_max_seconds=60.0) as link:
        await eventually(lambda: link.trouble)
        async with asyncio.timeout(1):
            await link.stop(5)


async def test_a_link_can_be_stopped_while_it_connects() -> None:
    async with listening(Theirs()) as listener:
        for turns in range(8):
            async with linked(Ours(), listener.port):
                for _ in range(turns):
                    await asyncio.sleep(0)


async def test_a_link_can_be_stopped_while_it_binds() -> None:
    theirs = Theirs(decides=False)
    async with listening(theirs) as listener, linked(Ours(), listener.port) as link:
        await theirs.has("bind")
        async with asyncio.timeout(1):
            await link.stop(5)


async def test_a_cancelled_link_names_the_unanswered() -> None:
    ours, theirs = Ours(), Theirs(answers=False)
    async with listening(theirs) as listener:
        link = LinkClient(
            structs.replace(CONFIG, port=listener.port), session=client_session(), observer=ours, clock=CLOCK, index=1
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(link.run())
            await ours.has("bound")
            link.send(A_SUBMIT, "token")
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

        assert ours.of("lost") == [(["token"], "aborted")]
        await theirs.has("lost")


def _fail(*_: object) -> None:
    raise RuntimeError("a fault that quotes 13800138000")


_LIMITS = PATIENCE
