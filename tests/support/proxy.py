"""HAProxy before two orchestrators, with the configuration that docs/deployment.md recommends."""

import asyncio
import csv
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from running_orchestrator import free_port

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
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

    async def until(self, server: str, state: str) -> None:
        """Return when it thinks so."""
        async with asyncio.timeout(30):
            while await self.state(server) != state:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def proxy_before(folder: Path, ports: tuple[int, int], *changes: tuple[str, str]) -> AsyncIterator[Proxy]:
    """HAProxy before the orchestrators on these ports.

    Args:
        folder: where it keeps its files.
        ports: of the orchestrators.
        changes: words of the configuration, and what stands in their place.
    """
    assert HAPROXY
    proxy = Proxy(free_port(), folder / "haproxy.sock")
    text = CONFIGURATION.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    configuration = folder / "haproxy.cfg"
    configuration.write_text(f"global\n    stats socket {proxy.socket} level admin\n{text}", encoding="utf-8")
    addresses = {f"ORCHESTRATOR_{number}": f"127.0.0.1:{port}" for number, port in enumerate(ports, 1)}
    process = await asyncio.create_subprocess_exec(
        HAPROXY,
        "-db",
        "-f",
        configuration,
        env=os.environ | addresses | {"HAPROXY_BIND": f"127.0.0.1:{proxy.port}"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while not proxy.socket.exists():
                await asyncio.sleep(0.02)
        yield proxy
    finally:
        process.kill()
        await process.wait()
