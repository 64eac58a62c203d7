"""Settings, and the variables of MLflow that they set."""

from pathlib import Path

from host_environment.loopback import is_loopback
from mlflow_server.settings import Settings


def test_the_default_host_is_loopback() -> None:
    assert is_loopback(Settings().host)


def test_without_urls_everything_lies_under_the_state_folder(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)

    assert settings.database_uri == f"sqlite:///{tmp_path}/mlflow/mlflow.db"
    assert settings.artifact_uri == f"{tmp_path}/mlflow/artifacts"


def test_a_relative_state_folder_becomes_absolute() -> None:
    assert Settings(state_dir=Path("here")).folder == Path.cwd() / "here" / "mlflow"


def test_given_urls_stay_as_they_are() -> None:
    settings = Settings(backend_store_uri="postgresql://db/mlflow", artifacts_destination="s3://bucket/mlflow")

    assert settings.database_uri == "postgresql://db/mlflow"
    assert settings.artifact_uri == "s3://bucket/mlflow"


def test_telemetry_and_the_job_runner_are_off() -> None:
    environment = Settings().make_environment()

    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
