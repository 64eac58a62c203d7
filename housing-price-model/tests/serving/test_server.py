"""The address that the model server reserves before it has a model."""

import socket

import pytest
from housing_price_model.errors import ServingError
from housing_price_model.serving.server import format_address, reserve


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
