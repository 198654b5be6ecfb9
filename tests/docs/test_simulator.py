"""What the simulator's page shows can be typed, read and run as it stands."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from hongyan.simulator.config import SimulatorConfig, Speech
from hongyan.simulator.proxy import ToxicPair, Toxics
from hongyan.simulator.scenario import Loss, Reports, Scenario, Wire, scenarios_from_toml

from .markdown import ROOT, blocks

PAGE = "docs/simulator.md"


def block_with(language: str, words: str) -> str:
    """Return the one block of the page that holds these words."""
    (found,) = [block.text for block in blocks(PAGE, language) if words in block.text]
    return found


def test_the_scenario_with_everything_has_everything() -> None:
    text = block_with("toml", "[everything]")
    scenario = scenarios_from_toml(text)["everything"]

    for part, kind in [(scenario, Scenario), (scenario.loss, Loss), (scenario.reports, Reports), (scenario.wire, Wire)]:
        ordinary = kind()
        left_out = [name for name in kind.__struct_fields__ if getattr(part, name) == getattr(ordinary, name)]
        assert [name for name in left_out if name not in text] == ([] if kind is not Scenario else ["title_zh"])


def test_the_setup_can_be_read() -> None:
    config = msgspec.toml.decode(block_with("toml", "[[carriers]]"), type=SimulatorConfig)

    assert [carrier.protocol for carrier in config.carriers] == [Speech.SGIP, Speech.SMPP]
    assert config.scenario == "busy-evening"


def test_the_carrier_for_other_gateways_starts(tmp_path: Path) -> None:
    line = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", block_with("sh", "--protocol smpp"))
    words = [*shlex.split(line)[1:], "--phones", "127.0.0.1:0", "--data", str(tmp_path)]
    with subprocess.Popen([sys.executable, "-m", "hongyan", *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = ""
        for read in process.stderr:
            told += read
            if read.startswith("phones: "):
                process.terminate()
        assert process.wait(30) == 0, told
    assert re.search(r"^smpp: smpp at 127\.0\.0\.1:\d+  login test$", told, re.MULTILINE)


def test_the_proxy_works_in_a_test_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(block_with("python", "ChaosProxy"), encoding="utf-8")
    line = [sys.executable, str(tmp_path / "program.py")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=20, check=False)

    assert (done.returncode, done.stdout) == (0, "b'hello'\n"), done.stderr


@pytest.mark.parametrize("kind", [Toxics, ToxicPair])
def test_every_toxic_is_told_of(kind: type[msgspec.Struct]) -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")

    assert [name for name in kind.__struct_fields__ if f"`{name}`" not in page and f'"{name}"' not in page] == []
