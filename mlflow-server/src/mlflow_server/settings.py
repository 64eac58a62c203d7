"""What the server is asked to be, and which of MLflow's own variables say so.

No import of mlflow here: a taken port or a wrong option must be told at once, and mlflow takes seconds.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from mlflow_server.allowed_hosts import allowed_host_patterns


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the server listens and what it keeps where; what is None lies under the state folder."""

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
        """The part of the state folder that is this server's."""
        return self.state_dir.absolute() / "mlflow"

    @property
    def database_uri(self) -> str:
        """The URL of the store: the one given, else an SQLite file under the state folder."""
        return self.backend_store_uri or f"sqlite:///{self.folder / 'mlflow.db'}"

    @property
    def artifact_uri(self) -> str:
        """Where the server keeps artifacts for its clients: a URL or a folder."""
        return self.artifacts_destination or str(self.folder / "artifacts")

    def environment(self) -> dict[str, str]:
        """MLflow's public variables, which it reads while it is imported."""
        hosts = allowed_host_patterns(self.host, self.allowed_hosts)
        return {
            "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(hosts),
            # It would be a second process of 235 MB, for language-model features that nothing here uses.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }


def is_loopback(host: str) -> bool:
    """Whether what listens there is reached from this machine alone; of a name only `localhost` is known to be."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
