"""Hosts to listen on, as people give them."""

import typer


def require_host(host: str | None) -> str | None:
    """Refuse a text that can't be the name or address of a host; a callback of options.

    Raises:
        BadParameter: for an empty text, spaces, and names that have no form for the network.
    """
    if host is not None and not _is_possible(host):
        raise typer.BadParameter(f"{host!r} is no address and no name of a host, such as 127.0.0.1 or localhost")
    return host


def _is_possible(host: str) -> bool:
    try:
        return bool(host) and not any(letter.isspace() for letter in host) and bool(host.encode("idna"))
    except UnicodeError:
        return False
