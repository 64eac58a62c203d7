"""The orchestrator as a user runs it: its command on a free port, talked to over HTTP."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from free_ports import free_port
from waiting import wait_until


def command(*options: str) -> list[str]:
    """The command line of ``housing-price-orchestrator``."""
    return [sys.executable, "-m", "housing_price_orchestrator", *options]


def environment(**settings: str) -> dict[str, str]:
    """The environment with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRATOR_")}
    return kept | {f"ORCHESTRATOR_{name}": value for name, value in settings.items()}


@contextmanager
def orchestrator(folder: Path, *options: str, **settings: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """``serve`` in that folder, answering, in a process group of its own; its port and its process."""
    port = free_port()
    nowhere = {"PRICING_MODEL__URL": f"http://127.0.0.1:{free_port()}"}
    process = subprocess.Popen(
        command("serve", "--port", str(port), *options),
        env=environment(**nowhere | settings),
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _wait_until_it_answers(port, process)
        yield port, process
    finally:
        process.kill()
        process.communicate()


def _wait_until_it_answers(port: int, process: subprocess.Popen[str]) -> None:
    def answers() -> bool:
        assert process.poll() is None, process.communicate()[1]
        try:
            client.get(f"http://127.0.0.1:{port}/health")
        except httpx.TransportError:
            return False
        return True

    with httpx.Client() as client:
        wait_until(answers)
