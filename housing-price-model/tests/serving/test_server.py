"""The address that the model server reserves before it has a model."""

import json
import pickle
import socket
from typing import Any

import pytest
from housing_price_model.errors import ServingError
from housing_price_model.serving.app import create_app
from housing_price_model.serving.refusals import refuse_connection
from housing_price_model.serving.server import format_address, make_config, reserve
from http_connections.rules import KEEP_ALIVE_SECONDS, Fault


def test_a_reserved_address_does_not_answer_yet() -> None:
    with reserve("127.0.0.1", 0) as bound, pytest.raises(ConnectionRefusedError):
        socket.create_connection(bound.getsockname())


def test_a_taken_port_is_one_line_that_names_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ServingError, match=rf"^port {port} on 127.0.0.1 can't be used .*--port$"):
            reserve("127.0.0.1", port)


def test_reports_an_invalid_host_in_one_line_naming_the_option() -> None:
    with pytest.raises(ServingError, match=r"^not an address is not an address of this machine: .*--host$"):
        reserve("not an address", 0)


def test_an_address_is_written_as_a_url() -> None:
    with reserve("127.0.0.1", 0) as bound:
        assert format_address(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("workers", [1, 2])
def test_an_idle_connection_lives_longer_than_its_clients_reuse_it(workers: int) -> None:
    config = make_config(lambda: None, workers=workers)  # type: ignore[arg-type] # nobody asks it

    assert config.timeout_keep_alive == KEEP_ALIVE_SECONDS > 60


@pytest.mark.parametrize(("fault", "status"), [(Fault.MALFORMED, 400), (Fault.TOO_SLOW, 408)])
def test_what_never_becomes_a_request_is_refused_in_the_form_of_mlflow(fault: Fault, status: int) -> None:
    refusal = refuse_connection(fault, "it has no Host header", "127.0.0.1")

    assert refusal.status == status
    assert json.loads(refusal.body)["message"] == "the request can't be read: it has no Host header"


def test_the_configuration_reaches_the_processes_of_workers() -> None:
    app: Any = format_address  # anything that can be pickled

    assert pickle.dumps(make_config(app, workers=2))


def test_the_configuration_of_workers_reaches_their_processes() -> None:
    config = make_config(create_app, workers=2)  # type: ignore[arg-type] # nobody asks it

    assert pickle.loads(pickle.dumps(config)).workers == 2
