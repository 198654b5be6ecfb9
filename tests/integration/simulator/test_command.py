"""`hongyan simulator` as a program: alone for one protocol, and told what to do while it runs."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ANNA = "13800138000"


class Program:
    """A simulator that runs as a program of its own."""

    def __init__(self, url: str, told: str) -> None:
        self.url = url
        self.told = told

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command about it."""
        return hongyan(*words, url=self.url)


def hongyan(*words: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """Run `hongyan simulator …` to its end."""
    environment = {**os.environ, "HONGYAN_SIMULATOR_URL": url} if url else dict(os.environ)
    line = [sys.executable, "-m", "hongyan", "simulator", *words]
    return subprocess.run(line, check=False, capture_output=True, text=True, timeout=60, env=environment)


@contextmanager
def a_program(*words: str) -> Iterator[Program]:
    """Run `hongyan simulator …` until the end of the block."""
    line = [sys.executable, "-m", "hongyan", "simulator", "--phones", "127.0.0.1:0", *words]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = ""
        for read in process.stderr:
            told += read
            if found := re.match(r"phones: (http://\S+)", read):
                try:
                    yield Program(found[1], told)
                finally:
                    process.terminate()
                    told += process.stderr.read()
                    assert process.wait(30) == 0, told
                return
        raise AssertionError(told)


@pytest.mark.parametrize("protocol", ["cmpp", "sgip", "smgp", "smpp"])
def test_it_runs_alone_for_each_protocol(protocol: str, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    with a_program("--protocol", protocol, "--listen", "127.0.0.1:0", "--login", "test", *data) as simulator:
        line = re.search(
            rf"^{protocol}: {protocol} at 127.0.0.1:\d+  login test  password (\w{{8}})$", simulator.told, re.MULTILINE
        )
        assert line
        shown = simulator("scenario", "show").stdout
        assert json.loads(shown)["carriers"][0]["carrier"] == protocol
        assert list(tmp_path.iterdir()) == []


def test_scenarios_are_set_and_cleared_from_a_terminal(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("[one]\nloss = { texts = 1 }\n[two]\ntitle = 'Two'\n", encoding="utf-8")
    begin = ("--protocol", "cmpp", "--listen", "127.0.0.1:0", "--scenario", f"{mine}:two")
    with a_program(*begin, "--data", str(tmp_path)) as simulator:
        assert re.search(r"^two +cmpp +Two$", simulator("scenario", "list").stdout, re.MULTILINE)
        assert (
            "cmpp test plays one"
            in simulator("scenario", "set", f"{mine}:one", "--carrier", "cmpp", "--login", "test").stderr
        )
        assert re.search(r"^one +cmpp/test", simulator("scenario", "list").stdout, re.MULTILINE)
        assert "cmpp plays silent" in simulator("scenario", "set", "silent").stderr
        assert json.loads(simulator("scenario", "show", "silent").stdout)["scenario"]["loss"] == {
            "responses": 1,
            "texts": 1,
        }
        simulator("scenario", "set", f"{mine}:one", "--carrier", "cmpp", "--login", "test")
        assert simulator("scenario", "clear").returncode == 0
        left = json.loads(simulator("scenario", "show").stdout)["carriers"]
        assert [(one["name"], one["is_own"]) for one in left] == [("", True), ("", False)]
        unknown = simulator("scenario", "set", "none")
        assert (unknown.returncode, "there is no scenario 'none'" in unknown.stderr) == (1, True)
        lonely = simulator("scenario", "clear", "--login", "test")
        assert (lonely.returncode, "--carrier" in lonely.stderr) == (1, True)


def test_the_settings_say_where_the_phones_are_when_nobody_does(tmp_path: Path) -> None:
    begin = ("--protocol", "cmpp", "--listen", "127.0.0.1:0", "--data", str(tmp_path))
    with a_program(*begin) as simulator:
        port = simulator.url.rstrip("/").rsplit(":", 1)[1]
        (tmp_path / "hongyan.toml").write_text(f"[simulator]\nphone_port = {port}\n", encoding="utf-8")
        assert "on" in hongyan("phone", ANNA, "--data", str(tmp_path)).stdout
        (tmp_path / "hongyan.toml").write_text("[simulator]\nphone_port = 9\n", encoding="utf-8")
        assert "at http://127.0.0.1:9: " in hongyan("phone", ANNA, "--data", str(tmp_path)).stderr


def test_phones_are_turned_and_answered_from_a_terminal(tmp_path: Path) -> None:
    with a_program("--protocol", "cmpp", "--listen", "127.0.0.1:0", "--data", str(tmp_path)) as simulator:
        assert json.loads(simulator("phone", ANNA, "off", "--json").stdout)["state"] == "off"
        assert "off" in simulator("phone", ANNA).stdout
        unclear = simulator("reply", ANNA, "退订")
        assert (unclear.returncode, "to: nobody has written" in unclear.stderr) == (1, True)
        sent = simulator("reply", ANNA, "退订", "--to", "106900001", "--login", "test", "--json")
        assert json.loads(sent.stdout)["to"] == "106900001"


def test_a_setup_has_as_many_carriers_as_its_file(tmp_path: Path) -> None:
    setup = tmp_path / "setup.toml"
    logins = "logins = [{ login = 'a', password = 'x' }, { login = 'b', password = 'y' }]"
    carriers = [
        f"[[carriers]]\nname = '{name}'\nprotocol = '{name}'\nport = 0\n{logins}\n" for name in ("smpp", "smgp")
    ]
    setup.write_text(f"journal = '{tmp_path}/journal'\n[phones]\nport = 0\n{''.join(carriers)}", encoding="utf-8")
    with a_program("--setup", str(setup), "--data", str(tmp_path)) as simulator:
        shown = json.loads(simulator("scenario", "show").stdout)["carriers"]
        assert [(one["carrier"], one["login"]) for one in shown] == [
            (name, login) for name in ("smpp", "smgp") for login in (None, "a", "b")
        ]
        assert "password" not in simulator.told
    assert (tmp_path / "journal").exists()


@pytest.mark.parametrize(
    "words, told",
    [
        (["--protocol", "cmpp", "--login", "1234567"], "--login: login 1234567 has more than the 6 characters of cmpp"),
        (["--protocol", "smpp", "--password", "123456789"], "--password: the password of test has more than the 8"),
        (["--protocol", "cmpp", "--scenario", "none"], "--scenario: 'none' is none of healthy"),
        (["--protocol", "cmpp", "--scenario", "/none.toml"], "cannot be read"),
        (["--protocol", "smpp", "--tls-key", "x"], "--tls-certificate and --tls-key together"),
        (["--scenario", "silent"], "--scenario: This goes with --protocol or --setup."),
        (["--setup", "x", "--listen", "127.0.0.1:0"], "--listen: This goes with --protocol, and not with --setup."),
        (["--setup", "/none.toml"], "--setup: /none.toml cannot be read"),
        (["scenario", "list", "--url", "http://127.0.0.1:1"], "no simulator answers at http://127.0.0.1:1"),
        (["scenario", "list", "--url", "ftp://x"], "is no http address"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: list[str], told: str) -> None:
    done = hongyan(*words)

    assert done.returncode in (1, 2, 3)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "text, told",
    [
        ("[[carriers]]\nname = 'a'\nport = 99999\nlogins = []", "carriers[0].port"),
        ("carriers = []\n[scenarios.a.loss]\ntexts = 2", "texts"),
        ("carriers = 5", "carriers"),
        ("= 5", "setup.toml"),
    ],
)
def test_a_setup_that_is_wrong_names_the_field(text: str, told: str, tmp_path: Path) -> None:
    setup = tmp_path / "setup.toml"
    setup.write_text(text, encoding="utf-8")
    done = hongyan("--setup", str(setup))

    assert done.returncode == 1
    assert told in done.stderr


@pytest.mark.parametrize("protocol", ["cmpp", "smgp", "smpp"])
def test_only_sgip_is_dialled_back(protocol: str) -> None:
    refused = hongyan("--protocol", protocol, "--dial-back", "127.0.0.1:8802")
    assert (refused.returncode, "--dial-back: This goes with --protocol sgip." in refused.stderr) == (1, True)


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.pem"
    refused = hongyan("--protocol", "smpp", "--tls-certificate", str(missing), "--tls-key", str(missing))
    assert (refused.returncode, f"--tls-certificate: {missing} cannot be read" in refused.stderr) == (1, True)
