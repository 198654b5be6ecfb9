"""Fuzz carrier protocols with coverage as the guide: `python -m fuzz --protocol smgp --seconds 60`.

Inputs worth keeping go to `var/fuzz/<protocol>`, which starts from the captured frames. An input that breaks a
promise is left in `var/fuzz` as `<protocol>-crash-…`; `python -m fuzz --protocol smgp FILE` tries it again.
"""

import argparse
import subprocess
import sys
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hongyan.wire"]):
    from fuzz.subjects import SUBJECTS

from fuzz.promises import check
from fuzz.seeds import seeds
from fuzz.subject import Subject

FOLDER = Path(__file__).parent.parent / "var" / "fuzz"
INPUT_SIZE_MAX = 8192
INPUT_SECONDS_MAX = 10
ALL = "all"


def main() -> int:
    """Fuzz for so long, or try the named inputs again."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--protocol", choices=[ALL, *SUBJECTS], default=ALL, help="what to fuzz (all, in turn)")
    parser.add_argument("--seconds", type=int, default=60, help="how long to fuzz each (60)")
    parser.add_argument("inputs", nargs="*", type=Path, metavar="FILE", help="try only these inputs")
    options = parser.parse_args()
    names = list(SUBJECTS) if options.protocol == ALL else [options.protocol]
    if options.inputs:
        for name in names:
            for path in options.inputs:
                check(SUBJECTS[name], path.read_bytes())
        print(f"{len(options.inputs)} inputs kept every promise")
        return 0
    if options.protocol != ALL:
        _fuzz(SUBJECTS[options.protocol], options.seconds)
    return max(_fuzz_apart(name, options.seconds) for name in names)


def _fuzz_apart(name: str, seconds: int) -> int:
    """Fuzz in a process of its own, which the fuzzer ends; return its exit status."""
    print(f"--- {name}: {seconds} s", flush=True)
    command = [sys.executable, "-m", "fuzz", "--protocol", name, "--seconds", str(seconds)]
    return subprocess.run(command, check=False).returncode


def _fuzz(subject: Subject, seconds: int) -> None:
    """Fuzz until the time is over or a promise is broken; does not return."""
    corpus = FOLDER / subject.name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(subject)):
        (corpus / f"seed-{number:04}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_SIZE_MAX}",
        f"-timeout={INPUT_SECONDS_MAX}",
        f"-artifact_prefix={FOLDER}/{subject.name}-",
        str(corpus),
    ]
    atheris.Setup(arguments, partial(check, subject))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
