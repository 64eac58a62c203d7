"""The ports of `up`."""

import socket

import pytest
from housing_price.errors import PlaceTakenError, UsageError
from housing_price.ports import require_free_ports, to_reachable_host


@pytest.mark.parametrize(
    ("host", "reached"), [("127.0.0.1", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("10.0.0.5", "10.0.0.5")]
)
def test_a_host_is_written_as_in_a_url(host: str, reached: str) -> None:
    assert to_reachable_host(host) == reached


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PlaceTakenError, match=r"cannot listen on 192\.0\.2\.1 port 8000"):
        require_free_ports("192.0.2.1", {"--port": 8000})


def test_free_ports_are_left_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    require_free_ports("127.0.0.1", {"--port": port})
    require_free_ports("127.0.0.1", {"--port": port})


def test_equal_ports_name_both_options() -> None:
    with pytest.raises(UsageError, match="--port and --mlflow-port"):
        require_free_ports("127.0.0.1", {"--port": 1, "--mlflow-port": 1})
