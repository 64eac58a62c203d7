"""A log that nobody reads keeps nobody from an answer."""

import logging
import os
import subprocess
from pathlib import Path

import httpx
import pytest
from free_ports import free_port
from housing_price_orchestrator.observability.log_queue import QueuedHandler
from running_orchestrator import command, environment

pytestmark = pytest.mark.resilience


class StuckSink:
    """Takes nothing until it is let go."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.lines = 0

    def write(self, _text: str) -> int:
        os.read(self._read, 1)
        self.lines += 1
        return 0

    def flush(self) -> None: ...

    def let_go(self) -> None:
        os.write(self._write, b"x" * 60_000)


def test_r29_lines_beyond_the_queue_are_dropped_and_counted() -> None:
    sink = StuckSink()
    handler = QueuedHandler(sink, max_lines=100)  # type: ignore[arg-type]  # the part of a text file that it needs
    log = logging.Logger("test")
    log.addHandler(handler)

    for number in range(1000):
        log.warning("line %s", number)

    assert 899 <= handler.dropped <= 900  # one may be at the sink
    sink.let_go()
    handler.close()
    assert sink.lines + handler.dropped == 1000


def test_r29_a_full_pipe_stops_no_request_and_no_end(tmp_path: Path) -> None:
    port = free_port()
    settings = {"PRICING_MODEL__URL": f"http://127.0.0.1:{free_port()}", "LOG__REQUESTS": "all", "LOG__FORMAT": "json"}
    process = subprocess.Popen(
        command("serve", "--port", str(port)), env=environment(**settings), cwd=tmp_path, stderr=subprocess.PIPE
    )  # whose pipe nobody reads
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=0)) as client:
            _wait_for(client, process)
            for _ in range(2000):  # lines of 300 bytes and more, against a pipe of 64 KiB
                assert client.get("/health").status_code == 200
        process.terminate()
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.communicate()


def _wait_for(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            client.get("/health")
        except httpx.TransportError:
            continue
        return
    raise AssertionError("it did not start")
