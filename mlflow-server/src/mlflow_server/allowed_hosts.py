"""Which `Host` headers the server accepts.

MLflow rejects others with 403, to prevent DNS rebinding, except at `/health` and `/version`. Its own default accepts
every name that begins like a private address (`10.*`, so `10.attacker.example`); ours does not.
"""

_LOOPBACK = ("localhost", "localhost.", "127.0.0.1", "[::1]")
_ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, never bound


def make_host_patterns(bound_host: str, extra_hosts: str | None) -> list[str]:
    """Make the patterns for MLflow: loopback, the bound host and the extra hosts, each with and without a port.

    Args:
        bound_host: the address that the server listens on; a wildcard address adds nothing.
        extra_hosts: names separated by commas, which may contain `*`; a lone `*` accepts every host.
    """
    bound = () if bound_host in _ANY_ADDRESS else (_format_host(bound_host),)
    extra = [host.strip() for host in (extra_hosts or "").split(",")]
    if "*" in extra:
        return ["*"]
    hosts = dict.fromkeys([*_LOOPBACK, *bound, *filter(None, extra)])
    return [pattern for host in hosts for pattern in _add_any_port(host)]


def _format_host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _add_any_port(host: str) -> list[str]:
    if ":" in host.rpartition("]")[2]:
        return [host]
    # MLflow matches a pattern with * as a shell does, where a bracket opens a set of characters.
    return [host, f"{host.replace('[', '[[]', 1)}:*"]
