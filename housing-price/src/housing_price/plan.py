"""Which processes make the platform, with their commands, addresses and environments."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from supervised_processes.environment import child_environment
from supervised_processes.process import Process

from housing_price.ports import connectable

CHAMPION = "models:/housing-price@champion"
LOG_FORMAT = "ORCHESTRATOR_LOG__FORMAT"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user asked `up` for."""

    data: str | None = None
    recipe: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    model_port: int = 8080
    mlflow_port: int = 9999
    state_dir: Path = Path(".housing-price")
    wait_seconds: float = 300.0

    @property
    def ports(self) -> dict[str, int]:
        """The ports by the option that chooses each."""
        return {"--port": self.port, "--model-port": self.model_port, "--mlflow-port": self.mlflow_port}

    @property
    def api_url(self) -> str:
        """Where this machine reaches the orchestrator."""
        return f"http://{connectable(self.host)}:{self.port}"

    @property
    def model_url(self) -> str:
        """Where this machine reaches the model server."""
        return f"http://{connectable(self.host)}:{self.model_port}"

    @property
    def mlflow_url(self) -> str:
        """Where this machine reaches the MLflow server."""
        return f"http://{connectable(self.host)}:{self.mlflow_port}"


def planned_processes(options: Options, environment: Mapping[str, str]) -> list[Process]:
    """The platform's processes. Only the model server waits for another: there is no champion before."""
    of_mlflow = {"MLFLOW_TRACKING_URI": options.mlflow_url}
    return [
        Process(
            name="mlflow-server",
            command=_module("mlflow_server", *_address(options.host, options.mlflow_port), *_state(options)),
            environment=child_environment(environment),
            ready_url=f"{options.mlflow_url}/health",
        ),
        Process(
            name="training",
            command=_module("housing_price_model", "train", "--if-needed", *_choices(options)),
            environment=child_environment(environment, **of_mlflow),
            finishes=True,
        ),
        Process(
            name="model-server",
            command=_module(
                "housing_price_model",
                "serve",
                "--model-uri",
                CHAMPION,
                *_address(options.host, options.model_port),
            ),
            environment=child_environment(
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
            command=_module("housing_price_orchestrator", "serve", *_address(options.host, options.port)),
            environment=child_environment(
                environment,
                ORCHESTRATOR_PRICING_MODEL__URL=options.model_url,
                **_readable_log(environment),
            ),
            ready_url=f"{options.api_url}/ready",
        ),
    ]


def _readable_log(environment: Mapping[str, str]) -> dict[str, str]:
    """The orchestrator writes to a pipe, where it would choose JSON, but people read it; the user's choice wins."""
    dotenv = Path(".env")
    chosen = LOG_FORMAT in environment or (dotenv.is_file() and LOG_FORMAT in dotenv.read_text(errors="replace"))
    return {} if chosen else {LOG_FORMAT: "text"}


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _address(host: str, port: int) -> tuple[str, ...]:
    return ("--host", host, "--port", str(port))


def _state(options: Options) -> tuple[str, ...]:
    return ("--state-dir", str(options.state_dir), "--workers", "1")


def _choices(options: Options) -> list[str]:
    data = ["--data", options.data] if options.data else []
    recipe = ["--recipe", options.recipe] if options.recipe else []
    return data + recipe
