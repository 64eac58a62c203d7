"""The socket on which the service listens."""

import errno
import socket


class AddressUnavailable(Exception):
    """The process can't listen where it should."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        reason = "is taken: choose another with --port" if error.errno == errno.EADDRINUSE else error.strerror
        super().__init__(f"port {port} of {host} {reason}")


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        AddressUnavailable: if the port is taken or the address is none of this machine's.
    """
    if not host:  # which would mean every address
        raise AddressUnavailable(host, port, OSError(errno.EADDRNOTAVAIL, "can't be opened: no host is named"))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except UnicodeError as error:
        raise AddressUnavailable(host, port, OSError(errno.EADDRNOTAVAIL, "can't be opened: no such host")) from error
    except OSError as error:
        raise AddressUnavailable(host, port, error) from error
    # Connections inherit it. Without it, an answer's end waits 40 ms for an acknowledgement on asyncio's own loop.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address_of(socket_: socket.socket) -> str:
    """The address of a socket that listens, as a URL."""
    host, port = socket_.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
