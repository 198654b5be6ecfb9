"""The options of `hongyan simulator` itself."""

from pathlib import Path
from typing import Annotated

import typer

from hongyan.simulator.config import Speech

ProtocolOption = Annotated[
    Speech | None, typer.Option("--protocol", help="Simulate one carrier of this protocol, alone.", show_default=False)
]
ListenOption = Annotated[
    str | None,
    typer.Option(
        "--listen",
        metavar="HOST:PORT",
        help="Where the carrier listens; 127.0.0.1 and the protocol's usual port else.",
        show_default=False,
    ),
]
LoginOption = Annotated[str, typer.Option("--login", metavar="NAME", help="Whom it lets in.")]
PasswordOption = Annotated[
    str,
    typer.Option(
        "--password",
        metavar="WORD",
        envvar="HONGYAN_SIMULATOR_PASSWORD",
        help="The login's password; one is made up and printed else.",
        show_default=False,
    ),
]
DialBackOption = Annotated[
    str | None,
    typer.Option(
        "--dial-back", metavar="HOST:PORT", help="SGIP: where reports and replies are taken to.", show_default=False
    ),
]
SameConnectionOption = Annotated[
    bool, typer.Option("--same-connection", help="SGIP: send reports and replies over the customer's links.")
]
CertificateOption = Annotated[
    Path | None, typer.Option("--tls-certificate", metavar="FILE", help="Listen with TLS.", show_default=False)
]
KeyOption = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", help="The certificate's key.", show_default=False)
]
ScenarioOption = Annotated[
    str, typer.Option("--scenario", metavar="NAME|FILE", help="What it plays from the start.", show_default=False)
]
PhonesOption = Annotated[str, typer.Option("--phones", metavar="HOST:PORT", help="Where the phones are.")]
JournalOption = Annotated[
    Path | None, typer.Option("--journal", metavar="FILE", help="Append submits and reports to it.", show_default=False)
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="Makes delays and chances repeatable.", show_default=False)
]
SetupOption = Annotated[
    Path | None,
    typer.Option("--setup", metavar="FILE", help="A TOML file with carriers, logins and all else.", show_default=False),
]
