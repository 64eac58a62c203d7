"""The real server as a process: what a client sees, and how it stops."""

import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from free_ports import free_port
from running_mlflow import SEARCH, START_SECONDS, environment, running_mlflow
from running_postgres import postgres_server

pytestmark = pytest.mark.integration


def status(url: str, **headers: str) -> int:
    """The status of a GET; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_mlflow(tmp_path_factory.mktemp("state"), "--allowed-hosts", "mlflow-server") as (address, _):
        yield address


@pytest.mark.parametrize("host", ["localhost", "mlflow-server:9999"])
def test_an_allowed_host_is_answered(server: str, host: str) -> None:
    assert status(server + SEARCH, Host=host) == 200


@pytest.mark.parametrize("host", ["evil.example", "10.attacker.example"])
def test_another_host_may_only_ask_for_health(server: str, host: str) -> None:
    assert status(server + SEARCH, Host=host) == 403
    assert status(server + "/health", Host=host) == 200


def test_an_artifact_comes_back_through_the_proxy(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=server, registry_uri=server)
    run = client.create_run(client.create_experiment("prices"))
    (tmp_path / "note.txt").write_text("kept")

    client.log_artifact(run.info.run_id, str(tmp_path / "note.txt"))

    assert run.info.artifact_uri.startswith("mlflow-artifacts:/")
    assert Path(client.download_artifacts(run.info.run_id, "note.txt", str(tmp_path / "."))).read_text() == "kept"


@pytest.mark.parametrize("stop", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_stop_signal_ends_it_with_exit_code_zero(tmp_path: Path, stop: int) -> None:
    with running_mlflow(tmp_path) as (address, process):
        process.send_signal(stop)

        assert process.wait(START_SECONDS) == 0
        assert status(f"{address}/health") == 0


def test_a_stop_waits_for_the_migration_of_a_new_store(tmp_path: Path) -> None:
    first = start_and_await_migration(tmp_path)

    first.terminate()

    assert first.wait(START_SECONDS) == 0
    assert (tmp_path / "mlflow" / "mlflow.db").exists()


def test_the_store_of_a_newer_mlflow_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "mlflow.db"
    with sqlite3.connect(store) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        database.execute("INSERT INTO alembic_version VALUES ('f00f00f00f00')")
    database.close()
    command = [sys.executable, "-m", "mlflow_server", "--port", str(free_port()), "--state-dir", str(tmp_path)]

    ended = subprocess.run(
        [*command, "--backend-store-uri", f"sqlite:///{store}"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("mlflow-server: MLflow refuses the backend store: ")


@pytest.mark.slow
def test_a_killed_first_start_leaves_no_broken_store(tmp_path: Path) -> None:
    first = start_and_await_migration(tmp_path)

    first.kill()
    first.wait()

    assert not (tmp_path / "mlflow" / "mlflow.db").exists()
    with running_mlflow(tmp_path) as (address, _):
        assert status(address + SEARCH) == 200


def start_and_await_migration(state: Path) -> subprocess.Popen[bytes]:
    """A first start, in the middle of making its store."""
    command = [sys.executable, "-m", "mlflow_server", "--port", str(free_port()), "--state-dir", str(state)]
    process = subprocess.Popen(command, env=environment())
    deadline = time.monotonic() + START_SECONDS
    while not any(file.stat().st_size for file in state.glob("**/mlflow.db")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def test_a_state_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = [sys.executable, "-m", "mlflow_server", "--port", str(free_port())]

    ended = subprocess.run(
        [*command, "--state-dir", str(tmp_path / "file")],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "file" in ended.stderr


@pytest.fixture
def postgres_uri() -> Iterator[str]:
    with postgres_server() as postgres:
        yield postgres.url


def test_postgres_by_url_keeps_the_registry(postgres_uri: str, tmp_path: Path) -> None:
    with running_mlflow(tmp_path, variables={"MLFLOW_BACKEND_STORE_URI": postgres_uri}) as (address, _):
        assert status(address + SEARCH) == 200

    assert not list(tmp_path.glob("**/mlflow.db"))
    assert (tmp_path / "mlflow" / "artifacts").is_dir()


@pytest.mark.slow
def test_postgres_keeps_the_users_too(postgres_uri: str, tmp_path: Path) -> None:
    variables = {
        "MLFLOW_BACKEND_STORE_URI": postgres_uri,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "0123456789abcdef",
        "MLFLOW_AUTH_ADMIN_PASSWORD": "a long password",
    }
    with running_mlflow(tmp_path, "--auth", variables=variables) as (address, _):
        assert status(address + SEARCH) == 401

    assert not list(tmp_path.glob("**/users.db"))
