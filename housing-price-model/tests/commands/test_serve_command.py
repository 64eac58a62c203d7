"""The command `serve` as a process over HTTP, beside an unmodified `mlflow models serve` of the same version."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import mlflow
import pytest
from command_line.invocation import as_typed
from free_ports import free_port
from house_record import AMES, COLUMNS
from housing_price_model.data import Sales
from housing_price_model.delivery.loading import load_model
from housing_price_model.registry.connection import wait_until_reachable
from present import present

pytestmark = pytest.mark.integration

START_SECONDS = 240.0

type Run = Callable[..., subprocess.CompletedProcess[str]]
type Start = Callable[..., subprocess.Popen[str]]


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def served(registered: str, start: Start) -> Iterator[str]:
    """The address of our server."""
    port = free_port()
    with ended(start(registered, "serve", "--port", str(port))):
        uri = f"http://127.0.0.1:{port}"
        wait_until_reachable(uri, timeout_seconds=START_SECONDS)
        yield uri


@pytest.fixture(scope="module")
def stock(registered: str) -> Iterator[str]:
    """The address of MLflow's own server of the same version."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/housing-price/1"]
    process = subprocess.Popen(
        [*command, "-p", str(port), "--env-manager", "local"],
        env=os.environ | {"MLFLOW_TRACKING_URI": registered},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with ended_group(process):
        uri = f"http://127.0.0.1:{port}"
        wait_until_reachable(uri, timeout_seconds=START_SECONDS)
        yield uri


@contextmanager
def ended_group(process: subprocess.Popen[str]) -> Iterator[None]:
    """MLflow's command starts a process of its own, which must end too."""
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(url: str, body: dict[str, Any] | None = None) -> tuple[dict[str, str], Any]:
    content = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, content, {"Content-Type": "application/json"}), timeout=120) as answer:
        return dict(answer.headers), json.load(answer)


def test_the_server_says_which_registered_version_it_serves(served: str) -> None:
    headers, details = ask(f"{served}/model")

    assert headers["x-model-version"] == "1"
    assert (details["version"], details["alias"], details["modelUri"]) == (
        "1",
        "champion",
        "models:/housing-price@champion",
    )
    assert len(details["runId"]) == 32


def test_it_gives_the_prices_of_an_unmodified_mlflow_server(served: str, stock: str, few_sales: Sales) -> None:
    frame = few_sales.frame.astype(object)
    rows = frame.where(frame.notna(), None).to_numpy().tolist()
    body = {"dataframe_split": {"columns": list(COLUMNS), "data": rows}}

    _, ours = ask(f"{served}/invocations", body)
    _, theirs = ask(f"{stock}/invocations", body)

    assert len(ours["predictions"]) == len(few_sales)
    assert ours == theirs


def raw(url: str, request: bytes) -> bytes:
    """All that comes back for raw bytes until the connection ends."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=120) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


LAST = b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
UPGRADES = {
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n",
    "websocket": b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n",
}


@pytest.mark.parametrize("name", UPGRADES)
def test_a_body_survives_an_upgrade_header(served: str, few_sales: Sales, name: str) -> None:
    frame = few_sales.frame[list(COLUMNS)].head(1)
    body = json.dumps({"dataframe_split": json.loads(frame.to_json(orient="split", index=False))}).encode()
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nUpgrade: %b\r\n%b" % (name.encode(), UPGRADES[name])
    request = head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    answer = raw(served, request + request + LAST)

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.count(b'"predictions"') == 2


@pytest.mark.parametrize("path", ["/ping", "/health", "/version", "/model", "/metrics"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_websocket_is_not_waited_for_and_head_is_where_get_is(served: str, path: str, method: str) -> None:
    upgrade = b"Host: x\r\nUpgrade: websocket\r\n" + UPGRADES["websocket"]
    answer = raw(served, f"{method} {path} HTTP/1.1\r\n".encode() + upgrade + b"\r\n" + LAST)

    assert answer.count(b"HTTP/1.1 200 OK") == 2


def test_a_request_before_a_broken_one_is_answered(served: str) -> None:
    answer = raw(served, LAST.replace(b"Connection: close\r\n", b"") + b"GET / HTTP/2.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 400 Bad Request" in answer
    assert b'"error_code":"BAD_REQUEST"' in answer


@pytest.mark.parametrize("told", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_it_stops_cleanly_when_it_is_told_to(
    good_artefact: Path, nowhere: str, told: signal.Signals, start: Start
) -> None:
    with ended(start(nowhere, "serve", "--model-uri", str(good_artefact), "--port", "0")) as process:
        line = present(process.stdout).readline()
        assert line.startswith("serving housing-price version m-0123 (recipe default, data sample) at http://127")
        wait_until_reachable(line.split()[-1], timeout_seconds=START_SECONDS)

        process.send_signal(told)
        _, errors = process.communicate(timeout=120)

    assert (process.returncode, errors) == (0, "")


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    "uri",
    [
        "models:/nothing@champion",
        pytest.param("models:/housing-price@nobody", marks=pytest.mark.slow),
        pytest.param("models:/housing-price/999", marks=pytest.mark.slow),
    ],
)
def test_reports_a_missing_model_and_how_to_make_one(registered: str, uri: str, run: Run) -> None:
    line = refused(run(registered, "serve", "--model-uri", uri, "--port", "0"))

    assert line.startswith(
        f"there is no model at {uri}: train one with `{as_typed('housing-price-model train --promote')}`"
    )


def test_a_corrupt_model_is_not_served(good_artefact: Path, nowhere: str, tmp_path: Path, run: Run) -> None:
    folder = Path(shutil.copytree(good_artefact, tmp_path / "model"))
    content = bytearray((folder / "member-1.npz").read_bytes())
    content[100] ^= 1
    (folder / "member-1.npz").write_bytes(content)

    line = refused(run(nowhere, "serve", "--model-uri", str(folder), "--port", "0"))

    assert line.startswith("the model's file member-1.npz is corrupt")


def test_a_registry_that_does_not_answer_is_one_line(nowhere: str, run: Run) -> None:
    line = refused(run(nowhere, "serve", "--port", "0", "--registry-timeout-seconds", "0"))

    assert line.startswith(f"no MLflow server answers at {nowhere}")


def test_a_taken_port_is_told_before_anything_is_loaded(nowhere: str, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(run(nowhere, "serve", "--port", str(port)))

    assert line == f"port {port} on 127.0.0.1 can't be used (Address already in use): choose another with --port\n"


def test_finds_models_by_run_and_by_mlflows_id(registered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered)
    source = mlflow.MlflowClient(registered).get_model_version("housing-price", "1").source
    assert source is not None

    model = load_model(source, AMES, timeout_seconds=0)

    assert model.reference.version is None
    assert model.model_id == source.removeprefix("models:/")
