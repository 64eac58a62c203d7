"""How options become what MLflow is told."""

from fnmatch import fnmatch
from pathlib import Path

import pytest
from mlflow_server.allowed_hosts import allowed_host_patterns
from mlflow_server.settings import Settings


def test_without_urls_everything_lies_under_the_state_folder(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)

    assert settings.database_uri == f"sqlite:///{tmp_path}/mlflow/mlflow.db"
    assert settings.artifact_uri == f"{tmp_path}/mlflow/artifacts"


def test_a_relative_state_folder_becomes_absolute() -> None:
    assert Settings(state_dir=Path("here")).folder == Path.cwd() / "here" / "mlflow"


def test_given_urls_are_taken_as_they_are() -> None:
    settings = Settings(backend_store_uri="postgresql://db/mlflow", artifacts_destination="s3://bucket/mlflow")

    assert settings.database_uri == "postgresql://db/mlflow"
    assert settings.artifact_uri == "s3://bucket/mlflow"


def test_neither_telemetry_nor_a_job_runner_is_started() -> None:
    environment = Settings().environment()

    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def _passes(host: str, *, bound: str = "127.0.0.1", extra: str | None = None) -> bool:
    """As MLflow's middleware decides it."""
    patterns = allowed_host_patterns(bound, extra)
    return any(fnmatch(host, pattern) if "*" in pattern else host == pattern for pattern in patterns)


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1:9999", "[::1]:9999", "[::1]"])
def test_loopback_names_pass_with_any_port(host: str) -> None:
    assert _passes(host)
    assert _passes(host, extra="mlflow-server")


@pytest.mark.parametrize("host", ["evil.example", "10.attacker.example", "192.168.evil.example:80", "mlflow-server"])
def test_other_names_do_not_pass(host: str) -> None:
    assert not _passes(host)


def test_the_bound_address_passes() -> None:
    assert _passes("10.1.2.3:9999", bound="10.1.2.3")
    assert _passes("[fd00::1]:9999", bound="fd00::1")


def test_a_wildcard_address_lets_no_further_name_pass() -> None:
    assert allowed_host_patterns("0.0.0.0", None) == allowed_host_patterns("127.0.0.1", None)


def test_extra_names_pass_with_any_port_unless_they_name_one() -> None:
    assert _passes("mlflow-server:9999", extra="mlflow-server, other:80")
    assert _passes("other:80", extra="mlflow-server, other:80")
    assert not _passes("other:81", extra="mlflow-server, other:80")


def test_a_lone_star_lets_every_name_pass() -> None:
    assert _passes("evil.example", extra="*")
