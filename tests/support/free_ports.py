"""Ports for servers of tests, none given out twice.

They lie below those that the system takes for outgoing connections and for listeners that leave the choice to it:
between the choice and the server's start nobody else can come by them. Each process of a test run has its own range.
"""

import itertools
import os
import socket

MOST_PROCESSES = 10
"""So many processes of a test run have ports that no other gives out."""

_FIRST, _EACH = 12_000, 2_000


def _own_range() -> range:
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % MOST_PROCESSES
    return range(_FIRST + number * _EACH, _FIRST + (number + 1) * _EACH)


# Where it begins differs, so that two test runs beside each other rarely ask for the same.
_ports = itertools.islice(itertools.cycle(_own_range()), os.getpid() % _EACH, None)


def free_port() -> int:
    """A port of loopback that nobody listens on, and that no other call of this returns."""
    return free_ports_in_a_row(1)


def free_ports_in_a_row(count: int) -> int:
    """The first of so many neighbours, each as ``free_port`` returns them."""
    for _ in range(_EACH):
        row = list(itertools.islice(_ports, count))
        if row[-1] - row[0] == count - 1 and all(map(_is_free, row)):
            return row[0]
    raise AssertionError("there are no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
