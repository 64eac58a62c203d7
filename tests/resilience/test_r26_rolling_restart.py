"""Two orchestrators behind a proxy are restarted one after the other under load: no request is lost."""

import asyncio
import json
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from free_ports import free_port
from house_record import EXAMPLE
from housing_price_bench.programmable_model import ProgrammableModel
from proxy import SERVERS, proxy_before
from running_orchestrator import command, environment

pytestmark = [pytest.mark.resilience, pytest.mark.needs("haproxy")]

HOUSE = json.dumps(dict(EXAMPLE)).encode()
CLIENTS = 16


@dataclass
class Instance:
    """An orchestrator on a port of its own, to be stopped and started again."""

    folder: Path
    model_url: str
    settings: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / f"{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command("serve", "--port", str(self.port)),
                env=environment(PRICING_MODEL__URL=self.model_url, **self.settings),
                cwd=self.folder,
                stderr=log,
            )

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 30)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()


@contextmanager
def two_instances(folder: Path, model: ProgrammableModel, **settings: str) -> Iterator[tuple[Instance, Instance]]:
    instances = Instance(folder, model.url, settings), Instance(folder, model.url, settings)
    with ExitStack() as stack:
        for instance in instances:
            instance.start()
            stack.callback(instance.kill)
        yield instances


@asynccontextmanager
async def clients(url: str) -> AsyncIterator[Counter[int | str]]:
    """Clients that ask for prices one after the other, each on a connection that it keeps; what they were answered."""
    answers: Counter[int | str] = Counter()
    may_go_on = True

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            while may_go_on:
                try:
                    async with session.post(url, data=HOUSE, headers={"content-type": "application/json"}) as answer:
                        await answer.read()
                        answers[answer.status] += 1
                except (aiohttp.ClientError, TimeoutError) as error:
                    answers[repr(error)] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(ask())
        yield answers
        may_go_on = False


async def test_r26_a_rolling_restart_under_load_loses_no_request(tmp_path: Path, model: ProgrammableModel) -> None:
    with two_instances(tmp_path, model, ADMISSION__MAX_WAIT_SECONDS="10") as instances:
        ports = instances[0].port, instances[1].port
        async with proxy_before(tmp_path, ports) as proxy:
            for server in SERVERS:
                await proxy.until(server, "UP")
            async with clients(f"http://127.0.0.1:{proxy.port}/api/v1/price/predict") as answers:
                for server, instance in zip(SERVERS, instances, strict=True):
                    before = answers[200]
                    assert await instance.stop() == 0
                    assert answers[200] > before
                    instance.start()
                    await proxy.until(server, "UP")

    assert set(answers) == {200}
