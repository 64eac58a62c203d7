"""Who has connected may still be accepted, and nobody else connects."""

import errno
import socket
import sys

import pytest
from http_connections.backlog import refuse_new_connections

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has socket filters")


def test_what_the_kernel_has_accepted_stays_and_nobody_connects_any_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as late:
        with socket.create_connection(listener.getsockname()) as early:
            refuse_new_connections(listener)

            late.setblocking(False)
            assert late.connect_ex(listener.getsockname()) == errno.EINPROGRESS
            accepted, _ = listener.accept()
            early.sendall(b"x")
            assert accepted.recv(1) == b"x"
            accepted.close()
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
