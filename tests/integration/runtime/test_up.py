"""`hongyan up`: ready, restarting what dies, refusing a second one, ending in time."""

import shutil
import signal
import socket
import stat
import subprocess
import time
import urllib.request
from collections.abc import Iterator

import pytest

from .platforms import RunningPlatform, a_data_dir, a_platform, alive, free_port, hongyan, wait_until


@pytest.fixture(scope="module")
def platform() -> Iterator[RunningPlatform]:
    """A platform for tests that leave it running and ready."""
    with a_data_dir() as data_dir, a_platform(data_dir) as running:
        yield running


@pytest.mark.parametrize("role", ["api", "gateway", "courier"])
def test_a_killed_role_comes_back(platform: RunningPlatform, role: str) -> None:
    killed = platform.role(role)
    killed.kill()
    wait_until(lambda: not alive([killed]), 5)
    wait_until(lambda: any(child.cmdline()[-1] == role for child in alive(platform.children())), 10)
    platform.wait_ready()
    assert platform.role(role).pid != killed.pid


def test_killed_postgres_comes_back_and_the_roles_stay(platform: RunningPlatform) -> None:
    roles = [platform.role(role).pid for role in ("api", "gateway", "courier")]
    killed = platform.postmaster()
    killed.kill()
    wait_until(lambda: not alive([killed]), 5)
    platform.wait_ready()
    assert [platform.role(role).pid for role in ("api", "gateway", "courier")] == roles


def test_a_second_platform_on_the_same_data_is_refused_in_one_line(platform: RunningPlatform) -> None:
    refused = hongyan("up", "--data", str(platform.data_dir), "--http", f"127.0.0.1:{free_port()}")
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert f"in use by process {platform.process.pid}" in line
    assert platform.status_of("/readyz") == 200


def test_a_second_platform_on_the_same_port_is_refused_in_one_line(platform: RunningPlatform) -> None:
    with a_data_dir() as other:
        refused = hongyan("up", "--data", str(other), "--http", f"127.0.0.1:{platform.port}")
    assert refused.returncode == 2
    assert refused.stderr == (
        f"hongyan: http.port: cannot listen on 127.0.0.1:{platform.port}: the port is taken; choose another\n"
    )


def test_it_listens_on_loopback_only(platform: RunningPlatform) -> None:
    listening = [
        connection.laddr.ip
        for process in [*platform.children()]
        for connection in process.net_connections(kind="inet")
        if connection.status == "LISTEN"
    ]
    assert set(listening) == {"127.0.0.1"}


def test_what_is_private_only_the_owner_may_read(platform: RunningPlatform) -> None:
    for name in ("master.key", "database.url", "hongyan.lock"):
        assert stat.S_IMODE((platform.data_dir / name).stat().st_mode) == 0o600


def test_commands_find_the_running_platform(platform: RunningPlatform) -> None:
    found = hongyan("database", "url", "--data", str(platform.data_dir))
    assert found.stdout.startswith("postgresql://hongyan@/hongyan?host=")
    assert hongyan("database", "migrate", "--data", str(platform.data_dir)).stderr == "the schema is up to date\n"
    assert hongyan("config", "check", "--data", str(platform.data_dir)).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_drains_and_leaves_nothing_running(number: signal.Signals) -> None:
    with a_data_dir() as data_dir, a_platform(data_dir, "--api-workers", "2") as platform:
        family = platform.children()
        assert sum(child.cmdline()[-1:] == ["api"] for child in family) == 2
        platform.signal(number)
        assert platform.process.wait(20) == 0
        assert alive(family) == []
        assert not (data_dir / "database.url").exists()


def test_a_role_that_does_not_drain_is_killed_and_all_ends_within_twenty_seconds() -> None:
    with a_data_dir() as data_dir, a_platform(data_dir) as platform:
        family = platform.children()
        platform.role("courier").suspend()
        started = time.monotonic()
        platform.signal(signal.SIGTERM)
        assert platform.process.wait(20) == 0
        assert time.monotonic() - started > 10  # the others' time was not cut short
        assert alive(family) == []


