"""Servers and commands, started for a block."""

import os
import socket
import sys

import pytest
from housing_price_bench.servers.lifetime import run_to_end, start_servers
from housing_price_bench.servers.usage import measure_usage
from supervised_processes.errors import ChildEndedError
from supervised_processes.process import Process

pytestmark = pytest.mark.integration


def process(code: str, port: int | None = None) -> Process:
    url = f"http://127.0.0.1:{port}/" if port else None
    return Process(
        name="it", command=(sys.executable, "-c", code), environment=dict(os.environ), ready_url=url, finishes=not port
    )


def server(code: str = "") -> Process:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    serve = f"from housing_price_bench.servers.fixed_response import serve; import asyncio\nasyncio.run(serve({port}))"
    return process(code or serve, port)


async def test_the_usage_of_a_server_is_known_while_it_runs() -> None:
    running = server()

    async with start_servers(running):
        use = measure_usage([running])

    assert 5 < use["it"].resident_mb < 200
    assert use["it"].cpu_seconds > 0
    assert measure_usage([running]) == {}


async def test_a_server_that_ends_ends_the_block() -> None:
    with pytest.raises(ChildEndedError, match=r"it ended with exit code 3.*\n  no model"):
        async with start_servers(server("print('no model', flush=True); raise SystemExit(3)")):
            pytest.fail("it was never ready")


async def test_a_failing_command_raises() -> None:
    with pytest.raises(ChildEndedError, match=r"exit code 4"):
        await run_to_end(process("raise SystemExit(4)"))
