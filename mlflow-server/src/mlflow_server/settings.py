"""The settings of the server, and the variables of MLflow that they set.

This module does not import mlflow, which takes seconds: a taken port or a wrong option must fail at once.
"""

from dataclasses import dataclass
from pathlib import Path

from mlflow_server.allowed_hosts import make_host_patterns


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the server listens, and where it keeps what; None means under the state folder."""

    host: str = "127.0.0.1"
    port: int = 9999
    state_dir: Path = Path(".housing-price")
    backend_store_uri: str | None = None
    backend_store_password_file: Path | None = None
    artifacts_destination: str | None = None
    allowed_hosts: str | None = None
    workers: int = 1
    auth: bool = False

    @property
    def folder(self) -> Path:
        """The server's part of the state folder."""
        return self.state_dir.absolute() / "mlflow"

    @property
    def database_uri(self) -> str:
        """The URL of the store; by default an SQLite file under the state folder."""
        return self.backend_store_uri or f"sqlite:///{self.folder / 'mlflow.db'}"

    @property
    def artifact_uri(self) -> str:
        """The folder or URL of the artifacts."""
        return self.artifacts_destination or str(self.folder / "artifacts")

    def make_environment(self) -> dict[str, str]:
        """Make the public variables of MLflow, which it reads when it is imported."""
        hosts = make_host_patterns(self.host, self.allowed_hosts)
        return {
            "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(hosts),
            # A second process of 235 MB, for language-model features that nothing here uses.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
