"""Which `Host` headers the server answers.

MLflow refuses others with 403, against DNS rebinding, `/health` and `/version` excepted. Its own default
lets every name pass that begins as a private address does (`10.*`, so `10.attacker.example`); ours does not.
"""

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, never bound


def allowed_host_patterns(bound_host: str, extra_hosts: str | None) -> list[str]:
    """The patterns for MLflow: loopback, the bound host, and the extra hosts, each with and without a port.

    Args:
        bound_host: the address that the server listens on; a wildcard address adds nothing.
        extra_hosts: names separated by commas, which may hold `*`; a lone `*` lets every host pass.
    """
    bound = () if bound_host in _ANY_ADDRESS else (_in_header(bound_host),)
    extra = [host.strip() for host in (extra_hosts or "").split(",")]
    if "*" in extra:
        return ["*"]
    hosts = dict.fromkeys([*_LOOPBACK, *bound, *filter(None, extra)])
    return [pattern for host in hosts for pattern in _with_any_port(host)]


def _in_header(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _with_any_port(host: str) -> list[str]:
    if ":" in host.rpartition("]")[2]:
        return [host]
    # A pattern with * is matched as by a shell, where a bracket opens a set of characters.
    return [host, f"{host.replace('[', '[[]', 1)}:*"]
