"""Stops the kernel from making connections that nobody will accept: closing the socket would reset them."""

import ctypes
import socket
import struct
from contextlib import suppress

_SO_ATTACH_FILTER = 26
"""Linux only, and not in the module `socket`."""

_DROP_NEW = (
    (0x30, 0, 0, 13),  # load the flags of the TCP header
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # then drop the packet,
    (0x06, 0, 0, 0xFFFFFFFF),  # else take it
)
"""A classic BPF program."""


def refuse_new_connections(listener: socket.socket) -> None:
    """Make the kernel ignore attempts to connect, for all processes on this socket, and for good.

    Whoever tries connects again after a second, and is then refused, or reaches a successor. Handshakes that have begun
    are completed. Where the kernel is not Linux this does nothing, and a connection that is made in the microseconds
    before the socket is closed is reset.
    """
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _DROP_NEW))
    option = struct.pack("HP", len(_DROP_NEW), ctypes.addressof(program))
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)
