#!/usr/bin/env python3
"""Exit 0 if the server of this container answers a GET with 200: healthcheck.py PATH VARIABLE... PORT.

The port is in the first of the variables that holds a number, else it is the last argument: Kubernetes writes addresses
into variables of these names. Sockets only: it runs every few seconds, and what it does not import costs nothing.
"""

import os
import socket
import sys

TIMEOUT_SECONDS = 3.0


def problem(path: str, port: str) -> str | None:
    """What is wrong with the server at a port of this container; None if nothing is."""
    try:
        status = _status("127.0.0.1", int(port), path)
    except (OSError, ValueError) as error:
        return f"{path} at port {port}: {error}"
    return None if status == "200" else f"{path} at port {port}: {status or 'no answer'}"


def choose_port(variables: list[str], default: str) -> str:
    """The value of the first variable that holds a number."""
    values = (os.environ.get(name, "") for name in variables)
    return next(filter(str.isdecimal, values), default)


def _status(host: str, port: int, path: str) -> str:
    with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n".encode())
        _version, _, rest = connection.recv(64).partition(b" ")
        return rest[:3].decode(errors="replace")


if __name__ == "__main__":
    asked, *variables, default = sys.argv[1:]
    sys.exit(problem(asked, choose_port(variables, default)))
