"""Which `Host` headers pass."""

from fnmatch import fnmatch

import pytest
from mlflow_server.allowed_hosts import make_host_patterns


def _passes(host: str, *, bound: str = "127.0.0.1", extra: str | None = None) -> bool:
    """As MLflow's middleware decides it."""
    patterns = make_host_patterns(bound, extra)
    return any(fnmatch(host, pattern) if "*" in pattern else host == pattern for pattern in patterns)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:9999", "localhost.:9999", "127.0.0.1:9999", "[::1]:9999", "[::1]"]
)
def test_loopback_names_pass_with_any_port(host: str) -> None:
    assert _passes(host)
    assert _passes(host, extra="mlflow-server")


@pytest.mark.parametrize("host", ["evil.example", "10.attacker.example", "192.168.evil.example:80", "mlflow-server"])
def test_other_hosts_do_not_pass(host: str) -> None:
    assert not _passes(host)


def test_the_bound_address_passes() -> None:
    assert _passes("10.1.2.3:9999", bound="10.1.2.3")
    assert _passes("[fd00::1]:9999", bound="fd00::1")


def test_a_wildcard_address_adds_no_host() -> None:
    assert make_host_patterns("0.0.0.0", None) == make_host_patterns("127.0.0.1", None)


def test_extra_hosts_pass_with_any_port_unless_they_have_one() -> None:
    assert _passes("mlflow-server:9999", extra="mlflow-server, other:80")
    assert _passes("other:80", extra="mlflow-server, other:80")
    assert not _passes("other:81", extra="mlflow-server, other:80")


def test_a_lone_star_lets_every_host_pass() -> None:
    assert _passes("evil.example", extra="*")
