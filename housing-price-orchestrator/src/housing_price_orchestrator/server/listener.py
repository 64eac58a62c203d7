"""The socket on which the service listens."""

import errno
import socket


class AddressUnavailable(Exception):
    """The service can't listen on the address that is set."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        if error.errno == errno.EADDRINUSE:
            super().__init__(f"port {port} of {host} is taken: choose another with --port")
            return
        reason = (error.strerror or str(error)).partition(" (while")[0]
        super().__init__(f"port {port} of {host} can't be opened: {reason}: choose another address with --host")


def open_listener(host: str, port: int) -> socket.socket:
    """Open a socket that listens on this address.

    Raises:
        AddressUnavailable: if the port is taken or the address is not one of this machine.
    """
    if not host:  # would mean every address
        raise AddressUnavailable(host, port, OSError(errno.EADDRNOTAVAIL, "no host is named"))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (UnicodeError, TypeError) as error:  # a name that has no form for the network
        raise AddressUnavailable(host, port, OSError(errno.EADDRNOTAVAIL, "no such host")) from error
    except OSError as error:
        raise AddressUnavailable(host, port, error) from error
    # Connections inherit it. Without it, the end of a response waits 40 ms for an acknowledgement on asyncio's loop.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """The address of a listening socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
