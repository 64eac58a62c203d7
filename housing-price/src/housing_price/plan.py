"""The processes of the platform: their commands, addresses and environments."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from supervised_processes.environment import make_child_environment
from supervised_processes.process import Process

from housing_price.ports import to_reachable_host

CHAMPION = "models:/housing-price@champion"
LOG_FORMAT = "ORCHESTRATOR_LOG__FORMAT"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of `up`."""

    data: str | None = None
    empty: str | None = None
    recipe: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    model_port: int = 8080
    mlflow_port: int = 9999
    state_dir: Path = Path(".housing-price")
    wait_seconds: float = 300.0

    @property
    def ports(self) -> dict[str, int]:
        """The ports by the name of their option."""
        return {"--port": self.port, "--model-port": self.model_port, "--mlflow-port": self.mlflow_port}

    @property
    def api_url(self) -> str:
        """The address of the orchestrator for this machine."""
        return f"http://{to_reachable_host(self.host)}:{self.port}"

    @property
    def model_url(self) -> str:
        """The address of the model server for this machine."""
        return f"http://{to_reachable_host(self.host)}:{self.model_port}"

    @property
    def mlflow_url(self) -> str:
        """The address of the MLflow server for this machine."""
        return f"http://{to_reachable_host(self.host)}:{self.mlflow_port}"


def plan_processes(options: Options, environment: Mapping[str, str]) -> list[Process]:
    """Plan the processes of the platform. Only the model server waits for another: training makes its champion."""
    of_mlflow = {"MLFLOW_TRACKING_URI": options.mlflow_url}
    return [
        Process(
            name="mlflow-server",
            command=_make_command("mlflow_server", *_address(options.host, options.mlflow_port), *_state(options)),
            environment=make_child_environment(environment),
            ready_url=f"{options.mlflow_url}/health",
        ),
        Process(
            name="training",
            command=_make_command("housing_price_model", "train", "--if-needed", *_training_choices(options)),
            environment=make_child_environment(environment, **of_mlflow),
            finishes=True,
        ),
        Process(
            name="model-server",
            command=_make_command(
                "housing_price_model",
                "serve",
                "--model-uri",
                CHAMPION,
                *_address(options.host, options.model_port),
            ),
            environment=make_child_environment(
                environment,
                OMP_NUM_THREADS="1",
                HOUSING_PRICE_MODEL_CACHE_DIR=str(options.state_dir / "model-cache"),
                **of_mlflow,
            ),
            ready_url=f"{options.model_url}/ping",
            starts_after="training",
        ),
        Process(
            name="orchestrator",
            command=_make_command("housing_price_orchestrator", "serve", *_address(options.host, options.port)),
            environment=make_child_environment(
                environment,
                ORCHESTRATOR_PRICING_MODEL__URL=options.model_url,
                **_choose_log_format(environment),
            ),
            ready_url=f"{options.api_url}/ready",
        ),
    ]


def _choose_log_format(environment: Mapping[str, str]) -> dict[str, str]:
    """Choose text unless the user chose a format: the orchestrator sees a pipe and would write JSON."""
    dotenv = Path(".env")
    chosen = LOG_FORMAT in environment or (
        dotenv.is_file() and LOG_FORMAT in dotenv.read_text(encoding="utf-8", errors="replace")
    )
    return {} if chosen else {LOG_FORMAT: "text"}


def _make_command(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _address(host: str, port: int) -> tuple[str, ...]:
    return ("--host", host, "--port", str(port))


def _state(options: Options) -> tuple[str, ...]:
    return ("--state-dir", str(options.state_dir), "--workers", "1")


def _training_choices(options: Options) -> list[str]:
    data = ["--data", options.data] if options.data else []
    empty = ["--empty", options.empty] if options.empty else []
    recipe = ["--recipe", options.recipe] if options.recipe else []
    return [*data, *empty, *recipe]
