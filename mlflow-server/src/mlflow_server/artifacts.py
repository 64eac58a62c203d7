"""The place of the artifacts: known and usable, or refused in one line before the server answers."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from mlflow_server.errors import StartError


def usable_destination(uri: str) -> str:
    """The destination itself, once its folder exists, or the library for its kind of store is there.

    Raises:
        StartError: if MLflow knows no such kind of store, or its library is not installed.
        OSError: if the folder cannot be made.
    """
    scheme = urlsplit(uri).scheme
    if not scheme:
        Path(uri).mkdir(parents=True, exist_ok=True)
        return uri
    # MLflow imports this one only when the first artifact comes.
    if scheme == "s3" and find_spec("boto3") is None:
        raise StartError("artifacts at s3:// need the library 'boto3': install mlflow-server[s3]")
    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    try:
        get_artifact_repository(uri)
    except ImportError as error:
        raise StartError(f"artifacts at {scheme}:// need the library {error.name!r}") from None
    except MlflowException:
        raise StartError(f"artifacts cannot be kept at {scheme}://: no such kind of store is known") from None
    return uri
