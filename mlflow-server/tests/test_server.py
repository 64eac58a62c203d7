"""The socket of the server."""

import socket

import pytest
from mlflow_server.errors import StartError
from mlflow_server.server import bind_socket, make_config
from mlflow_server.settings import Settings


def test_a_taken_port_is_one_line_that_names_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(StartError, match=rf"^port {port} is taken: choose another with --port$"):
            bind_socket("127.0.0.1", port)


def test_an_address_of_another_machine_is_one_line() -> None:
    with pytest.raises(StartError, match=r"cannot listen on 192\.0\.2\.1 port 9999"):
        bind_socket("192.0.2.1", 9999)


def test_an_idle_connection_lives_longer_than_its_clients_reuse_it() -> None:
    assert make_config(Settings()).timeout_keep_alive > 60
