"""What a message costs on the wire: `python -m benchmarks.codec [--json FILE]`.

Two things are measured. The codec alone: building, encoding and decoding a CMPP 3.0 SUBMIT of 45
UCS-2 characters to one number (285 octets), and the submits of the other protocols with the same text. And a link: a client and a listener in one process,
window 64, each SUBMIT encoded, decoded, answered and matched, so that a message's CPU time is that
of both ends together.

Rounds are interleaved and the minimum is kept: on a machine with neighbours the smallest figure is
the one least disturbed.
"""

import argparse
import asyncio
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from timeit import timeit

import structlog
import uvloop

from benchmarks.codec import others
from benchmarks.codec.loopback import run_loopback
from hongyan.wire.cmpp.dialect import CMPP, HEADER
from hongyan.wire.cmpp.pdus import V30, Deliver, Submit, SubmitResp
from hongyan.wire.cmpp.report import Report, decode_report, encode_report

ROUNDS = 15
CALLS = 4000
LOOPBACK_ROUNDS = 5
MESSAGES = 20_000
TEXT = ("【鸿雁】您的验证码是123456，五分钟内有效。" * 2).encode("utf-16-be")[:90]


def submit() -> Submit:
    """Build the SUBMIT that is measured."""
    return Submit(
        service_id="SVC01",
        msg_src="901234",
        src_id="106900011234",
        dest_terminal_id=("13800138000",),
        msg_content=TEXT,
    )


def measure_codec() -> dict[str, float]:
    """Return the µs of each step, the minimum of all rounds."""
    codec = CMPP.codec(V30)
    encode = codec.encoders
    decode = codec.decoders
    a_submit = submit()
    content = encode_report(Report(1, "DELIVRD", "2611221200", "2611221201", "13800138000", 77))
    deliver = Deliver(msg_id=2, dest_id="106900011234", src_terminal_id="13800138000", msg_content=content)
    response = SubmitResp(1)
    bodies = {
        kind: encode[kind](pdu, 1)[HEADER.size :]
        for kind, pdu in ((Submit, a_submit), (Deliver, deliver), (SubmitResp, response))
    }
    steps: dict[str, Callable[[], object]] = {
        "submit_build_us": submit,
        "submit_encode_us": lambda: encode[Submit](a_submit, 1),
        "submit_decode_us": lambda: decode[4](bodies[Submit], 0),
        "submit_resp_encode_us": lambda: encode[SubmitResp](response, 1),
        "submit_resp_decode_us": lambda: decode[0x80000004](bodies[SubmitResp], 0),
        "deliver_encode_us": lambda: encode[Deliver](deliver, 1),
        "deliver_decode_us": lambda: decode[5](bodies[Deliver], 0),
        "report_decode_us": lambda: decode_report(content),
        **others.steps(TEXT),
    }
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(ROUNDS):
        for name, step in steps.items():
            best[name] = min(best[name], timeit(step, number=CALLS) / CALLS * 1e6)
    return {name: round(value, 2) for name, value in best.items()}


def measure_loopback() -> dict[str, float]:
    """Return messages a second and CPU µs a message of a link on both event loops, the best of all rounds."""
    loops = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    best: dict[str, tuple[float, float]] = dict.fromkeys(loops, (float("inf"), float("inf")))
    for _ in range(LOOPBACK_ROUNDS):
        for name, new_loop in loops.items():
            with asyncio.Runner(loop_factory=new_loop) as runner:
                wall, cpu = runner.run(_timed())
            best[name] = min(best[name][0], wall), min(best[name][1], cpu)
    figures: dict[str, float] = {}
    for name, (wall, cpu) in best.items():
        figures[f"loopback_{name}_messages_per_second"] = round(MESSAGES / wall)
        figures[f"loopback_{name}_cpu_us"] = round(cpu / MESSAGES * 1e6, 1)
    return figures


async def _timed() -> tuple[float, float]:
    async with run_loopback(submit(), MESSAGES) as finished:
        wall, cpu = time.perf_counter(), time.process_time()
        await finished.wait()
        return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Measure, print, and write the figures where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codec", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures = measure_codec() | measure_loopback()
    for name, value in figures.items():
        print(f"{name:40}{value:>12,}")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
