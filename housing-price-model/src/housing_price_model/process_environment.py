"""Variables that libraries read while they are imported: our defaults, where the user has set none."""

import os
from collections.abc import MutableMapping

_DEFAULTS = {
    # The sales are few and the cores are shared: threads that wait for each other turn a second into half a minute.
    "OMP_NUM_THREADS": "1",
    # MLflow by itself tries for minutes before it says that there is no server.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
}


def prepare_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set our defaults. To be called before numpy and mlflow are imported."""
    for name, value in _DEFAULTS.items():
        environment.setdefault(name, value)
