"""The command `docker`: what it is given and what it prints."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from declared_flows.sources.ml.supervision import Exit, NotStarted

KEPT_LINES = 20
"""How many of the last lines of an output are kept."""

_LAST_WORDS_SECONDS = 1.0


class Docker:
    """The `docker` command.

    Args:
        config: the folder of its configuration; else the user's.
        host: the engine's address; else the configured one.
    """

    def __init__(self, config: Path | None = None, host: str | None = None) -> None:
        self._options = [] if config is None else ["--config", str(config)]
        self._variables = {} if host is None else {"DOCKER_HOST": host}

    async def run(self, *arguments: str, given: str = "", with_errors: bool = False) -> str:
        """What a command of docker's prints.

        Args:
            arguments: the command.
            given: what it reads on its standard input; secrets go there, since arguments can be read by others.
            with_errors: whether what it prints on its standard error is wanted as well.

        Raises:
            NotStarted: if there is no `docker`, or it fails.
        """
        with _standard_input(given) as stdin:
            process = await self._started(arguments, stdin, with_errors=with_errors)
        try:
            printed, complaints = await process.communicate()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                # Until its pipes are closed too, unless a child of its own holds them.
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.communicate(), _LAST_WORDS_SECONDS)
        if process.returncode:
            lines = (complaints or printed).decode(errors="replace").splitlines()[-KEPT_LINES:]
            raise NotStarted(Exit(f"`docker {arguments[0]}` failed", lines))
        return printed.decode(errors="replace").strip()

    async def _started(self, arguments: Sequence[str], stdin: int, *, with_errors: bool) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                "docker",
                *self._options,
                *arguments,
                stdin=stdin,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT if with_errors else asyncio.subprocess.PIPE,
                env={**os.environ, **self._variables},
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise NotStarted(Exit("there is no command `docker` on this machine")) from error

    async def engine(self) -> str:
        """The address of the engine that is configured.

        Raises:
            NotStarted: if there is no `docker`, or it does not know.
        """
        return os.environ.get("DOCKER_HOST") or await self.run(
            "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"
        )


@contextmanager
def _standard_input(given: str) -> Iterator[int]:
    """A pipe with a text, for a process that the block starts.

    Event loops may make sockets of the pipes that they are asked for, as uvloop does; a socket can't be opened as
    `/dev/stdin`.
    """
    read, write = os.pipe()
    try:
        Thread(target=_write, args=(write, given.encode()), name="docker-stdin", daemon=True).start()
        yield read
    finally:
        os.close(read)


def _write(pipe: int, content: bytes) -> None:
    """Write until nobody reads any more, which is no failure: the process says itself whether it lacks something."""
    with suppress(BrokenPipeError), open(pipe, "wb", buffering=0) as writer:
        while content:
            content = content[writer.write(content) :]
