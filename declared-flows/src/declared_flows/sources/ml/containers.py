"""Containers of ours, by the `docker` command: started, waited for, watched, removed; those of a service that was
killed are removed by the next one that starts a container."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import structlog

from declared_flows.sources.ml.docker_command import KEPT_LINES, Docker
from declared_flows.sources.ml.supervision import Exit, NotStarted

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

OWNER_LABEL = "housing-price.owner"
PROCESS_LABEL = "housing-price.process"
TOKEN_LABEL = "housing-price.token"  # noqa: S105  no secret
SOURCE_LABEL = "housing-price.source"

TOKEN = uuid4().hex
"""Of this process alone: its number may come again."""

_STOP_SECONDS = "3"
_CLEANUP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Container:
    """A container that runs, or ran; ``url`` is where its port is published."""

    docker: Docker
    name: str
    url: str

    async def wait_for_exit(self) -> Exit:
        """Wait for its end."""
        try:
            code = await self.docker.run("wait", self.name)
        except NotStarted as error:
            return Exit("its container can't be watched any more", error.last_lines)
        return Exit(f"its container ended with exit code {code}", await self.last_lines())

    async def last_lines(self) -> Sequence[str]:
        """Return its last lines of output, or why they can't be read."""
        return await _last_lines(self.docker, self.name)


@asynccontextmanager
async def run_container(
    docker: Docker, image: str, port: int, variables: Mapping[str, str], source: str
) -> AsyncIterator[Container]:
    """A container of an image, published on loopback only, and removed when the block ends.

    Raises:
        NotStarted: if it can't be started.
    """
    await remove_leftovers(docker)
    name = f"housing-price-{uuid4().hex}"
    try:
        await docker.run(
            *("run", "--detach", "--name", name, "--publish", f"127.0.0.1::{port}"),
            *("--security-opt", "no-new-privileges"),
            *(part for label in _labels(source) for part in ("--label", label)),
            *(("--env-file", "/dev/stdin") if variables else ()),
            image,
            given=_env_file(variables),
        )
        yield Container(docker, name, f"http://{await _published_url(docker, name, port)}")
    finally:
        # Who stops waiting does not stop the removal.
        await asyncio.shield(_remove(docker, name))


async def _published_url(docker: Docker, name: str, port: int) -> str:
    """Where a port of a container is; only one that runs has it."""
    published = ""
    with suppress(NotStarted):
        published = await docker.run("port", name, f"{port}/tcp")
    if not published:
        raise NotStarted(Exit("its container ended at once", await _last_lines(docker, name)))
    return published.splitlines()[0]


async def _last_lines(docker: Docker, name: str) -> Sequence[str]:
    try:
        # Servers write why they end to their standard error.
        return (await docker.run("logs", "--tail", str(KEPT_LINES), name, with_errors=True)).splitlines()
    except NotStarted as error:
        return error.last_lines


async def remove_leftovers(docker: Docker) -> None:
    """Remove the containers that a process of this machine has left, which is no more.

    Raises:
        NotStarted: if there is no `docker`, or no engine.
    """
    form = f'{{{{.ID}}}} {{{{.Label "{PROCESS_LABEL}"}}}} {{{{.Label "{TOKEN_LABEL}"}}}}'
    listed = await docker.run(
        "ps", "--all", "--no-trunc", "--filter", f"label={OWNER_LABEL}={_owner()}", "--format", form
    )
    for line in listed.splitlines():
        container, process, token = line.split(" ")
        if token != TOKEN and not _is_alive(process):
            log.warning("leftover_container_removed", container=container)
            await _remove(docker, container)


def _owner() -> str:
    """This machine, or the container that the service itself runs in: process numbers mean something within it."""
    return socket.gethostname()


def _labels(source: str) -> Sequence[str]:
    return (
        f"{OWNER_LABEL}={_owner()}",
        f"{PROCESS_LABEL}={os.getpid()}",
        f"{TOKEN_LABEL}={TOKEN}",
        f"{SOURCE_LABEL}={source}",
    )


def _is_alive(process: str) -> bool:
    """Whether another process has this number; a container started by this one has its token."""
    if not process.isdigit() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _env_file(variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        if "\n" in value or "\r" in value or "\0" in value:
            raise NotStarted(Exit(f"the variable {name} has more than one line"))
    return "".join(f"{name}={value}\n" for name, value in variables.items())


async def _remove(docker: Docker, name: str) -> None:
    """Stop and remove; where that fails, the next start does it."""
    try:
        async with asyncio.timeout(_CLEANUP_SECONDS):
            with suppress(NotStarted):
                await docker.run("stop", "-t", _STOP_SECONDS, name)
            await docker.run("rm", "--force", "--volumes", name)
    except (NotStarted, TimeoutError) as error:
        log.warning("container_not_removed", container=name, reason=str(error))
