"""`python -m housing_price_bench.generators.bundled_process URL …`: sends one load over HTTP/1.1 and prints
its outcome in one line.

Imports nothing heavy, and builds each request once, before the load.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from housing_price_bench.generators.connection import Connection
from housing_price_bench.generators.load import OUTCOME, Outcome
from housing_price_bench.generators.tally import Tally

_BETWEEN_ATTEMPTS_SECONDS = 0.05


async def send_load(
    url: str, bodies: Sequence[bytes], *, connections: int, seconds: float, pause_seconds: float = 0.0
) -> Outcome:
    """Keep the connections busy for `seconds`: POST each body in turn, or GET without bodies."""
    tally = Tally()
    requests = cycle(_build_requests(url, bodies))
    began, cpu_began = time.perf_counter(), time.process_time()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as callers:
            for _ in range(connections):
                callers.create_task(_keep_busy(url, requests, tally, pause_seconds))
    return tally.to_outcome(time.perf_counter() - began, time.process_time() - cpu_began)


async def _keep_busy(url: str, requests: Iterator[bytes], tally: Tally, pause_seconds: float) -> None:
    """Use one connection after the other, until cancelled."""
    while True:
        try:
            await _use_one_connection(url, Connection(requests, tally, pause_seconds))
        except OSError:
            tally.broken += 1
            await asyncio.sleep(_BETWEEN_ATTEMPTS_SECONDS)


async def _use_one_connection(url: str, connection: Connection) -> None:
    place = urlsplit(url)
    loop = asyncio.get_running_loop()
    try:
        await loop.create_connection(lambda: connection, place.hostname or "127.0.0.1", place.port or 80)
        await connection.closed
    finally:
        # The time may be up between the first request and the return of create_connection.
        connection.end()


def _build_requests(url: str, bodies: Sequence[bytes]) -> list[bytes]:
    place = urlsplit(url)
    method = "POST" if bodies else "GET"
    head = f"{method} {place.path or '/'} HTTP/1.1\r\nHost: {place.netloc}\r\n"
    if not bodies:
        return [f"{head}\r\n".encode()]
    head += "Content-Type: application/json\r\n"
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


def main() -> None:
    """Send the load of the command line and print its outcome."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--bodies", type=Path)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--pause-seconds", type=float, default=0.0)
    chosen = parser.parse_args()
    bodies = chosen.bodies.read_bytes().splitlines() if chosen.bodies else []
    load = send_load(
        chosen.url,
        bodies,
        connections=chosen.connections,
        seconds=chosen.seconds,
        pause_seconds=chosen.pause_seconds,
    )
    outcome = uvloop.run(load)
    sys.stdout.write(f"outcome {OUTCOME.dump_json(outcome).decode()}\n")


if __name__ == "__main__":
    main()
