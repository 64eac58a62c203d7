"""Checks the place of the artifacts before the server starts."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from mlflow_server.errors import StartError


def prepare_destination(uri: str) -> str:
    """Create the folder, or check that the library for this kind of store is installed; return the destination.

    Raises:
        StartError: if MLflow knows no such kind of store, or its library is not installed.
        OSError: if the folder can't be created.
    """
    scheme = urlsplit(uri).scheme
    if not scheme:
        Path(uri).mkdir(parents=True, exist_ok=True)
        # MLflow decodes a path as if it were a URL: `%41` would be `A`.
        return Path(uri).absolute().as_uri() if "%" in uri else uri
    # MLflow imports this library only with the first artifact.
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
