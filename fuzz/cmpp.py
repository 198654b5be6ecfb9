"""Fuzz CMPP with coverage as the guide: `python -m fuzz.cmpp [--seconds 60]`.

Inputs worth keeping go to `var/fuzz/cmpp`, which starts from the captured frames. An input that
breaks a promise is left in `var/fuzz` as `crash-…`; `python -m fuzz.cmpp FILE` tries it again.
"""

import argparse
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hongyan.wire"]):
    from fuzz.promises import check

from fuzz.seeds import seeds

CORPUS = Path(__file__).parent.parent / "var" / "fuzz" / "cmpp"
INPUT_SIZE_MAX = 8192


def main() -> None:
    """Fuzz for so long, or try the named inputs again."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.cmpp", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long to fuzz (60)")
    parser.add_argument("inputs", nargs="*", type=Path, metavar="FILE", help="try only these inputs")
    options = parser.parse_args()
    if options.inputs:
        for path in options.inputs:
            check(path.read_bytes())
        print(f"{len(options.inputs)} inputs kept every promise")
        return
    CORPUS.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (CORPUS / f"seed-{number:04}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        f"-max_total_time={options.seconds}",
        f"-max_len={INPUT_SIZE_MAX}",
        f"-artifact_prefix={CORPUS.parent}/",
        str(CORPUS),
    ]
    atheris.Setup(arguments, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
