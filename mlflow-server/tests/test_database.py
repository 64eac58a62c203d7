"""Databases that cannot be used are refused in one line without a password."""

import socket
from pathlib import Path

import pytest
from mlflow_server.database import add_password, describe_error, require_database, require_plain_path
from mlflow_server.errors import StartError


def _refusal(uri: str) -> str:
    with pytest.raises(StartError) as refused:
        require_database(uri)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_the_folder_of_a_new_sqlite_file_is_created(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/deep/er/mlflow.db"

    assert require_database(uri) == uri
    assert (tmp_path / "deep" / "er").is_dir()


def test_a_file_without_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("not a database, and longer than its header\n" * 10)

    assert "not a database" in _refusal(f"sqlite:///{tmp_path}/mlflow.db")


@pytest.mark.parametrize("uri", ["./mlruns", ""])
def test_other_texts_than_database_urls_are_refused(uri: str) -> None:
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


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg2", "aiopg"])
def test_for_a_driver_of_another_library_the_right_form_is_named(driver: str) -> None:
    message = _refusal(f"postgresql+{driver}://alice:hunter2@db/mlflow")

    assert f"needs the driver '{driver}'" in message
    assert "write postgresql://" in message
    assert "hunter2" not in message


def test_several_hosts_are_tried_in_turn_and_each_reason_is_told() -> None:
    message = _refusal("postgresql://alice:hunter2@127.0.0.1:1,127.0.0.1:2/mlflow?sslmode=disable")

    assert "port 1 failed" in message
    assert "port 2 failed" in message
    assert "hunter2" not in message


def test_hosts_that_can_be_none_are_refused_with_the_right_form() -> None:
    message = _refusal("postgresql://alice:hunter2@db1:x,db2/mlflow")

    assert "HOST1:PORT,HOST2:PORT" in message
    assert "hunter2" not in message


def test_the_reason_is_one_line_without_the_password() -> None:
    from sqlalchemy import make_url

    url = make_url("postgresql://alice:hunter2@db/mlflow")

    assert describe_error(OSError("bad\n  hunter2"), url) == "bad ***"


def test_a_password_from_a_file_goes_into_the_url(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")

    uri = add_password("postgresql://alice@db:5432/mlflow", tmp_path / "password")

    assert uri == "postgresql://alice:p%40ss%2Fword@db:5432/mlflow"


def test_without_a_password_file_the_url_stays() -> None:
    assert add_password("postgresql://alice:hunter2@db/mlflow", None) == "postgresql://alice:hunter2@db/mlflow"


def test_a_password_in_two_places_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("other")

    with pytest.raises(StartError, match="already"):
        add_password("postgresql://alice:hunter2@db/mlflow", tmp_path / "password")


def test_a_password_without_a_url_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("other")

    with pytest.raises(StartError, match="not a database URL"):
        add_password("./mlruns", tmp_path / "password")


@pytest.mark.parametrize("folder", ["a%20b", "100%", "what?"])
def test_a_path_that_mlflow_misreads_is_refused_before_anything_is_made(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder

    with pytest.raises(StartError) as refused:
        require_plain_path(place)

    assert str(place) in str(refused.value)
    assert "--state-dir" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["my data", "jürgen", "a#1", "日本", "it's", "a;b&c=d"])
def test_other_paths_reach_mlflow_as_they_are(tmp_path: Path, folder: str) -> None:
    address = f"sqlite:///{tmp_path}/{folder}/mlflow.db"

    assert require_database(address) == address
    assert [place.name for place in tmp_path.iterdir()] == [folder]
