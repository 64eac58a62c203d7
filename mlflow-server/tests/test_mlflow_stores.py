"""Stores that cannot be used are refused at once, in one line without a password."""

import socket
import sys
from pathlib import Path

import pytest
from mlflow_server.artifacts import usable_destination
from mlflow_server.database import reachable_database, reason, with_password_of
from mlflow_server.errors import StartError
from mlflow_server.server import bound_socket


def _refusal(uri: str) -> str:
    with pytest.raises(StartError) as refused:
        reachable_database(uri)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_a_new_sqlite_file_is_accepted_and_its_folder_made(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/deep/er/mlflow.db"

    assert reachable_database(uri) == uri
    assert (tmp_path / "deep" / "er").is_dir()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("not a database, and longer than its header\n" * 10)

    assert "not a database" in _refusal(f"sqlite:///{tmp_path}/mlflow.db")


@pytest.mark.parametrize("uri", ["./mlruns", ""])
def test_what_is_no_database_url_is_refused(uri: str) -> None:
    assert "not a database URL" in _refusal(uri)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_unreachable_postgres_is_refused_without_its_password(scheme: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        message = _refusal(f"{scheme}://alice:hunter2@127.0.0.1:{port}/mlflow")

    assert "alice:***@" in message
    assert "onnection refused" in message
    assert "hunter2" not in message


def test_a_password_among_the_parameters_is_not_shown() -> None:
    assert "hunter2" not in _refusal("postgresql://127.0.0.1:1/mlflow?password=hunter2")


def test_a_missing_driver_is_named() -> None:
    message = _refusal("postgresql+asyncpg_that_is_not_there://db/mlflow")
    assert "not known here" in message

    assert "needs the driver 'psycopg2'" in _refusal("postgresql+psycopg2://alice:hunter2@db/mlflow")


def test_the_reason_is_one_line_without_the_password() -> None:
    from sqlalchemy import make_url

    url = make_url("postgresql://alice:hunter2@db/mlflow")

    assert reason(OSError("bad\n  hunter2"), url) == "bad ***"


def test_a_taken_port_is_one_line_that_names_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(StartError, match=rf"^port {port} is taken: choose another with --port$"):
            bound_socket("127.0.0.1", port)


def test_an_address_of_another_machine_is_one_line() -> None:
    with pytest.raises(StartError, match=r"cannot listen on 192\.0\.2\.1 port 9999"):
        bound_socket("192.0.2.1", 9999)


def test_a_folder_for_artifacts_is_made(tmp_path: Path) -> None:
    assert usable_destination(f"{tmp_path}/deep/er") == f"{tmp_path}/deep/er"
    assert (tmp_path / "deep" / "er").is_dir()


@pytest.mark.integration
def test_an_s3_bucket_is_accepted_and_not_yet_asked() -> None:
    assert usable_destination("s3://bucket/mlflow") == "s3://bucket/mlflow"


@pytest.mark.integration
def test_artifacts_of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(StartError, match=r"cannot be kept at gopher://: no such kind"):
        usable_destination("gopher://hole/mlflow")


@pytest.mark.integration
def test_a_missing_library_for_artifacts_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(StartError, match=r"s3:// need the library 'boto3': install mlflow-server\[s3\]"):
        usable_destination("s3://bucket/mlflow")


def test_a_password_from_a_file_goes_into_the_url(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")

    uri = with_password_of(tmp_path / "password", "postgresql://alice@db:5432/mlflow")

    assert uri == "postgresql://alice:p%40ss%2Fword@db:5432/mlflow"


def test_without_a_password_file_the_url_stays() -> None:
    assert with_password_of(None, "postgresql://alice:hunter2@db/mlflow") == "postgresql://alice:hunter2@db/mlflow"


def test_a_password_in_two_places_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("other")

    with pytest.raises(StartError, match="already"):
        with_password_of(tmp_path / "password", "postgresql://alice:hunter2@db/mlflow")


def test_a_password_for_what_is_no_url_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("other")

    with pytest.raises(StartError, match="not a database URL"):
        with_password_of(tmp_path / "password", "./mlruns")
