"""The strategies that load a model's files: `artifact` in a real process, `registry` in this one."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from declared_flows.sources.ml.source import MlKind
from declared_flows.sources.port import NO_CALL
from free_ports import free_port
from ml_sources import COMES_UP_SECONDS, INPUTS, ROW, answered, diagnostics_of, failure_of, ml_source
from running_mlflow import environment
from small_models import PRICE_SHARE, small_models
from source_contract import assert_opens_what_it_declares, context_of
from structlog.typing import EventDict
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

__all__ = ["small_models"]
pytestmark = [
    pytest.mark.integration,
    # MLflow's own store of SQLite files, read here without a server.
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated"),
]

COST = ROW["price"] * PRICE_SHARE
SERVER = "housing_price_model.serving.any_model_server"


def servers_of(path: Path) -> list[int]:
    """The processes that serve a path, and run."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,stat,args"], capture_output=True, text=True, check=True).stdout
    found = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    return [int(pid) for pid, stat, args in found if SERVER in args and str(path) in args and "Z" not in stat]


async def test_the_process_of_a_folder_restarts_until_the_source_ends(
    small_models: Path, logged: list[EventDict]
) -> None:
    outputs = {"cost": {"type": "number"}}
    async with ml_source({"artifact": {"path": "insurance"}}, folder=small_models, outputs=outputs) as source:
        with pytest.raises(UpstreamUnavailable, match="being started"):
            await source.operations["predict"](ROW, NO_CALL)
        first = await answered(source, ROW)
        assert first.value["cost"] == pytest.approx(COST)
        assert first.served_by == "artifact: insurance"
        with pytest.raises(BadUpstreamAnswer, match="400"):
            await source.operations["predict"]({**ROW, "yearBuilt": "x"}, NO_CALL)

        [process] = servers_of(small_models / "insurance")
        os.kill(process, signal.SIGKILL)
        with pytest.raises(UpstreamUnavailable):
            await source.operations["predict"](ROW, NO_CALL)
        assert (await answered(source, ROW)).value == first.value
        assert servers_of(small_models / "insurance") != [process]
        assert list(await source.verify()) == []
    assert servers_of(small_models / "insurance") == []
    [line] = [line for line in logged if line["event"] == "model_not_up"]
    assert line["reason"] == "its process ended with exit code -9"


@pytest.mark.slow
async def test_a_file_is_served_with_the_method_that_gives_probabilities(small_models: Path) -> None:
    load = [{"artifact": {"path": "nothing.pkl"}}, {"artifact": {"path": "churn.joblib", "method": "predict_proba"}}]
    async with ml_source(load, folder=small_models, classifier={"labels": ["stays", "goes"]}) as source:
        answer = await answered(source, {"price": 3.0, "yearBuilt": 0})

        assert answer.served_by == "artifact: churn.joblib"
        assert answer.value["label"] in ("stays", "goes")
        assert [*await source.verify()] == ["there is no model at `nothing.pkl`: give a folder or file"]


async def test_a_file_without_a_model_shows_in_the_log(tmp_path: Path, logged: list[EventDict]) -> None:
    (tmp_path / "model.txt").write_text("no model")
    async with ml_source({"artifact": {"path": "model.txt"}}, folder=tmp_path) as source:
        line = await failure_of(logged)
        with pytest.raises(UpstreamUnavailable, match="its process ended with exit code 1") as caught:
            await source.operations["predict"](ROW, NO_CALL)

    assert str(tmp_path) not in str(caught.value)
    assert "is not a model file" in line["last_lines"][-1]


async def test_a_process_that_is_not_healthy_in_time_is_ended(small_models: Path, logged: list[EventDict]) -> None:
    load = {"artifact": {"path": "insurance", "start_timeout": "50ms"}}
    async with ml_source(load, folder=small_models) as source:
        await failure_of(logged)
        with pytest.raises(UpstreamUnavailable, match=r"not healthy within 0\.05 seconds"):
            await source.operations["predict"](ROW, NO_CALL)
    assert servers_of(small_models / "insurance") == []


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from ml_sources import ROW, answered, ml_source

async def main():
    async with ml_source({"artifact": {"path": "insurance"}}, folder=Path(sys.argv[1])) as source:
        await answered(source, ROW)
        print("served", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.slow
def test_the_process_ends_with_a_service_that_is_killed(small_models: Path) -> None:
    support = str(Path(__file__).parents[4] / "tests" / "support")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(small_models)],
        env={**os.environ, "PYTHONPATH": support},
        check=False,
        stdout=subprocess.PIPE,
        timeout=COMES_UP_SECONDS,
    )

    assert (done.returncode, done.stdout.split()[-1]) == (-signal.SIGKILL, b"served")
    deadline = 200
    while servers_of(small_models / "insurance") and deadline:
        deadline -= 1
        subprocess.run(["sleep", "0.05"], check=True)
    assert servers_of(small_models / "insurance") == []


