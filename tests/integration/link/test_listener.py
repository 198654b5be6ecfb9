"""The server side: who may connect, and how it ends."""

import asyncio

from structlog.testing import capture_logs

from hongyan.link.listener import Listener, ListenerConfig
from hongyan.wire.cmpp.pdus import V20, V30, Connect, Deliver, SubmitResp
from hongyan.wire.session import Limits
from hongyan.wire.states import State

from .ends import A_SUBMIT, CLOCK, Ours, Theirs, eventually, linked, listening, server_session


async def test_a_client_of_a_version_that_is_not_served_is_turned_away() -> None:
    theirs = Theirs()
    async with (
        listening(theirs, versions=frozenset({V20})) as listener,
        linked(Ours(), listener.port, version=V30) as link,
    ):
        await eventually(lambda: link.trouble)

        assert link.trouble == "bind_refused: status 4: version too high"
        assert theirs.notes == []


async def test_a_client_that_never_binds_is_cut() -> None:
    async with listening(Theirs(), limits=Limits(bind_timeout_seconds=0.05)) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)

        async with asyncio.timeout(3):
            assert await reader.read() == b""

        writer.close()
        await eventually(lambda: not listener.links)


async def test_what_is_no_cmpp_is_cut_at_once() -> None:
    async with listening(Theirs()) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")

        async with asyncio.timeout(3):
            assert await reader.read() == b""

        writer.close()


async def test_more_clients_than_allowed_are_cut() -> None:
    theirs, ours = Theirs(), Ours()
    async with listening(theirs, links_max=1) as listener, linked(ours, listener.port) as link:
        await ours.has("bound")

        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        async with asyncio.timeout(3):
            assert await reader.read() == b""

        writer.close()
        assert link.is_bound
        await eventually(lambda: len(listener.links) == 1)


async def test_a_dead_client_is_found_by_heartbeats() -> None:
    theirs = Theirs()
    limits = Limits(heartbeat_idle_seconds=0.05, heartbeat_timeout_seconds=0.02, heartbeat_tries=2)
    async with listening(theirs, limits=limits) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(_CONNECT)

        assert await theirs.has("lost") == [([], "peer_silent")]

        heard = await reader.read()
        assert heard.count(bytes.fromhex("0000000c00000008")) == 2
        writer.close()


async def test_stopping_says_goodbye_to_all() -> None:
    theirs, ours = Theirs(), Ours()
    listener = Listener(ListenerConfig(), session=server_session(), observer=theirs, clock=CLOCK)
    await listener.start()
    async with linked(ours, listener.port):
        await ours.has("bound")

        await listener.stop(2)

        assert ours.of("lost") == [([], "unbound")]
        assert theirs.of("lost") == [([], "unbound")]
        assert listener.links == set()


async def test_stopping_without_patience_cuts_all() -> None:
    theirs, ours = Theirs(answers=False), Ours()
    listener = Listener(ListenerConfig(), session=server_session(), observer=theirs, clock=CLOCK)
    await listener.start()
    async with linked(ours, listener.port) as link:
        await ours.has("bound")
        link.send(A_SUBMIT, "token")
        await theirs.has("request")

        await listener.stop()
        await listener.stop()

        assert await ours.has("lost") == [(["token"], "peer_closed")]


async def test_a_report_without_answer_is_missed() -> None:
    theirs, ours = Theirs(), Ours()
    limits = Limits(response_timeout_seconds=0.05)
    async with listening(theirs, limits=limits) as listener, linked(ours, listener.port):
        [(their_link,)] = await theirs.has("bind")

        their_link.send(Deliver(msg_id=1), "report")

        assert await theirs.has("missing") == [("report",)]


async def test_a_submit_that_cannot_be_read_is_refused_and_the_link_stays() -> None:
    async with listening(Theirs()) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(_CONNECT)
        await reader.readexactly(33)

        writer.write(bytes.fromhex("0000000d000000040000000500"))

        assert await reader.readexactly(24) == bytes.fromhex("000000188000000400000005000000000000000000000001")
        writer.close()


async def test_an_answer_after_the_end_goes_nowhere() -> None:
    theirs, ours = Theirs(answers=False), Ours()
    async with listening(theirs) as listener:
        async with linked(ours, listener.port) as link:
            await ours.has("bound")
            link.send(A_SUBMIT, "token")
            [(their_link, sequence, _)] = await theirs.has("request")
        await theirs.has("lost")

        their_link.answer(sequence, SubmitResp(1))

        assert their_link.state is State.CLOSED


async def test_clients_that_ignore_the_goodbye_are_cut() -> None:
    listener = Listener(ListenerConfig(port=0), session=server_session(), observer=Theirs(), clock=CLOCK)
    assert listener.port == 0
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(_CONNECT)
    await reader.readexactly(33)

    await listener.stop(0.01)

    assert listener.links == set()
    writer.close()


async def test_a_link_knows_who_is_at_the_other_end() -> None:
    theirs = Theirs()
    async with listening(theirs) as listener, linked(Ours(), listener.port):
        [(their_link,)] = await theirs.has("bind")

        assert their_link.peer.startswith("127.0.0.1:")
        assert isinstance(their_link.bind_request, Connect)
        assert their_link.bind_request.source_addr == "901234"
        assert (their_link.index, their_link.version, their_link.is_bound) == (1, V30, True)
        assert their_link.credit == their_link.window_size == 16


_CONNECT = bytes.fromhex("00000027000000010000000039303132333462aae4b0e499aa0224e51a2719cbec4e3042e2815c")
"""Captured from bigwhite/gocmpp; the secret is 1234567890."""


async def test_a_flood_of_connections_writes_a_bounded_number_of_lines() -> None:
    with capture_logs() as lines:
        async with listening(Theirs()) as listener:
            for _ in range(130):
                _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
                writer.write(b"GET / HTTP/1.1\r\n\r\n")
                writer.close()
            await eventually(lambda: not listener.links)

    assert len([line for line in lines if line["event"] == "listener.link_lost"]) == 100
