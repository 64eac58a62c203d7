"""Reaching the registry: what counts as an answer, how long to wait, and MLflow's errors as one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from housing_price_model.errors import RegistryError, RegistryUnreachable, ServingError
from housing_price_model.registry.connection import (
    connect,
    tracking_uri,
    translate_errors,
    wait_until_reachable,
)
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR, RESOURCE_DOES_NOT_EXIST

NOBODY = "http://127.0.0.1:1"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@contextmanager
def answering(next_status: Callable[[], int]) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next_status())
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_reports_a_missing_server_and_how_to_start_it() -> None:
    time = Time()

    with pytest.raises(RegistryUnreachable) as raised:
        wait_until_reachable(NOBODY, timeout_seconds=3, clock=time, sleep=time.sleep)

    assert str(raised.value) == (
        f"no MLflow server answers at {NOBODY}: start one with `mlflow-server`,"
        " or set MLFLOW_TRACKING_URI to one that runs"
    )
    assert time.now == pytest.approx(3, abs=0.2)


def test_a_proxy_that_answers_before_its_server_is_waited_for() -> None:
    statuses = [503, 502, 200]
    time = Time()

    with answering(lambda: statuses.pop(0)) as uri:
        wait_until_reachable(uri, timeout_seconds=60, clock=time, sleep=time.sleep)

    assert statuses == []


@pytest.mark.parametrize("status", [200, 401, 404])
def test_any_answer_of_the_server_itself_is_enough(status: int) -> None:
    with answering(lambda: status) as uri:
        wait_until_reachable(uri, timeout_seconds=0)


def test_a_store_that_is_no_server_is_not_waited_for() -> None:
    wait_until_reachable("sqlite:///mlflow.db", timeout_seconds=0)


def test_without_a_tracking_uri_the_local_server_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    assert tracking_uri() == "http://127.0.0.1:9999"


def test_the_users_tracking_uri_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")

    assert tracking_uri() == "sqlite:///mlflow.db"


@pytest.mark.parametrize("error", [MlflowException("out of\nspace", INTERNAL_ERROR), OSError("out of\nspace")])
def test_translates_an_error_of_mlflow_to_one_line(error: Exception) -> None:
    line = r"^MLflow could not register the model: [^\n]*out of$"

    with pytest.raises(RegistryError, match=line), translate_errors("register the model"):
        raise error


def test_what_is_missing_can_have_words_of_its_own() -> None:
    missing = ServingError("there is no model")

    with pytest.raises(ServingError, match="there is no model"), translate_errors("find it", missing=missing):
        raise MlflowException("gone", RESOURCE_DOES_NOT_EXIST)


@pytest.mark.parametrize("uri", ["garbage://x", "ftp://x"])
def test_reports_an_unknown_kind_of_address_in_one_line(uri: str) -> None:
    with pytest.raises(RegistryError, match=f"^MLflow could not use the registry at {uri}: "):
        connect(uri, timeout_seconds=0)
