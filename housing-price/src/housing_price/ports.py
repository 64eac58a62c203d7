"""Checks that the ports of `up` are free, before anything starts."""

import errno
import socket
from collections.abc import Mapping

from housing_price.errors import PlaceTakenError, UsageError


def require_free_ports(host: str, ports: Mapping[str, int]) -> None:
    """Refuse ports that are taken or not allowed; `ports` maps the name of an option to its port.

    Raises:
        UsageError: if two options name the same port.
        PlaceTakenError: if something listens on a port, or the host is not an address of this machine.
    """
    require_different_ports(ports)
    for option, port in ports.items():
        _require_free(host, port, option)


def require_different_ports(ports: Mapping[str, int]) -> None:
    """Refuse one port for two options.

    Raises:
        UsageError: with the names of both.
    """
    by_port: dict[int, str] = {}
    for option, port in ports.items():
        if port in by_port:
            raise UsageError(f"port {port} is given twice: choose different ones for {by_port[port]} and {option}")
        by_port[port] = option


def to_reachable_host(host: str) -> str:
    """Return the host part of a URL by which this machine reaches a server that listens on `host`."""
    reached = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with
    return f"[{reached}]" if ":" in reached else reached


def _require_free(host: str, port: int, option: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do: connections of an earlier run in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise PlaceTakenError(_explain(host, port, option, error)) from None


def _explain(host: str, port: int, option: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: choose another with {option}"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights: choose one above 1023 with {option}"
    return f"cannot listen on {host} port {port}: {error.strerror or error}: choose another address with --host"
