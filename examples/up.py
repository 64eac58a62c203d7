"""Brings up everything that the examples need, on loopback: `uv run python examples/up.py`. Ctrl-C ends all of it.

That is the platform as `housing-price up` runs it (MLflow, training, model server, orchestrator) with the flows of
this folder, beside an SQLite file, small HTTP services, the models of the examples, and a feature store.
"""

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import tables
from command_line.output import make_output_safe
from housing_price.console import PrefixedConsole
from housing_price.plan import Options, plan_processes
from housing_price.ports import require_free_ports
from housing_price.state_lock import lock_state
from rich.console import Console
from supervised_processes.environment import make_child_environment
from supervised_processes.errors import CommandError, NotReadyInTimeError
from supervised_processes.process import Process
from supervised_processes.readiness import make_loopback_client, wait_until_ready
from supervised_processes.supervisor import Supervisor

HERE = Path(__file__).resolve().parent
STATE = HERE / ".state"
FIRST_PORT = 9101
WAIT_SECONDS = 300.0
API = "http://127.0.0.1:8000"
"""Where the README says that the API is."""

TRAINING = "models-training"
_OF_OTHER_ENVIRONMENTS = ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the user asked for."""

    platform: Options
    first_port: int = FIRST_PORT
    state: Path = STATE
    has_feast: bool = True

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports of the examples' own servers by name."""
        names = ("services", "models", "feature-store") if self.has_feast else ("services", "models")
        return {name: self.first_port + index for index, name in enumerate(names)}

    def url(self, name: str) -> str:
        """The address of one of them."""
        return f"http://127.0.0.1:{self.ports[name]}"


def main() -> None:
    """Run until told to stop; a failure is one line."""
    make_output_safe()
    asked = parsed()
    try:
        run(asked)
    except CommandError as error:
        print(f"examples: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def parsed() -> Asked:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--port", type=int, default=8000, help="port of the API")
    parser.add_argument("--model-port", type=int, default=8080, help="port of the model server")
    parser.add_argument("--mlflow-port", type=int, default=9999, help="port of the MLflow server")
    parser.add_argument("--first-port", type=int, default=FIRST_PORT, help="first of the examples' three ports")
    parser.add_argument("--state-dir", type=Path, default=STATE, help="folder of models, tables and registry")
    parser.add_argument("--without-feast", action="store_true", help="leave the feature store out")
    given = parser.parse_args()
    platform = Options(
        port=given.port,
        model_port=given.model_port,
        mlflow_port=given.mlflow_port,
        state_dir=given.state_dir / "platform",
    )
    return Asked(
        platform=platform,
        first_port=given.first_port,
        state=given.state_dir.resolve(),
        has_feast=not given.without_feast,
    )


def run(asked: Asked) -> None:
    """Run everything in the foreground until a signal asks for its end.

    Raises:
        CommandError: if it cannot start, or had to be stopped because something failed.
    """
    with lock_state(asked.state):
        require_free_ports("127.0.0.1", {**asked.platform.ports, **asked.ports})
        tables.write(asked.state / "examples.db")
        processes = planned(asked, flows_folder(asked))
        console = PrefixedConsole(Console(soft_wrap=True), [process.name for process in processes])
        console.note("starting, which may take a minute; Ctrl-C stops everything")
        asyncio.run(Supervisor(processes, show=console.show).run(announce_when_ready(asked, processes, console)))
        console.note("everything is stopped")


def flows_folder(asked: Asked) -> Path:
    """The flows as they are; or, for other addresses than theirs, a copy that has those."""
    if (asked.first_port, asked.state) == (FIRST_PORT, STATE):
        return HERE / "flows"
    folder = asked.state / "flows"
    folder.mkdir(exist_ok=True)
    for file in (HERE / "flows").glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace("../.state/", "../")
        text = re.sub(r"127\.0\.0\.1:(91\d\d)", lambda found: f"127.0.0.1:{_moved(int(found[1]), asked)}", text)
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def _moved(port: int, asked: Asked) -> int:
    return port - FIRST_PORT + asked.first_port


