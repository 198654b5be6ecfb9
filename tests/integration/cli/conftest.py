"""The command line, run in this process on a database of its own."""

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest
import structlog

from hongyan.cli.main import main
from hongyan.kit.secrets import Vault


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


Hongyan: TypeAlias = Callable[..., Ran]


@pytest.fixture
def hongyan(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Hongyan]:
    """Run `hongyan` with these arguments and return its exit code and what it printed."""
    config = tmp_path / "hongyan.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n[database]\nurl = "{database_url}"\n', encoding="utf-8")
    Vault.load_or_create(tmp_path / "master.key")
    handlers = logging.getLogger().handlers

    def run(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["hongyan", *arguments, "--config", str(config)])
        monkeypatch.setattr(sys, "stdin", _Typed(stdin))
        try:
            main()
            code = 0
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    yield run
    logging.getLogger().handlers = handlers
    structlog.reset_defaults()


class _Typed:
    """Standard input that is no terminal."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> str:
        return self._text

    def isatty(self) -> bool:
        return False
