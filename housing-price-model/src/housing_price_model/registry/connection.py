"""Connects to MLflow, and translates its errors. Imports mlflow only when needed."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from housing_price_model.errors import ModelError, RegistryDenied, RegistryError, RegistryUnreachable

if TYPE_CHECKING:
    from mlflow import MlflowClient

TRACKING_URI_VARIABLE = "MLFLOW_TRACKING_URI"
DEFAULT_TRACKING_URI = "http://127.0.0.1:9999"
"""The default address of `mlflow-server`."""

POLL_SECONDS = 0.1
NOT_YET = frozenset({502, 503, 504})
NOT_FOUND = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})
"""MLflow's codes for something missing; a missing alias is the second."""

DENIED = frozenset({"CUSTOMER_UNAUTHORIZED", "PERMISSION_DENIED", "UNAUTHENTICATED"})


def tracking_uri() -> str:
    """Return ``MLFLOW_TRACKING_URI``, or the address of a local `mlflow-server`."""
    return os.environ.get(TRACKING_URI_VARIABLE) or DEFAULT_TRACKING_URI


def connect(uri: str, *, timeout_seconds: float) -> "MlflowClient":
    """Wait until the registry answers, and return a client. A store that is not a server needs no waiting.

    Raises:
        RegistryUnreachable: if no server answers in time.
        RegistryError: if MLflow does not know this kind of address.
    """
    # Imported first: the server may be starting at the same time, and this takes a second.
    import mlflow

    wait_until_reachable(uri, timeout_seconds=timeout_seconds)
    with translate_errors(f"use the registry at {uri}"):
        mlflow.set_tracking_uri(uri)
        return mlflow.MlflowClient(uri)


def wait_until_reachable(
    uri: str,
    *,
    timeout_seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Return as soon as an HTTP server answers at this address, and immediately for any other kind of store.

    Raises:
        RegistryUnreachable: if none does in time.
    """
    if urlsplit(uri).scheme not in ("http", "https"):
        return
    deadline = clock() + timeout_seconds
    while not _answers(uri):
        if clock() >= deadline:
            raise RegistryUnreachable(uri)
        sleep(POLL_SECONDS)


def _answers(uri: str) -> bool:
    """Return whether there is any response but a proxy's "not yet"."""
    address = urlsplit(uri)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    try:
        connection = kind(address.hostname or "", address.port, timeout=2)
        try:
            connection.request("GET", f"{address.path.rstrip('/')}/health")
            return connection.getresponse().status not in NOT_YET
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError):
        return False


@contextmanager
def translate_errors(doing: str, *, missing: ModelError | None = None) -> Iterator[None]:
    """Translate MLflow's exceptions to an error that says what failed, or to ``missing`` if something does not exist.

    MLflow also lets exceptions of other libraries through, for files and connections.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if missing is not None and error.error_code in NOT_FOUND:
            raise missing from error
        if error.error_code in DENIED:
            raise RegistryDenied(tracking_uri(), doing) from error
        if _is_connection_error(error):
            raise RegistryUnreachable(tracking_uri()) from error
        raise RegistryError(f"MLflow could not {doing}: {_first_line(error)}") from error
    except OSError as error:
        if _is_connection_error(error):
            raise RegistryUnreachable(tracking_uri()) from error
        raise RegistryError(f"MLflow could not {doing}: {_first_line(error)}") from error


def _is_connection_error(error: BaseException | None) -> bool:
    """Return whether the cause is a connection that was refused or lost, or a timeout."""
    from requests import ConnectionError as ConnectionFailure
    from requests import Timeout

    while error is not None:
        if isinstance(error, ConnectionFailure | Timeout | ConnectionError | TimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
