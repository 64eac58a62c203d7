"""The processes that a run starts: their commands, addresses and environments."""

import os
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from supervised_processes.environment import make_child_environment
from supervised_processes.process import Process

from housing_price_bench.options import BenchOptions

HOST = "127.0.0.1"
CHAMPION = "models:/housing-price@champion"
_NAMES = ("mlflow", "model", "orchestrator", "echo", "stock", "ceiling", "slow", "source")

_READY_SECONDS = "2"
"""Time for the known house of a readiness probe, whose price a slow model can't give in the default time."""

SLOW_SOURCE_SECONDS = 0.05
"""How long a response of the slow source takes."""


@dataclass(frozen=True)
class Servers:
    """All processes that may run, with their ports, and one folder for all files.

    Settings of the orchestrator in the user's environment apply, so that a change can be measured.
    """

    options: BenchOptions
    folder: Path
    ports: dict[str, int]

    def url(self, name: str) -> str:
        """Return the address of the server with this name."""
        return f"http://{HOST}:{self.ports[name]}"

    @property
    def mlflow(self) -> Process:
        """The MLflow server; idle once a model is loaded."""
        state = ("--state-dir", str(self.folder / "state"), "--workers", "1")
        return self._process("mlflow", "mlflow_server", *self._address("mlflow"), *state, ready="/health")

    @property
    def training(self) -> Process:
        """Trains the version that all servers serve."""
        data = ("--data", self.options.data) if self.options.data else ()
        recipe = ("--recipe", self.options.recipe) if self.options.recipe else ()
        return self._process("training", "housing_price_model", "train", "--promote", *data, *recipe)

    @property
    def model(self) -> Process:
        """The lean model server."""
        uri = ("--model-uri", CHAMPION)
        return self._process("model", "housing_price_model", "serve", *uri, *self._address("model"), *self._workers)

    @property
    def orchestrator(self) -> Process:
        """The orchestrator in front of the model server."""
        return self._orchestrator(ORCHESTRATOR_PRICING_MODEL__URL=self.url("model"))

    @property
    def embedded(self) -> Process:
        """The orchestrator with the model in its own process."""
        return self._orchestrator(
            ORCHESTRATOR_PRICING_MODEL__MODE="embedded", ORCHESTRATOR_PRICING_MODEL__MODEL_URI=CHAMPION
        )

    @property
    def slow_model(self) -> Process:
        """A model server whose capacity is known."""
        capacity = ("--seconds-a-call", str(self.options.model_seconds), "--at-once", "1")
        return self._programmable_model(*capacity)

    @property
    def before_slow_model(self) -> Process:
        """The orchestrator in front of the slow model, with one call for each price."""
        return self._orchestrator(
            ORCHESTRATOR_PRICING_MODEL__URL=self.url("slow"),
            ORCHESTRATOR_PRICING_MODEL__MAX_MERGED_ROWS="1",
            ORCHESTRATOR_READINESS__TIMEOUT_SECONDS=_READY_SECONDS,
        )

    @property
    def quick_model(self) -> Process:
        """A model server that is no bottleneck."""
        return self._programmable_model()

    @property
    def slow_source(self) -> Process:
        """A server whose every response takes its time."""
        delay = ("--after-seconds", str(SLOW_SOURCE_SECONDS))
        return self._process(
            "source", "housing_price_bench.servers.fixed_response", str(self.ports["source"]), *delay, ready="/"
        )

    def before_quick_model(self, flows: Path) -> Process:
        """The orchestrator in front of the quick model, with flows."""
        return self._orchestrator(
            ORCHESTRATOR_PRICING_MODEL__URL=self.url("slow"),
            ORCHESTRATOR_FLOWS__FOLDER=str(flows),
            ORCHESTRATOR_FLOWS__EXECUTIONS_URL=f"sqlite:///{self.folder / 'executions.db'}",
        )

    @property
    def echo(self) -> Process:
        """The bare echo: the upper bound for a service of this kind."""
        return self._process("echo", "housing_price_bench.servers.echo", str(self.ports["echo"]), ready="/health")

    @property
    def ceiling(self) -> Process:
        """A fixed response, which shows the ceiling of the load generator."""
        return self._process(
            "ceiling", "housing_price_bench.servers.fixed_response", str(self.ports["ceiling"]), ready="/"
        )

    def stock(self, model_uri: str) -> Process:
        """An unmodified `mlflow models serve`."""
        place = ("--host", HOST, "--port", str(self.ports["stock"]), "--env-manager", "local")
        # It leaves the fetched model behind when it stops.
        return self._process("stock", "mlflow", "models", "serve", "-m", model_uri, *place, TMPDIR=str(self.folder))

    def plain_model(self, folder: Path) -> Process:
        """Saves the scikit-learn pipeline as the tutorial does."""
        return self._process("plain model", "housing_price_bench.servers.plain_model", CHAMPION, str(folder))

    def _programmable_model(self, *options: str) -> Process:
        port = ("--port", str(self.ports["slow"]))
        return self._process("slow", "housing_price_bench.programmable_model", *port, *options)

    def _orchestrator(self, **settings: str) -> Process:
        serve = ("housing_price_orchestrator", "serve", *self._address("orchestrator"), *self._workers)
        return self._process("orchestrator", *serve, ready="/ready", ORCHESTRATOR_LOG__REQUESTS="errors", **settings)

    def _process(self, name: str, module: str, *arguments: str, ready: str = "/ping", **variables: str) -> Process:
        fixed = {"MLFLOW_TRACKING_URI": self.url("mlflow"), **variables}
        serves = name in self.ports
        if serves:
            fixed["OMP_NUM_THREADS"] = "1"
        return Process(
            name=name,
            command=(sys.executable, "-m", module, *arguments),
            environment=make_child_environment(os.environ, **fixed),
            ready_url=f"{self.url(name)}{ready}" if serves else None,
            finishes=not serves,
        )

    def _address(self, name: str) -> tuple[str, ...]:
        return ("--host", HOST, "--port", str(self.ports[name]))

    @property
    def _workers(self) -> tuple[str, ...]:
        # Even for one worker: the environment must not say another number.
        return ("--workers", str(self.options.workers))


def plan_servers(options: BenchOptions, folder: Path) -> Servers:
    """Choose a free port for each server."""
    with ExitStack() as held:
        sockets = {name: held.enter_context(socket.create_server((HOST, 0))) for name in _NAMES}
        ports = {name: int(listener.getsockname()[1]) for name, listener in sockets.items()}
    return Servers(options, folder, ports)
