"""Sets environment variables that libraries read on import, unless the user has set them."""

import os
from collections.abc import MutableMapping

_DEFAULTS = {
    # With few sales and shared cores, waiting threads turn a second into half a minute.
    "OMP_NUM_THREADS": "1",
    # By default MLflow retries for minutes before it reports a missing server.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
}


def prepare_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set the defaults. Call this before importing numpy and mlflow."""
    for name, value in _DEFAULTS.items():
        environment.setdefault(name, value)
