"""A Redis server of the test's own, on a free port, that keeps nothing."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from free_ports import free_port
from machine import demand
from waiting import wait_until

PASSWORD = "redis-password-of-the-tests"


@contextmanager
def redis_server(folder: Path, port: int | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Its address, password included, and its process; the test skips, or fails in CI, where none is installed."""
    demand("redis")
    port = port or free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD]
    process = subprocess.Popen(["redis-server", *options], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(port)
        yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0", process
    finally:
        process.kill()
        process.wait()


def _wait_until_it_answers(port: int) -> None:
    def answers() -> bool:
        with suppress(ConnectionRefusedError, TimeoutError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    wait_until(answers)
