"""Flows over real HTTP: callers who leave, files that change while they are served, and reloads under load."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from declared_flows.sources.port import Params
from housing_price_bench.programmable_model import ProgrammableModel
from housing_price_orchestrator.bootstrap import flow_surroundings
from housing_price_orchestrator.settings import FlowSettings
from pydantic import SecretStr
from scripted_source import SOURCE, ScriptedKind, flow
from served_orchestrator import Api, served, until

pytestmark = pytest.mark.integration

CALLERS = 4
THINGS = flow("found: {source: things, operation: ask, params: {id: $request.path.id}}")


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> ScriptedKind:
    kind = ScriptedKind()
    monkeypatch.setattr(flow_surroundings, "installed_kinds", lambda: {"scripted": kind})
    return kind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "sources.yaml").write_text(SOURCE)
    (folder / "things.yaml").write_text(THINGS)
    return folder


@pytest.fixture
async def api(kind: ScriptedKind, folder: Path) -> AsyncIterator[Api]:
    executions = SecretStr(f"sqlite:///{folder.parent}/executions.db")
    async with (
        ProgrammableModel() as model,
        served(model, flows=FlowSettings(folder=folder, executions_url=executions)) as api,
    ):
        yield api


async def test_a_caller_who_leaves_cancels_the_run_and_its_calls(api: Api, kind: ScriptedKind) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def hang(_: Params) -> Any:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    kind.answers["things.ask"] = hang
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(f"{api.url}/api/v1/things/7"))
        await began.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    async with asyncio.timeout(120):
        await ended.wait()

    async def is_kept() -> bool:
        return bool((await api.get("/api/v1/executions?status=cancelled")).json()["executions"])

    await until(is_kept)
    (run,) = (await api.get("/api/v1/executions")).json()["executions"]
    steps = (await api.get(f"/api/v1/executions/{run['id']}")).json()["steps"]
    assert (run["status"], run["error"]) == ("cancelled", None)
    assert [(step["status"], step["attempts"]) for step in steps] == [("cancelled", 1)]
    assert await api.figure("flow_runs_total", status="cancelled") == 1


async def test_one_new_file_is_a_new_endpoint_without_a_restart(api: Api, folder: Path) -> None:
    async def is_served() -> bool:
        return (await api.get("/api/v1/more/7")).status_code == 200

    assert not await is_served()
    (folder / "more.yaml").write_text(THINGS.replace("things/", "more/").replace("name: things", "name: more"))
    await until(is_served)

    (folder / "more.yaml").unlink()

    async def is_gone() -> bool:
        return not await is_served()

    await until(is_gone)


async def test_a_bad_file_shows_in_readiness_until_it_is_mended(api: Api, folder: Path) -> None:
    async def said() -> str:
        checks: dict[str, str] = (await api.get("/ready")).json()["checks"]
        return checks["flows"]

    async def is_told() -> bool:
        return "things.yaml:5: there is no source `thing`" in await said()

    async def is_mended() -> bool:
        return await said() == "passed"

    (folder / "things.yaml").write_text(THINGS.replace("source: things", "source: thing"))
    await until(is_told)
    assert (await api.get("/api/v1/things/7")).status_code == 200
    (folder / "things.yaml").write_text(THINGS)
    await until(is_mended)


def open_files() -> int:
    """Files and connections of this process."""
    return psutil.Process().num_fds()


@pytest.mark.parametrize("reloads", [100, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
async def test_no_request_is_lost_during_reloads(api: Api, folder: Path, kind: ScriptedKind, reloads: int) -> None:
    is_over = False
    tasks, files = len(asyncio.all_tasks()), open_files()
    statuses: list[int] = []

    async def caller() -> None:
        while not is_over:
            statuses.append((await api.get("/api/v1/things/7")).status_code)

    callers = [asyncio.create_task(caller()) for _ in range(CALLERS)]
    for number in range(reloads):
        (folder / "sources.yaml").write_text(
            SOURCE.replace("kind: scripted", f"kind: scripted\n    attempts: {2 + number % 2}")
        )
        answer = await api.post("/api/v1/admin/flows/reload", b"")
        assert answer.status_code == 200
    is_over = True
    await asyncio.gather(*callers)

    assert set(statuses) == {200}
    assert len(statuses) > reloads
    async with asyncio.timeout(120):
        while len(kind.open_sources) > 1:  # noqa: ASYNC110  it happens in the next turns
            await asyncio.sleep(0)
        # Connections that the callers leave open are none of the flows'.
        while len(asyncio.all_tasks()) > tasks + CALLERS or open_files() > files + 2 * CALLERS:  # noqa: ASYNC110  as above
            await asyncio.sleep(0)
