"""The strategy `docker`: an image, started through the engine of this machine, watched and stopped."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import Field

from declared_flows.notation.base import Text
from declared_flows.notation.durations import Seconds
from declared_flows.sources.http_calls import HttpCalls
from declared_flows.sources.ml.backend import Backend
from declared_flows.sources.ml.containers import run_container
from declared_flows.sources.ml.docker_command import Docker
from declared_flows.sources.ml.protocols import Spoken
from declared_flows.sources.ml.served_model import ServedModel
from declared_flows.sources.ml.started_server import StartedServer, wait_until_healthy
from declared_flows.sources.ml.supervision import Pauses, RunningModel, SupervisedModel
from declared_flows.sources.port import SourceContext

_PAUSES = Pauses(first_seconds=1.0, longest_seconds=60.0)

type VariableName = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")]
"""The name of an environment variable."""


class ContainerOptions(Spoken):
    """A container that we start, and its protocol."""

    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """The port of the model server in its container. It is published only on 127.0.0.1."""
    env: dict[VariableName, Text] = Field(default={})
    """Environment variables of the container."""
    health: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)+/?$")] | None = None
    """The path that returns 200 once the model is ready; defaults to `/ping`, or `/v2/health/ready` with `protocol:
    v2`."""
    start_timeout: Seconds = 120.0
    """How long the container may take to become healthy."""

    def variables(self, context: SourceContext) -> Mapping[str, str]:
        """The variables with their secrets."""
        return {name: context.text(value) for name, value in self.env.items()}

    @asynccontextmanager
    async def up(
        self, docker: Docker, image: str, source: str, context: SourceContext, calls: HttpCalls
    ) -> AsyncIterator[RunningModel]:
        """A container of an image, healthy."""
        async with run_container(docker, image, self.port, self.variables(context), source) as container:
            dialect = self.dialect()
            model = ServedModel(calls, container.url, dialect)
            end = asyncio.create_task(container.wait_for_exit())
            try:
                health = self.health or dialect.ready_path
                await wait_until_healthy(model, health, end, self.start_timeout, container.last_lines)
                yield StartedServer(model, end)
            finally:
                end.cancel()
                await asyncio.wait([end])


class DockerOptions(ContainerOptions):
    """An image with a model server, started through the engine of this machine. The command `docker` must be
    installed."""

    image: Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9._/:@-]*$", examples=["insurance-model:3"])]
    """The image; pulled if it is missing."""

    def diagnose(self) -> Sequence[str]:
        """Return nothing: its model sees all."""
        return ()

    @asynccontextmanager
    async def open(self, source: str, context: SourceContext, connections: int) -> AsyncIterator[Backend]:
        """Open the container, and restart it when it ends."""
        async with HttpCalls(context, connections) as calls:
            supervised = SupervisedModel(
                f"docker: {self.image}", lambda: self.up(Docker(), self.image, source, context, calls), _PAUSES
            )
            async with supervised:
                yield supervised
