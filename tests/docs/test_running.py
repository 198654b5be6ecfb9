"""What pages tell a reader to type works, typed as it stands, on a platform that runs."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.runtime.platforms import RunningPlatform, a_data_dir, a_platform, free_port

from .markdown import blocks

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def platform() -> Iterator[RunningPlatform]:
    """What `make run` brings up."""
    with a_data_dir() as data_dir, a_platform(data_dir, "--demo") as running:
        yield running


def type_in(platform: RunningPlatform, script: str, *, options: str = "-eu") -> str:
    """Run a script in a shell whose directory is the clone's, and return what it printed."""
    done = subprocess.run(
        ["bash", options, "-o", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=BIN.parents[1] if BIN.name == "bin" else None,
        env={
            "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
            "HONGYAN_DATA_DIR": str(platform.data_dir),
            "LANG": "C.UTF-8",
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def block_with(page: str, words: str) -> str:
    """Return the one shell block of a page that holds these words."""
    (found,) = [block.text for block in blocks(page, "sh") if words in block.text]
    return found.replace(".venv/bin/hongyan", "hongyan")


def test_readme_sends_and_follows_a_message(platform: RunningPlatform) -> None:
    script = block_with("README.md", "hongyan send")
    last = 'MID=$(hongyan message list --limit 1 --json | sed -n \'s/.*"mid": "\\(.*\\)".*/\\1/p\')\n'
    sent = script.replace("hongyan message list\n", f"sleep 1\nhongyan message list\n{last}").replace(
        "show MID", "show $MID"
    )

    printed = type_in(platform, sent)

    assert "accepted 提交成功" in printed
    for event in ("accepted", "routed", "sending", "submitted", "settled", "report", "final"):
        assert re.search(rf"^\d{{4}}-\S+ \S+ +\+\d\.\d{{3}}  {event} ", printed, re.MULTILINE), event


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="curl or openssl is not installed")
def test_readme_request_by_hand_is_accepted(platform: RunningPlatform) -> None:
    demo = platform.demo
    script = block_with("README.md", "openssl dgst")
    assert "http://127.0.0.1:8080/release/qxt_yzm_sms/" in script
    script = script.replace("ID=… KEY=…", f"ID={demo['secret_id']} KEY={demo['secret_key']}")

    answer = json.loads(type_in(platform, script.replace("http://127.0.0.1:8080", demo["api_url"])))

    (shown,) = [json.loads(block.text) for block in blocks("README.md", "json")]
    assert list(answer) == list(shown)
    assert (answer["status"], answer["list"][0] | {"mid": ""}) == ("0", shown["list"][0] | {"mid": ""})


def test_readme_settings_are_good(platform: RunningPlatform, tmp_path: Path) -> None:
    lines = block_with("README.md", "config example").splitlines()[:2]
    script = f"cd {tmp_path}\nexport HONGYAN_HTTP__PORT={free_port()}\n" + "\n".join(lines)
    type_in(platform, script.replace(" hongyan.toml", " ./hongyan.toml"))
    assert (tmp_path / "hongyan.toml").read_text().startswith("# Settings of Hongyan")


def test_readme_makes_an_account_that_can_sign(platform: RunningPlatform) -> None:
    lines = block_with("README.md", "config example").splitlines()[3:]
    printed = type_in(platform, "\n".join(lines).replace("NAME", "acme"))
    assert re.search(r"^secret_id +AKID\w{32}$", printed, re.MULTILINE)


def test_the_first_channel_is_bound(platform: RunningPlatform) -> None:
    carrier_port = json.loads(type_in(platform, "hongyan channel show demo-mobile --json"))["port"]
    script = block_with("docs/how-to/first-channel.md", "channel add")
    script = script.replace("10.0.0.1 --port 7890", f"127.0.0.1 --port {carrier_port}").replace("901234", "910001")
    script = script.replace("FILE", '"$HONGYAN_DATA_DIR"/simulator.password').replace(
        "hongyan channel show", "sleep 4\nhongyan channel show"
    )

    printed = type_in(platform, script)

    assert "links bound  2 of 2\n" in printed
    assert re.search(r"^\d+ +mobile-1 .* 50% ", printed, re.MULTILINE)


def test_the_simulator_runs_in_a_test_of_ones_own(tmp_path: Path) -> None:
    (program,) = [block.text for block in blocks("docs/simulator.md", "python") if "run_simulator" in block.text]
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^http://127\.0\.0\.1:\d+/ \{'mobile': \d+\}$", done.stdout, re.MULTILINE)
