"""Runs `housing-price up`: checks, starts everything, announces it, and stops it in the end."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from supervised_processes.environment import list_ignored_variables
from supervised_processes.process import Process
from supervised_processes.readiness import make_loopback_client, wait_until_ready
from supervised_processes.supervisor import Supervisor

from housing_price.announcement import format_example_request, format_ready_lines
from housing_price.console import PrefixedConsole
from housing_price.errors import UsageError
from housing_price.plan import Options, plan_processes
from housing_price.ports import require_free_ports
from housing_price.state_lock import lock_state

_NAMED_DATA = ("sample", "openml")

Plan = Callable[[Options, Mapping[str, str]], Sequence[Process]]


def run_up(options: Options, *, plan: Plan = plan_processes) -> None:
    """Run the platform in the foreground until a signal stops it.

    Raises:
        CommandError: if it can't start, or if a process failed; everything is stopped before.
    """
    started_at = time.monotonic()
    _require_data(options.data)
    with lock_state(options.state_dir):
        require_free_ports(options.host, options.ports)
        asyncio.run(_run(options, plan(options, os.environ), started_at))


async def _run(options: Options, processes: Sequence[Process], started_at: float) -> None:
    console = PrefixedConsole(Console(soft_wrap=True), [process.name for process in processes])
    if ignored := list_ignored_variables(os.environ):
        console.note(f"uses its own MLflow server; of your environment it ignores {', '.join(ignored)}")
    console.note(f"starting, which may take up to {options.wait_seconds:.0f} s; Ctrl-C stops everything")
    supervisor = Supervisor(processes, show=console.show)
    try:
        await supervisor.run(_announce_when_ready(options, processes, console, started_at))
    finally:
        console.show_awaited([])
    console.note("everything is stopped")


async def _announce_when_ready(
    options: Options, processes: Sequence[Process], console: PrefixedConsole, started_at: float
) -> None:
    urls = {process.name: process.ready_url for process in processes if process.ready_url}
    awaited = list(urls)
    console.show_awaited(awaited)

    def on_ready(name: str) -> None:
        awaited.remove(name)
        console.show_awaited(awaited)
        console.note(f"{name} is ready after {time.monotonic() - started_at:.1f} s")

    async with make_loopback_client() as client:
        await wait_until_ready(client, urls, seconds=options.wait_seconds, on_ready=on_ready)
        model = await _fetch_model(client, options.model_url)
    console.print_plain(["", *format_ready_lines(options, model), ""])
    console.print_plain(
        [f"Ready after {time.monotonic() - started_at:.1f} s. Price a house from another terminal:", ""]
    )
    console.print_plain([format_example_request(options), "", "Ctrl-C stops everything.", ""])


async def _fetch_model(client: httpx.AsyncClient, model_url: str) -> Mapping[str, Any] | None:
    try:
        response = await client.get(f"{model_url}/model")
        document = response.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _require_data(data: str | None) -> None:
    if data is None or data in _NAMED_DATA or Path(data).is_file():
        return
    raise UsageError(f"--data {data}: no such file, and neither of {', '.join(_NAMED_DATA)}")
