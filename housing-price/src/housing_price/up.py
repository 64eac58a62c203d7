"""Runs `housing-price up`: checks, starts everything, announces it, and stops it in the end."""

import asyncio
import os
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
from housing_price.option_checks import require_usable_options
from housing_price.plan import Options, plan_processes
from housing_price.ports import require_free_ports
from housing_price.progress import StartProgress
from housing_price.state_lock import lock_state

EXPERIMENT = "housing-price"
"""The experiment of `housing-price-model train`, unless it is told another."""

Plan = Callable[[Options, Mapping[str, str]], Sequence[Process]]


def run_up(options: Options, *, plan: Plan = plan_processes) -> None:
    """Run the platform in the foreground until a signal stops it.

    Raises:
        CommandError: if it can't start, or if a process failed; everything is stopped before.
    """
    require_usable_options(options)
    with lock_state(options.state_dir) as is_new:
        require_free_ports(options.host, options.ports)
        asyncio.run(_run(options, plan(options, os.environ), is_new=is_new))


async def _run(options: Options, processes: Sequence[Process], *, is_new: bool) -> None:
    console = PrefixedConsole(Console(soft_wrap=True), [process.name for process in processes])
    progress = StartProgress(console, [process.name for process in processes if process.ready_url])
    console.note(_describe_state(options.state_dir, is_new=is_new))
    if ignored := list_ignored_variables(os.environ):
        console.note(f"uses its own MLflow server; of your environment it ignores {', '.join(ignored)}")
    progress.begin(within_seconds=options.wait_seconds)
    supervisor = Supervisor(processes, show=console.show)
    try:
        await supervisor.run(_announce_when_ready(options, processes, console, progress))
    finally:
        console.show_awaited([])
    console.note("everything is stopped")


def _describe_state(folder: Path, *, is_new: bool) -> str:
    """Describe where models are kept: who runs `up` in another folder gets other models."""
    if is_new:
        return f"a new state folder, {folder.absolute()}, without models yet; --state-dir names another"
    return f"state folder {folder.absolute()}"


async def _announce_when_ready(
    options: Options, processes: Sequence[Process], console: PrefixedConsole, progress: StartProgress
) -> None:
    urls = {process.name: process.ready_url for process in processes if process.ready_url}
    reminders = asyncio.create_task(progress.remind_from_time_to_time())
    try:
        async with make_loopback_client() as client:
            await wait_until_ready(client, urls, seconds=options.wait_seconds, on_ready=progress.end_step)
            model = await _fetch(client, f"{options.model_url}/model")
            experiment_id = await _find_experiment(client, options.mlflow_url)
    finally:
        reminders.cancel()
    console.print_plain(["", *format_ready_lines(options, model, experiment_id), ""])
    console.print_plain([f"Ready after {progress.seconds:.1f} s. Price a house from another terminal:", ""])
    console.print_plain([format_example_request(options), "", "Ctrl-C stops everything.", ""])


async def _find_experiment(client: httpx.AsyncClient, mlflow_url: str) -> str | None:
    """Find the id of the experiment that `train` records its runs in."""
    address = f"{mlflow_url}/api/2.0/mlflow/experiments/get-by-name?experiment_name={EXPERIMENT}"
    match await _fetch(client, address):
        case {"experiment": {"experiment_id": str(found)}}:
            return found
    return None


async def _fetch(client: httpx.AsyncClient, url: str) -> Mapping[str, Any] | None:
    try:
        document = (await client.get(url)).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    return document if isinstance(document, dict) else None