@pytest.fixture
def stock_server(small_models: Path) -> Iterator[str]:
    """The address of MLflow's own scoring server, unmodified."""
    port = free_port()
    command = [*(sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"), "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--model-uri", str(small_models / "insurance")], env=environment(), start_new_session=True
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
async def test_the_stock_server_of_mlflow_is_asked_over_http(stock_server: str) -> None:
    async with ml_source({"http": {"url": stock_server}}) as source:
        answer = await answered(source, ROW)
        many = await source.operations["predict_many"]({"rows": [ROW] * 3}, NO_CALL)
        with pytest.raises(BadUpstreamAnswer, match="400"):
            await source.operations["predict"]({**ROW, "yearBuilt": "x"}, NO_CALL)

    assert answer.value["prediction"] == pytest.approx(COST)
    assert many.value == [answer.value] * 3


@pytest.fixture(scope="module")
def registry(small_models: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a registry with `insurance`, version 1, as `@champion`."""
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path_factory.mktemp('registry')}/mlflow.db"
    client = MlflowClient(uri, uri)
    client.create_registered_model("insurance")
    client.create_model_version("insurance", str(small_models / "insurance"))
    client.set_registered_model_alias("insurance", "champion", "1")
    client.create_model_version("insurance", str(small_models / "insurance-2"))
    return uri


async def test_a_registered_model_is_asked_in_process(registry: str) -> None:
    load = {"registry": {"uri": "models:/insurance@champion", "tracking_uri": registry}}
    async with ml_source(load, inputs={**INPUTS, "price": {"type": "number", "nullable": True}}) as source:
        answer = await answered(source, ROW)
        many = await source.operations["predict_many"]({"rows": [ROW, ROW]}, NO_CALL)
        with pytest.raises(BadUpstreamAnswer):
            await source.operations["predict"]({**ROW, "price": None}, NO_CALL)

    assert answer.value["prediction"] == pytest.approx(COST)
    assert answer.served_by == "registry: models:/insurance@champion, version 1"
    assert many.value == [answer.value] * 2


async def test_a_moved_alias_replaces_the_model(registry: str, logged: list[EventDict]) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(registry, registry)
    client.set_registered_model_alias("insurance", "moving", "1")
    load = {"registry": {"uri": "models:/insurance@moving", "tracking_uri": registry, "refresh": "20ms"}}
    async with ml_source(load) as source, asyncio.timeout(COMES_UP_SECONDS):
        assert (await answered(source, ROW)).value["prediction"] == pytest.approx(COST)
        client.delete_registered_model_alias("insurance", "moving")
        while not [line for line in logged if line["event"] == "model_not_refreshed"]:  # noqa: ASYNC110  the log tells no one
            await asyncio.sleep(0.02)
        assert (await source.operations["predict"](ROW, NO_CALL)).value["prediction"] == pytest.approx(COST)

        client.set_registered_model_alias("insurance", "moving", "2")
        while not [line for line in logged if line["event"] == "model_refreshed"]:  # noqa: ASYNC110  the same
            await asyncio.sleep(0.02)
        assert (await source.operations["predict"](ROW, NO_CALL)).value["prediction"] == pytest.approx(2 * COST)


async def test_a_cascade_falls_back_from_the_registry_to_files(
    registry: str, small_models: Path, logged: list[EventDict]
) -> None:
    load = [
        {"registry": {"uri": "models:/insurance@missing", "tracking_uri": registry}},
        {"artifact": {"path": "insurance"}},
    ]
    async with ml_source(load, folder=small_models) as source:
        assert (await answered(source, ROW)).served_by == "artifact: insurance"
    [line] = [line for line in logged if line["event"] == "model_not_up"]
    assert line["next_start_seconds"] == 30
    assert line["last_lines"] == ["there is no model at models:/insurance@missing"]


def test_a_missing_extra_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    from housing_price_orchestrator.provider.ml_strategies import artifact

    monkeypatch.setattr(artifact, "find_spec", lambda name: None)
    load = [{"artifact": {"path": "m"}}, {"registry": {"uri": "models:/a@b"}}]
    assert diagnostics_of(load) == [artifact.NEEDS_EXTRA] * 2


async def test_both_strategies_open_what_they_declare(tmp_path: Path) -> None:
    load = [
        {"registry": {"uri": "models:/a@b", "tracking_uri": "http://127.0.0.1:1"}},
        {"artifact": {"path": "nothing"}},
    ]
    declared = {"kind": "ml", "load": load, "inputs": INPUTS}
    await assert_opens_what_it_declares(MlKind(), declared, context_of(tmp_path))
