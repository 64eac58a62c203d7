"""The model server is killed and started again while callers ask: nothing hangs, and all is well soon after."""

import asyncio
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from free_ports import free_port
from house_record import AMES
from housing_price_model.data import load_sales
from housing_price_model.publication.artefact import save_artefact
from keep_alive_callers import Asked, calling, kinds
from mlflow.models import Model
from programmable import ModelProcess, model_process
from quickly_trained import quickly_trained_model
from running_orchestrator import orchestrator

pytestmark = [pytest.mark.resilience, pytest.mark.slow]

CONNECTIONS = 16
FOR_SECONDS = 60.0
EVERY_SECONDS = 5.0
RECOVERED_WITHIN_SECONDS = 5.0
WATCHED_SECONDS = 5.0
"""How long after that every request must succeed."""

LONGEST_SECONDS = 2.0 + 0.5
"""The deadline, and time for the answer to be sent and read on a busy machine."""

DOCUMENTED = {
    (200, None),
    (502, "UPSTREAM_BAD_ANSWER"),
    (503, "MODEL_NOT_READY"),
    (503, "OVERLOADED"),
    (503, "UPSTREAM_UNAVAILABLE"),
    (504, "DEADLINE_EXCEEDED"),
}


async def restarted(stack: ExitStack, port: int) -> ModelProcess:
    """A model process on that port; it listens."""
    return await asyncio.to_thread(stack.enter_context, model_process("--port", str(port)))


def told(asked: list[Asked], well_at: float) -> dict[str, object]:
    failed = [each.at - well_at for each in asked if each.status != 200]
    return {
        "requests": len(asked),
        "kinds": {f"{status} {code or ''}".strip(): count for (status, code), count in kinds(asked).items()},
        "longest_seconds": round(max(each.seconds for each in asked), 3),
        "recovered_after_seconds": round(max(failed, default=0.0), 3),
    }


def check(asked: list[Asked], well_at: float, record_property: Callable[[str, object], None]) -> None:
    for name, figure in told(asked, well_at).items():
        record_property(name, figure)
    assert set(kinds(asked)) <= DOCUMENTED
    assert max(each.seconds for each in asked) <= LONGEST_SECONDS
    after = [each for each in asked if each.at >= well_at + RECOVERED_WITHIN_SECONDS]
    assert set(kinds(after)) == {(200, None)}


@pytest.mark.timeout(180)
async def test_drill_a_model_server_that_is_killed_every_five_seconds(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    port = free_port()
    with ExitStack() as models:
        model = await restarted(models, port)
        with orchestrator(tmp_path, PRICING_MODEL__URL=model.url) as (api, _):
            async with calling(f"http://127.0.0.1:{api}", connections=CONNECTIONS) as callers:
                ends = time.monotonic() + FOR_SECONDS
                while time.monotonic() < ends:
                    await asyncio.sleep(EVERY_SECONDS)
                    model.process.kill()
                    model = await restarted(models, port)
                well_at = time.monotonic()
                await asyncio.sleep(RECOVERED_WITHIN_SECONDS + WATCHED_SECONDS)

    check(callers.asked, well_at, record_property)


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    """The files of a version, trained in a second."""
    sales = load_sales("sample", AMES)
    few = sales.take(range(150))
    with warnings.catch_warnings():
        # MLflow compares column names in a way that pandas 4 will not take.
        warnings.simplefilter("ignore")
        save_artefact(quickly_trained_model("default", few), tmp_path / "model", Model(model_id="m-0123"))
    return tmp_path / "model"


@contextmanager
def real_model(artefact: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The real model server of a version's files, started; killed in the end."""
    command = [sys.executable, "-m", "housing_price_model", "serve"]
    process = subprocess.Popen(
        [*command, "--model-uri", str(artefact), "--port", str(port)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def answering(port: int) -> float:
    """When the model server's ``/ping`` first answered."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=2) as client:
        while True:
            try:
                if (await client.get("/ping")).status_code == 200:
                    return time.monotonic()
            except httpx.TransportError:
                await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
async def test_drill_the_real_model_server_is_killed_once(
    tmp_path: Path, artefact: Path, record_property: Callable[[str, object], None]
) -> None:
    port = free_port()
    with ExitStack() as models:
        model = models.enter_context(real_model(artefact, port))
        await answering(port)
        with orchestrator(tmp_path, PRICING_MODEL__URL=f"http://127.0.0.1:{port}") as (api, _):
            async with calling(f"http://127.0.0.1:{api}", connections=CONNECTIONS) as callers:
                await asyncio.sleep(EVERY_SECONDS)
                model.kill()
                models.enter_context(real_model(artefact, port))
                well_at = await answering(port)
                await asyncio.sleep(RECOVERED_WITHIN_SECONDS + WATCHED_SECONDS)

    assert (503, "UPSTREAM_UNAVAILABLE") in kinds(callers.asked)
    check(callers.asked, well_at, record_property)
