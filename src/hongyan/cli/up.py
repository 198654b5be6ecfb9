"""`hongyan up`: the whole platform on this machine."""

import asyncio
import contextlib
import shlex
import sys
from typing import Annotated, TextIO

import typer

from hongyan.kit.clock import SystemClock
from hongyan.runtime.demo import SAMPLE_TEXT
from hongyan.runtime.logging import configure_logging
from hongyan.runtime.private_files import make_data_dir, open_log
from hongyan.runtime.settings import Settings
from hongyan.runtime.supervisor import Ready, Supervisor

from .console import print_json
from .context import command_settings, common_options
from .group import Group
from .roles import split_address

app = Group("The whole platform on this machine.")


@app.verb("up")
def up(
    http: Annotated[
        str | None,
        typer.Option("--http", metavar="HOST:PORT", help="Where the API listens [127.0.0.1:8080].", show_default=False),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option("--database-url", metavar="URL", help="A PostgreSQL of your own.", show_default=False),
    ] = None,
    api_workers: Annotated[
        int | None, typer.Option("--api-workers", metavar="N", help="API processes [1].", show_default=False)
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="With simulated carriers, sandbox phones and an account that can send.")
    ] = False,
) -> None:
    """Run the whole platform on this machine until Ctrl-C.

    It answers this machine only (loopback) unless told otherwise.
    """
    host, port = split_address(http)
    settings = command_settings(
        http__host=host, http__port=port, database__url=database_url, http__api_workers=api_workers
    )
    with contextlib.ExitStack() as opened:
        log = _open_log(settings, opened)
        configure_logging(settings.logs, role="supervisor", stream=log)
        announcer = ConsoleAnnouncer(settings, logs_to_file=log is not None)
        supervisor = Supervisor(settings, with_demo=demo, clock=SystemClock(), announcer=announcer, log=log)
        asyncio.run(supervisor.run())


def _open_log(settings: Settings, opened: contextlib.ExitStack) -> TextIO | None:
    """Return the log file, or None where logs go to standard error."""
    is_file = settings.logs.to == "file" or (settings.logs.to == "auto" and sys.stderr.isatty())
    if not is_file:
        return None
    make_data_dir(settings.data_dir)
    return opened.enter_context(open_log(settings.log_path))


class ConsoleAnnouncer:
    """Tells on the terminal what happens; as JSON, only that the platform is ready."""

    def __init__(self, settings: Settings, *, logs_to_file: bool) -> None:
        self._settings = settings
        self._why = f"; {settings.log_path} says why" if logs_to_file else ""

    def starting(self, what: str) -> None:
        """Something that may take a moment begins."""
        self._tell(f"starting {what} …")

    def ready(self, platform: Ready) -> None:
        """All roles are ready."""
        if common_options.get().as_json:
            print_json(platform)
            sys.stdout.flush()
            return
        self._tell("")
        self._tell(f"  鸿雁 Hongyan is ready ({platform.seconds:.1f} s)")
        self._tell(f"  API          {platform.api_url}")
        self._tell(f"  data, log    {self._settings.data_dir}")
        if platform.demo is not None:
            self._tell(f"  phones       {platform.demo.phone_url}")
            self._tell(f"  demo account {self._settings.demo_path}")
            self._tell(f"    secret_id  {platform.demo.secret_id}")
            self._tell(f"    secret_key {platform.demo.secret_key}")
            self._tell("")
            self._tell("  Send a text, from another terminal:")
            self._tell("")
            self._tell(curl_line(platform.demo.send_url, platform.demo.secret_id, platform.demo.secret_key))
        self._tell("")
        self._tell("  Ctrl-C stops it.")

    def restarting(self, what: str, reason: str, pause_seconds: float) -> None:
        """A role or the database died and will be started again."""
        self._tell(f"{what}: {reason}; starting it again in {pause_seconds:.1f} s{self._why}")

    def stopping(self) -> None:
        """The first signal came."""
        self._tell("stopping: what is in hand is finished first; Ctrl-C again ends at once")

    def _tell(self, line: str) -> None:
        if not common_options.get().as_json:
            with contextlib.suppress(OSError):  # the terminal may have gone away, for which we drain like for SIGTERM
                print(line, flush=True)


def curl_line(send_url: str, secret_id: str, secret_key: str) -> str:
    """Return a shell command that signs and sends a text; it takes the date when it runs."""
    return f"""\
D=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
S=$(printf 'x-date: %s\\nx-source: market' "$D" | openssl dgst -sha1 -hmac {shlex.quote(secret_key)} -binary | base64)
curl -sS -w '\\n' -X POST -G {shlex.quote(send_url)} \\
  --data-urlencode 'content={SAMPLE_TEXT}' --data-urlencode 'mobile=13800138000' \\
  -H "X-Date: $D" -H 'X-Source: market' \\
  -H "Authorization: hmac id=\\"{secret_id}\\", algorithm=\\"hmac-sha1\\", headers=\\"x-date x-source\\", signature=\\"$S\\""\
"""