def test_a_second_signal_ends_everything_at_once() -> None:
    with a_data_dir() as data_dir, a_platform(data_dir) as platform:
        family = platform.children()
        api = platform.role("api")
        platform.role("gateway").suspend()
        platform.signal(signal.SIGINT)
        wait_until(lambda: not alive([api]), 10)
        started = time.monotonic()
        platform.signal(signal.SIGINT)
        platform.process.wait(5)
        assert time.monotonic() - started < 4
        assert alive(family) == []


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_start_is_clean() -> None:
    with a_data_dir() as data_dir:
        with a_platform(data_dir) as platform:
            family = platform.children()
            platform.process.kill()
            platform.process.wait()
            wait_until(lambda: not alive(family), 10)
        with a_platform(data_dir) as again:
            assert again.status_of("/healthz") == 200


def test_a_second_start_of_the_demonstration_finds_what_the_first_made() -> None:
    with a_data_dir() as data_dir:
        with a_platform(data_dir, "--demo") as first:
            made = first.demo
            first.signal(signal.SIGTERM)
            first.process.wait(20)
        with a_platform(data_dir, "--demo") as second:
            assert second.demo["secret_id"] == made["secret_id"]
            assert second.demo["secret_key"] == made["secret_key"]
            assert stat.S_IMODE((data_dir / "demo.json").stat().st_mode) == 0o600


def test_a_port_that_another_program_has_is_named() -> None:
    with a_data_dir() as data_dir, socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = hongyan("up", "--data", str(data_dir), "--http", f"127.0.0.1:{port}")
    assert refused.returncode == 2
    assert f"127.0.0.1:{port}: the port is taken" in refused.stderr


@pytest.mark.parametrize("setting", ["gateway.sgip_port", "downstream.cmpp_port", "downstream.smpp_port"])
def test_a_port_of_the_gateways_that_another_platform_shares_out_is_named(setting: str) -> None:
    with a_data_dir() as data_dir, socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        section, name = setting.split(".")
        data_dir.mkdir(mode=0o700)
        (data_dir / "hongyan.toml").write_text(f"[{section}]\n{name} = {port}\n", encoding="utf-8")
        refused = hongyan("up", "--data", str(data_dir), "--http", f":{free_port()}")
    assert refused.returncode == 2
    assert f"{setting}: cannot listen on 127.0.0.1:{port}: the port is taken" in refused.stderr


def test_a_database_that_is_away_is_told_and_is_worth_another_try() -> None:
    with a_data_dir() as data_dir:
        url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
        refused = hongyan("up", "--data", str(data_dir), "--http", f":{free_port()}", "--database-url", url)
    assert refused.returncode == 3
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="the line needs curl and openssl")
def test_the_printed_curl_line_works_when_pasted() -> None:
    with a_data_dir() as data_dir, a_platform(data_dir, "--demo") as platform:
        wait_until(lambda: "Ctrl-C stops it" in platform.log.read_text(), 10)
        printed = platform.log.read_text()
        pasted = printed[printed.index("D=$(") : printed.index("  Ctrl-C")]
        sent = subprocess.run(["bash", "-c", pasted], check=True, capture_output=True, text=True, timeout=20)
    assert sent.stdout.startswith('{"status":"0"')


def test_no_number_text_code_or_key_of_a_whole_run_is_in_a_log() -> None:
    verbose = {"HONGYAN_LOGS__TO": "file", "HONGYAN_LOGS__LEVEL": "debug"}
    with a_data_dir() as data_dir, a_platform(data_dir, "--demo", **verbose) as platform:
        demo = platform.demo
        text = "【鸿雁】您的验证码是739154，8分钟内有效，请勿告诉他人。"
        for number in ("13912345678", "18612345678", "not 13712345678"):
            hongyan("send", "--to", number, "--text", text, "--data", str(data_dir))
        wait_until(lambda: "739154" in text_of(f"{demo['phone_url']}phones/18612345678/messages"), 10)
        platform.role("gateway").kill()
        platform.signal(signal.SIGTERM)
        platform.process.wait(20)
        password = (data_dir / "simulator.password").read_text().strip()
        logged = "".join(log.read_text() for log in (data_dir / "hongyan.log", data_dir / "postgres" / "postgres.log"))
    assert "role.started" in logged
    canaries = ["13912345678", "18612345678", "13712345678", "739154", "请勿告诉他人", demo["secret_key"], password]
    assert [canary for canary in canaries if canary in logged] == []


def text_of(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())