def planned(asked: Asked, flows: Path) -> Sequence[Process]:
    """The processes of the platform, with the flows, and those of the examples."""
    settings = {
        "ORCHESTRATOR_FLOWS__FOLDER": str(flows),
        "ORCHESTRATOR_FLOWS__EXECUTIONS_URL": f"sqlite:///{asked.state / 'executions.db'}",
    }
    platform = [
        _with_flows(process, settings) if process.name == "orchestrator" else process
        for process in plan_processes(asked.platform, os.environ)
    ]
    return [*platform, *_small_servers(asked), *(_feature_store(asked) if asked.has_feast else ())]


def _with_flows(orchestrator: Process, settings: Mapping[str, str]) -> Process:
    """A model's folder that is missing is a mistake in the flows: so it waits for the models."""
    environment = {**orchestrator.environment, **settings}
    return replace(orchestrator, environment=environment, starts_after=TRAINING)


def _small_servers(asked: Asked) -> Sequence[Process]:
    environment = make_child_environment(os.environ, OMP_NUM_THREADS="1")
    folder = ("--folder", str(asked.state / "models"))
    return [
        Process(
            name="services",
            command=_script("services.py", "--port", str(asked.ports["services"])),
            environment=environment,
            ready_url=f"{asked.url('services')}/health",
        ),
        Process(
            name=TRAINING,
            command=_script("models.py", "train", *folder),
            environment=environment,
            finishes=True,
        ),
        Process(
            name="models",
            command=_script("models.py", "serve", *folder, "--port", str(asked.ports["models"])),
            environment=environment,
            ready_url=f"{asked.url('models')}/churn/ping",
            starts_after=TRAINING,
        ),
    ]


def _feature_store(asked: Asked) -> Sequence[Process]:
    """Feast in its own environment, since it needs pandas 2."""
    project = HERE / "feast"
    environment = make_child_environment(os.environ)
    environment = {name: value for name, value in environment.items() if name not in _OF_OTHER_ENVIRONMENTS}
    python = str(project / ".venv" / "bin" / "python")
    return [
        Process(
            name="feast-packages",
            command=("uv", "sync", "--project", str(project), "--frozen", "--quiet"),
            environment=environment,
            finishes=True,
        ),
        Process(
            name="feature-store",
            command=(python, "-W", "ignore", str(project / "serve.py"), "--port", str(asked.ports["feature-store"])),
            environment=environment,
            ready_url=f"{asked.url('feature-store')}/health",
            starts_after="feast-packages",
        ),
    ]


def _script(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(HERE / name), *arguments)


async def announce_when_ready(asked: Asked, processes: Sequence[Process], console: PrefixedConsole) -> None:
    """Say when everything answers, where it is, and what to try."""
    began = time.monotonic()

    def on_ready(name: str) -> None:
        console.note(f"{name} is ready after {time.monotonic() - began:.1f} s")

    urls = {process.name: process.ready_url for process in processes if process.ready_url}
    async with make_loopback_client() as client:
        await wait_until_ready(client, urls, seconds=WAIT_SECONDS, on_ready=on_ready)
        await wait_until_quoted(client, asked)
    rows = {
        "API": asked.platform.api_url,
        "API docs": f"{asked.platform.api_url}/docs",
        "Executions": f"{asked.platform.api_url}/api/v1/executions",
        **{name: asked.url(name) for name in asked.ports},
    }
    width = max(map(len, rows))
    console.print_plain(["", *(f"  {name:<{width}}  {url}" for name, url in rows.items()), ""])
    console.print_plain([f"Ready after {time.monotonic() - began:.1f} s. Try from another terminal:", ""])
    console.print_plain([*(line.replace(API, asked.platform.api_url) for line in readme_lines()), ""])
    console.print_plain(["Ctrl-C stops everything.", ""])


async def wait_until_quoted(client: httpx.AsyncClient, asked: Asked) -> None:
    """The orchestrator starts the last strategy of the cascade itself: its process needs a moment more.

    Raises:
        NotReadyInTimeError: if it needs too long.
    """
    quote = f"{asked.platform.api_url}/api/v1/insurance/quote?price=200000&yearBuilt=1961"
    end = time.monotonic() + WAIT_SECONDS
    while (await client.get(quote)).status_code != httpx.codes.OK:
        if time.monotonic() > end:
            raise NotReadyInTimeError(waiting_for=["insurance-quote"], seconds=WAIT_SECONDS)
        await asyncio.sleep(1.0)


def readme_lines() -> Sequence[str]:
    """The commands that the README shows, one for each example."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ curl")]


if __name__ == "__main__":
    main()
