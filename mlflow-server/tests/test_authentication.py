"""MLflow with `--auth`: every request needs a user."""

import base64
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from free_ports import free_port
from mlflow_server.authentication import derive_users_uri
from running_mlflow import SEARCH, START_SECONDS, environment, running_mlflow
from sqlalchemy import make_url

PASSWORD = "correct horse battery staple"


VARIABLES = {"MLFLOW_FLASK_SERVER_SECRET_KEY": "0123456789abcdef", "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_mlflow(tmp_path_factory.mktemp("state"), "--auth", variables=VARIABLES) as (address, _):
        yield address


def status(url: str, credentials: str | None = None) -> int:
    headers = {}
    if credentials is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
    try:
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            return int(answer.status)
    except HTTPError as refused:
        refused.close()
        return refused.code


@pytest.mark.integration
@pytest.mark.parametrize(
    ("credentials", "expected"),
    [(None, 401), ("admin:", 401), ("admin:password1234", 401), ("nobody:x", 401), (f"admin:{PASSWORD}", 200)],
)
def test_only_a_user_with_the_right_password_gets_in(server: str, credentials: str, expected: int) -> None:
    assert status(server + SEARCH, credentials) == expected


@pytest.mark.integration
@pytest.mark.parametrize("path", ["/", "/api/2.0/mlflow-artifacts/artifacts", "/graphql", "/metrics", "/openapi.json"])
def test_only_health_needs_no_user(server: str, path: str) -> None:
    assert status(server + path) in (401, 404, 405)
    assert status(f"{server}/health") == 200


@pytest.mark.slow
@pytest.mark.integration
def test_users_survive_a_restart_without_the_first_password(tmp_path: Path) -> None:
    with running_mlflow(tmp_path, "--auth", variables=VARIABLES):
        pass
    key = {"MLFLOW_FLASK_SERVER_SECRET_KEY": "0123456789abcdef"}

    with running_mlflow(tmp_path, "--auth", variables=key) as (address, _):
        assert status(address + SEARCH, f"admin:{PASSWORD}") == 200


def refusal(state: Path, **variables: str) -> str:
    command = [sys.executable, "-m", "mlflow_server", "--auth", "--port", str(free_port()), "--state-dir", str(state)]
    done = subprocess.run(
        command, env=environment(**variables), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.integration
def test_without_a_key_it_does_not_start(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith("mlflow-server: --auth needs MLFLOW_FLASK_SERVER_SECRET_KEY: ")


@pytest.mark.integration
@pytest.mark.parametrize("password", [pytest.param("", marks=pytest.mark.slow), "short"])
def test_without_a_long_first_password_it_does_not_start(tmp_path: Path, password: str) -> None:
    assert "MLFLOW_AUTH_ADMIN_PASSWORD" in refusal(tmp_path, **{**VARIABLES, "MLFLOW_AUTH_ADMIN_PASSWORD": password})


def test_users_live_beside_a_file_or_in_the_database() -> None:
    assert derive_users_uri(make_url("sqlite:////state/mlflow/mlflow.db")) == "sqlite:////state/mlflow/users.db"
    assert derive_users_uri(make_url("postgresql://u:a%25b@db/mlflow")) == "postgresql://u:a%25b@db/mlflow"


@pytest.mark.integration
def test_it_listens_on_loopback_by_default(server: str) -> None:
    # An address of loopback that is not the one bound, as any other address of this machine is not.
    with socket.socket() as caller:
        assert caller.connect_ex(("127.0.0.2", int(server.rpartition(":")[2]))) != 0


@pytest.mark.integration
def test_beyond_loopback_a_server_without_auth_warns(tmp_path: Path) -> None:
    with running_mlflow(tmp_path, "--host", "0.0.0.0", stderr=subprocess.PIPE) as (_, process):
        process.terminate()
        warning = process.communicate(timeout=START_SECONDS)[1].decode()

    assert warning.startswith("WARNING: 0.0.0.0 is reached from beyond this machine, and there is no --auth: ")
    assert warning.count("\n") == 1
