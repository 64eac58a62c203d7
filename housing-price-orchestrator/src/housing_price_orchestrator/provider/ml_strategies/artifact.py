"""The strategy `artifact`: a folder or file, served by a process that the service starts, watches and stops."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

from declared_flows.notation.base import Declaration
from declared_flows.notation.durations import Seconds
from declared_flows.sources.http_calls import HttpCalls
from declared_flows.sources.ml.backend import Backend
from declared_flows.sources.ml.processes import Child, run_process
from declared_flows.sources.ml.protocols import Mlflow
from declared_flows.sources.ml.served_model import ServedModel
from declared_flows.sources.ml.started_server import StartedServer, wait_until_healthy
from declared_flows.sources.ml.supervision import Exit, Pauses, RunningModel, SupervisedModel
from declared_flows.sources.port import SourceContext
from pydantic import Field

NEEDS_EXTRA = "this strategy needs the package housing-price-model: install housing-price-orchestrator[embedded]"
_LOOPBACK = "127.0.0.1"
_GRACE_SECONDS = 5.0
_OURS = ("ORCHESTRATOR_",)
"""Prefixes of the service's own variables, secrets among them, which a model must not see."""


def has_model_package() -> bool:
    """Whether the extra `embedded` is installed."""
    return find_spec("housing_price_model") is not None


class ArtifactOptions(Declaration):
    """A model's files, served by a process that the service starts. Whoever can write the files decides what runs."""

    path: Annotated[str, Field(min_length=1)]
    """An MLflow folder, or an estimator in a file: `.skops`, `.joblib`, `.pkl`. Relative to the folder of the flows."""
    method: Literal["predict", "predict_proba"] = "predict"
    """The method of an estimator in a file. A folder defines its own."""
    start_timeout: Seconds = 60.0
    """How long the process may take to become healthy."""

    def diagnose(self) -> Sequence[str]:
        """Report a missing extra."""
        return () if has_model_package() else (NEEDS_EXTRA,)

    @asynccontextmanager
    async def open(self, source: str, context: SourceContext, connections: int) -> AsyncIterator[Backend]:  # noqa: ARG002  the port's
        """Start the process, and restart it when it ends."""
        path = (context.folder / self.path).absolute()
        async with HttpCalls(context, connections) as calls:
            supervised = SupervisedModel(
                f"artifact: {self.path}",
                lambda: self._up(path, calls),
                Pauses(),
                lambda: () if path.exists() else (f"there is no model at `{self.path}`: give a folder or file",),
            )
            async with supervised:
                yield supervised

    @asynccontextmanager
    async def _up(self, path: Path, calls: HttpCalls) -> AsyncIterator[RunningModel]:
        with socket.socket() as bound:
            # Bound by us, so that no other takes the port before the process listens on it.
            bound.bind((_LOOPBACK, 0))
            command = [
                *(sys.executable, "-m", "housing_price_model.serving.any_model_server", str(path)),
                *("--fd", str(bound.fileno()), "--method", self.method),
            ]
            url = f"http://{_LOOPBACK}:{bound.getsockname()[1]}"
            async with run_process(
                command, _environment(), files=[bound.fileno()], grace_seconds=_GRACE_SECONDS
            ) as child:
                # From here on only the process holds it: a connection is refused once it is gone.
                bound.close()
                dialect = Mlflow()
                model = ServedModel(calls, url, dialect)
                end = asyncio.create_task(_end_of(child))
                try:
                    await wait_until_healthy(model, dialect.ready_path, end, self.start_timeout, child.said_last)
                    yield StartedServer(model, end)
                finally:
                    end.cancel()


async def _end_of(child: Child) -> Exit:
    code = await child.exit_code()
    return Exit(f"its process ended with exit code {code}", child.last_lines)


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
