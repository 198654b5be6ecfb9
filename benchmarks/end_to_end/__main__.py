"""`python -m benchmarks.end_to_end [--seconds 20] [--json FILE]`: what the whole road carries on this machine.

Three loads after each other on one platform: as fast as it goes (64 connections, one number a request), 500 requests
a second at an even pace, and requests with 200 numbers. Every accept is durable, every rule is on.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from msgspec.structs import replace

from hongyan.content.book import DEBUG_TEXT
from hongyan.simulator.journal import Received, read_journal

from .client import MAINLAND, PREFIXES, Sample, Target
from .load import Job, run_load
from .platform import Platform, cpu_seconds, resident_bytes, running_platform

TEXT = "【鸿雁】您的验证码是{code}，5分钟内有效，请勿告诉他人。如非本人操作请忽略。"
ACCOUNT = "bench"
DRAIN_SECONDS_MAX = 60.0
FULL_FIRST, PACED_FIRST, BULK_FIRST = 10_000_000, 50_000_000, 70_000_000


def main() -> None:
    """Run the loads and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.end_to_end", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the full load")
    parser.add_argument("--paced-seconds", type=float, default=10.0, help="length of the paced load; 0 leaves it out")
    parser.add_argument("--bulk-seconds", type=float, default=5.0, help="length of the bulk load; 0 leaves it out")
    parser.add_argument("--rate", type=float, default=500.0, help="requests a second of the paced load")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--protocol", choices=PREFIXES, help="only to the carrier that speaks it; all, when left out")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    started = time.monotonic()
    with running_platform() as platform:
        figures: dict[str, Any] = {"start_cold_seconds": round(time.monotonic() - started, 2)}
        prefixes = PREFIXES[options.protocol] if options.protocol else MAINLAND
        target = prepare(platform)
        job = Job(target, options.seconds, options.connections, FULL_FIRST, prefixes=prefixes)
        figures |= full_load(platform, job)
        if options.paced_seconds:
            figures |= paced_load(
                platform, replace(job, seconds=options.paced_seconds, requests_per_second=options.rate)
            )
        if options.bulk_seconds:
            figures |= bulk_load(platform, replace(job, seconds=options.bulk_seconds))
        figures["rss_mb"] = {role: size >> 20 for role, size in resident_bytes(platform.processes()).items() if size}
        figures["rss_python_mb"] = sum(
            size for role, size in figures["rss_mb"].items() if role not in ("postgres", "simulator")
        )
    for name, value in figures.items():
        print(f"{name:36} {json.dumps(value) if isinstance(value, dict) else value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def prepare(platform: Platform) -> Target:
    """Make an account with a verification template and enough money."""
    run = platform.hongyan
    run("account", "create", ACCOUNT, "--price", "45")
    run("balance", "recharge", ACCOUNT, "--yuan", "1000000")
    key = run("key", "create", "--account", ACCOUNT)
    signature = run("signature", "register", "鸿雁", "--account", ACCOUNT)
    run("signature", "approve", str(signature["signature_id"]))
    body = TEXT.split("】", 1)[1].replace("{code}", "{1}")
    template = run("template", "register", body, "--account", ACCOUNT, "--kind", "verification")
    run("template", "approve", str(template["template_id"]))
    url = urlsplit(platform.demo()["send_url"])
    time.sleep(1.5)  # approved everywhere within a second
    return Target(
        url.hostname or "", url.port or 80, url.path, key["secret_id"], key["secret_key"], TEXT.format(code="295713")
    )


def full_load(platform: Platform, job: Job) -> dict[str, Any]:
    """As fast as it goes."""
    run_load(replace(job, seconds=1.5, first_number=FULL_FIRST - 2_000_000))  # warm up: plans, caches, connections
    drain(platform)
    processes = platform.processes()
    before, cpu = count(platform), cpu_seconds(processes)
    started = time.monotonic()
    samples = run_load(job)
    loaded = time.monotonic() - started
    at_end = count(platform)
    cpu_after = cpu_seconds(processes)
    drained = drain(platform)
    after = count(platform)
    messages = sum(sample.accepted for sample in samples)
    finals = at_end["final"] - before["final"]
    return {
        "accepted_per_second": round(messages / job.seconds),
        "submitted_per_second": round((at_end["submitted"] - before["submitted"]) / loaded),
        "delivered_per_second": round(finals / loaded),
        "delivered_per_second_with_drain": round((after["delivered"] - before["delivered"]) / (loaded + drained)),
        "backlog_at_end_of_load": at_end["waiting"],
        "backlog_after_drain": after["waiting"],
        "drain_seconds": round(drained, 2),
        "refused_requests": sum(sample.accepted == 0 for sample in samples),
        "accept_p50_ms": quantile(samples, 0.5),
        "accept_p99_ms": quantile(samples, 0.99),
        "cpu_us_per_message": {
            role: round((cpu_after[role] - cpu[role]) / max(1, messages) * 1e6) for role in cpu if cpu_after[role]
        },
    }


def paced_load(platform: Platform, job: Job) -> dict[str, Any]:
    """An even pace, open loop: latency to the answer and to the carrier."""
    samples = run_load(replace(job, connections=64, first_number=PACED_FIRST))
    drain(platform)
    sent = {sample.mobile[-11:]: sample.sent_at for sample in samples if sample.accepted}
    waits = sorted(
        line.at_us / 1e6 - sent[line.destination[-11:]]
        for line in read_journal(platform.journal)
        if isinstance(line, Received) and line.destination[-11:] in sent
    )
    return {
        "paced_rate_per_second": job.requests_per_second,
        "paced_refused_requests": sum(sample.accepted == 0 for sample in samples),
        "paced_accept_p50_ms": quantile(samples, 0.5),
        "paced_accept_p99_ms": quantile(samples, 0.99),
        "paced_to_carrier_p50_ms": round(waits[len(waits) // 2] * 1000, 2),
        "paced_to_carrier_p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 2),
    }


def bulk_load(platform: Platform, job: Job) -> dict[str, Any]:
    """Requests with 200 numbers each, of a notification: nobody sends one code to 200 phones."""
    target = replace(job.target, content=DEBUG_TEXT)
    started = time.monotonic()
    samples = run_load(replace(job, target=target, connections=8, first_number=BULK_FIRST, numbers_per_request=200))
    loaded = time.monotonic() - started
    messages = sum(sample.accepted for sample in samples)
    drained = drain(platform)
    return {
        "bulk_accepted_per_second": round(messages / loaded),
        "bulk_delivered_per_second": round(messages / (loaded + drained)),
        "bulk_refused_requests": sum(sample.accepted == 0 for sample in samples),
        "bulk_accept_p99_ms": quantile(samples, 0.99),
    }


def drain(platform: Platform) -> float:
    """Wait until every message is final; returns the seconds that took."""
    started = time.monotonic()
    while time.monotonic() - started < DRAIN_SECONDS_MAX:
        if not count(platform)["live"]:
            break
        time.sleep(0.05)
    return time.monotonic() - started


def count(platform: Platform) -> dict[str, int]:
    """Count messages by how far they are, in what is written."""
    return asyncio.run(_count(platform.demo()["database_url"]))


async def _count(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM live_messages) AS live,"
            " (SELECT count(*) FROM live_messages WHERE NOT claimed) AS waiting,"
            " (SELECT count(*) FROM segments) AS submitted,"
            " (SELECT count(*) FROM messages WHERE state >= 10) AS final,"
            " (SELECT count(*) FROM messages WHERE state = 10) AS delivered"
        )
    finally:
        await connection.close()
    assert row is not None
    return dict(row)


def quantile(samples: list[Sample], share: float) -> float:
    """Return a quantile of the answered requests' times in milliseconds."""
    times = sorted(sample.seconds for sample in samples if sample.accepted)
    return round(times[int(len(times) * share)] * 1000, 2) if times else -1.0


if __name__ == "__main__":
    main()
