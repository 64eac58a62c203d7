"""HAProxy before two orchestrators, with the configuration that docs/deployment.md recommends."""

import asyncio
import csv
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from free_ports import free_port
from machine import haproxy

CONFIGURATION = Path(__file__).parents[2] / "containers" / "haproxy.cfg"
SERVERS = ("orchestrator-1", "orchestrator-2")


@dataclass
class Proxy:
    """One that runs."""

    port: int
    socket: Path

    async def state(self, server: str) -> str:
        """What it thinks of a server: ``UP``, ``DOWN``, or what lies between."""
        reader, writer = await asyncio.open_unix_connection(self.socket)
        writer.write(b"show stat\n")
        text = (await reader.read()).decode().removeprefix("# ")
        writer.close()
        return next(row["status"] for row in csv.DictReader(text.splitlines()) if row["svname"] == server)

    async def answers(self) -> bool:
        """Whether somebody listens on its socket, which is there a moment before."""
        try:
            _, writer = await asyncio.open_unix_connection(self.socket)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        writer.close()
        return True

    async def until(self, server: str, state: str) -> None:
        """Return when it thinks so."""
        async with asyncio.timeout(120):
            while await self.state(server) != state:  # noqa: ASYNC110  another process, which tells nobody
                await asyncio.sleep(0.02)


@asynccontextmanager
async def proxy_before(folder: Path, ports: tuple[int, int]) -> AsyncIterator[Proxy]:
    """HAProxy before the orchestrators on these ports, with its socket in that folder."""
    program = haproxy()
    assert program
    proxy = Proxy(free_port(), folder / "haproxy.sock")
    addresses = {f"ORCHESTRATOR_{number}": f"127.0.0.1:{port}" for number, port in enumerate(ports, 1)}
    own = {"HAPROXY_BIND": f"127.0.0.1:{proxy.port}", "HAPROXY_SOCKET": str(proxy.socket)}
    process = await asyncio.create_subprocess_exec(
        program,
        "-db",
        "-f",
        CONFIGURATION,
        env=os.environ | addresses | own,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(120):
            while not await proxy.answers():  # noqa: ASYNC110  the same
                await asyncio.sleep(0.02)
        yield proxy
    finally:
        process.kill()
        await process.wait()
