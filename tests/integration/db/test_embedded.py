"""The embedded server: first start, restart, deaths, and who may look in."""

import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import pytest_asyncio

from hongyan.db.embedded import EmbeddedPostgres
from hongyan.db.errors import DataDirectoryLocked, ServerFailed
from hongyan.db.pool import connect

from .servers import a_directory, a_server, process_of


async def value_of(url: str, query: str) -> object:
    connection = await connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[EmbeddedPostgres]:
    """A server for those who only look."""
    with a_directory() as directory:
        server = a_server(directory)
        await server.start()
        yield server
        await server.stop()


async def test_a_server_keeps_its_data_over_a_restart() -> None:
    with a_directory() as directory:
        server = a_server(directory)
        url = await server.start()
        await value_of(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        await server.stop()

        url = await server.start()
        assert await value_of(url, "SELECT answer FROM kept") == 42
        await server.stop()


async def test_a_killed_server_comes_back_with_what_was_committed() -> None:
    with a_directory() as directory:
        server = a_server(directory)
        url = await server.start()
        await value_of(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        busy = await connect(url)  # a backend that outlives its postmaster for a moment

        process_of(server).kill()
        process_of(server).wait(5)
        assert not server.is_alive()

        assert await server.start() == url
        assert server.is_alive()
        assert await value_of(url, "SELECT answer FROM kept") == 42
        busy.terminate()
        await server.stop()


async def test_starting_what_runs_changes_nothing(server: EmbeddedPostgres) -> None:
    pid = server.pid
    await server.start()
    assert server.pid == pid


async def test_stopping_leaves_no_process_and_no_socket() -> None:
    with a_directory() as directory:
        server = a_server(directory)
        await server.start()
        postmaster = process_of(server)
        family = [postmaster, *postmaster.children(recursive=True)]
        await server.stop()

        assert not server.is_alive()
        assert [process for process in family if process.is_running()] == []
        assert not (directory / "postgres" / "run").exists()


async def test_two_servers_on_two_directories_do_not_meet() -> None:
    with a_directory(name="one") as one, a_directory(name="two") as two:
        first, second = a_server(one), a_server(two)
        await value_of(await first.start(), "CREATE TABLE only_here ()")
        assert await value_of(await second.start(), "SELECT to_regclass('only_here')::text") is None
        await first.stop()
        await second.stop()


async def test_a_second_server_on_a_directory_is_refused_and_names_the_first(server: EmbeddedPostgres) -> None:
    with pytest.raises(DataDirectoryLocked, match=f"in use by process {os.getpid()}"):
        await a_server(server.log_path.parents[1]).start()
    assert server.is_alive()


async def test_a_postmaster_that_lost_its_owner_is_ended_and_replaced() -> None:
    with a_directory() as directory:
        lost = a_server(directory)
        await lost.start()
        orphan = process_of(lost)
        lost._lock.release()  # as when the owner was killed

        server = a_server(directory)
        await server.start()
        assert server.pid != orphan.pid
        assert lost.is_alive() is False  # this also reaps it
        await server.stop()


async def test_a_pid_file_that_names_another_program_does_not_stand_in_the_way() -> None:
    with a_directory() as directory:
        server = a_server(directory)
        await server.start()
        await server.stop()
        pid_file = directory / "postgres" / "data" / "postmaster.pid"
        pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n1\n5432\n\n\n\n")

        await server.start()
        assert server.is_alive()
        await server.stop()


@pytest.mark.parametrize("name", ["with a blank", "with,comma", "it's quoted", "鸿雁", "long/" + "d" * 120])
async def test_any_directory_name_will_do(name: str) -> None:
    with a_directory(name=name) as directory, a_directory(name="system") as system:
        directory.parent.chmod(0o711)
        server = a_server(directory, system_dir=system)
        assert await value_of(await server.start(), "SELECT 1") == 1
        await server.stop()


async def test_only_the_owner_of_the_server_can_enter_its_directories(server: EmbeddedPostgres) -> None:
    home = server.log_path.parent
    for private in (home, home / "run", home / "data"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


async def test_the_server_listens_on_no_tcp_port(server: EmbeddedPostgres) -> None:
    assert process_of(server).net_connections(kind="inet") == []


async def test_durability_is_on(server: EmbeddedPostgres) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert await value_of(server.url, f"SHOW {setting}") == "on"


async def test_an_operators_own_settings_are_taken() -> None:
    with a_directory() as directory:
        server = a_server(directory)
        await server.start()
        await server.stop()
        local = directory / "postgres" / "data" / "postgresql.local.conf"
        local.write_text("work_mem = '7MB'\n")
        local.chmod(0o644)

        assert await value_of(await server.start(), "SHOW work_mem") == "7MB"
        await server.stop()


async def test_a_bad_setting_is_told_in_the_servers_words_and_frees_the_directory() -> None:
    with a_directory() as directory:
        bad = EmbeddedPostgres(directory, settings={"shared_buffers": "'much'"})
        with pytest.raises(ServerFailed, match="shared_buffers"):
            await bad.start()
        assert not bad.is_alive()

        server = a_server(directory)
        await server.start()
        await server.stop()


async def test_what_a_client_got_wrong_is_not_in_the_log(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.DataError, match="invalid input syntax"):
        await value_of(server.url, "SELECT '13800138000x'::bigint")
    assert "13800138000" not in server.log_path.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
async def test_under_a_private_home_roots_server_lives_in_a_place_of_its_own() -> None:
    with a_directory(name="home", mode=0o700) as home, a_directory(name="system") as system:
        data = home / "var"
        data.mkdir()
        server = a_server(data, system_dir=system)
        url = await server.start()
        await value_of(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        await server.stop()

        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert Path((data / "postgres.home").read_text().strip()).is_relative_to(system / "clusters")
        again = a_server(data, system_dir=system)
        assert await value_of(await again.start(), "SELECT answer FROM kept") == 42
        await again.stop()


async def test_the_kernel_ends_the_server_with_its_owner() -> None:
    with a_directory() as directory:
        program = (
            "import asyncio, sys; from pathlib import Path; from hongyan.db.embedded import EmbeddedPostgres\n"
            "server = EmbeddedPostgres(Path(sys.argv[1]))\n"
            "async def main(): await server.start(); print(server.pid, flush=True); await asyncio.sleep(60)\n"
            "asyncio.run(main())"
        )
        owner = psutil.Popen([sys.executable, "-c", program, str(directory)], stdout=-1)
        with owner:
            postmaster = psutil.Process(int(owner.stdout.readline()))
            owner.kill()
        postmaster.wait(10)
        assert not postmaster.is_running()
