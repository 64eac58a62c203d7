"""Connects to MLflow, and translates its errors. Imports mlflow only when needed."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from host_environment.loopback import bypass_proxies

from housing_price_model.errors import ModelError, RegistryDenied, RegistryError, without_password
from housing_price_model.registry.answers import Answer, explain_answer, find_answer
from housing_price_model.registry.failures import explain_failure, is_failure, is_lasting

if TYPE_CHECKING:
    from mlflow import MlflowClient

TRACKING_URI_VARIABLE = "MLFLOW_TRACKING_URI"
DEFAULT_TRACKING_URI = "http://127.0.0.1:9999"
"""The default address of `mlflow-server`."""

POLL_SECONDS = 0.1
_HEALTH_SECONDS = 2
_API_SECONDS = 30
"""A busy registry may need long for its first answer."""

NOT_YET = frozenset({502, 503, 504})
NOT_FOUND = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})
"""MLflow's codes for something missing; a missing alias is the second."""

DENIED = frozenset({"CUSTOMER_UNAUTHORIZED", "PERMISSION_DENIED", "UNAUTHENTICATED"})


def tracking_uri() -> str:
    """Return ``MLFLOW_TRACKING_URI``, or the address of a local `mlflow-server`."""
    return os.environ.get(TRACKING_URI_VARIABLE) or DEFAULT_TRACKING_URI


def connect(uri: str, *, timeout_seconds: float, doing: str = "look up the champion") -> "MlflowClient":
    """Wait until the registry answers, try its API, and return a client. Only a server needs waiting and trying.

    What would refuse the work of a command refuses here, before hours of training.

    Args:
        uri: the registry's address.
        timeout_seconds: how long to wait for a server.
        doing: what comes next, for a user who may not do it.

    Raises:
        RegistryUnreachable: if no server answers in time.
        RegistryError: if MLflow does not know this kind of address, or something refuses.
    """
    # Imported first: the server may be starting at the same time, and this takes a second.
    import mlflow

    wait_until_reachable(uri, timeout_seconds=timeout_seconds)
    with translate_errors(f"use the registry at {without_password(uri)}"):
        mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient(uri)
    if is_server(uri):
        _try_api(uri, doing)
    return client


def is_server(uri: str) -> bool:
    """Return whether this is the address of an HTTP server.

    Raises:
        RegistryError: if it begins like one and can be none.
    """
    if not uri.lower().startswith(("http:", "https:")):
        return False
    try:
        address = urlsplit(uri)
        is_complete = bool(address.hostname) and address.port != 0
    except ValueError:
        is_complete = False
    if not is_complete:
        raise RegistryError(f"{without_password(uri)} is no address of a server: correct {TRACKING_URI_VARIABLE}")
    return True


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
        RegistryError: if only a proxy answers until then, or at once if waiting can't help.
    """
    bypass_proxies(os.environ)
    if not is_server(uri):
        return
    deadline = clock() + timeout_seconds
    while (problem := _find_problem(uri)) is not None:
        if clock() >= deadline:
            raise problem
        sleep(POLL_SECONDS)


def _find_problem(uri: str) -> RegistryError | None:
    """Return why there is no answer yet, or only a proxy's "not yet"; None if there is any other answer.

    Raises:
        RegistryError: if waiting can't help.
    """
    from mlflow.exceptions import MlflowException

    try:
        answer = _ask(uri, "/health", timeout=_HEALTH_SECONDS)
    except (OSError, ValueError, MlflowException) as error:
        problem = explain_failure(error, uri)
        if is_lasting(error):
            raise problem from error
        return problem
    return explain_answer(answer, uri, "check its health") if answer.status in NOT_YET else None


def _try_api(uri: str, doing: str) -> None:
    """Ask for something that every user may ask for.

    Raises:
        RegistryError: if there is no answer of MLflow's API.
    """
    with translate_errors(doing):
        answer = _ask(uri, "/api/2.0/mlflow/registered-models/search", timeout=_API_SECONDS, params={"max_results": 1})
    if answer.status != HTTPStatus.OK or not answer.is_of_the_api:
        raise explain_answer(answer, uri, doing)


def _ask(uri: str, path: str, **options: Any) -> Answer:
    """Ask as MLflow's client does: with its credentials and certificates, and the proxies of the environment."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    as_user = get_default_host_creds(uri)  # type: ignore[no-untyped-call]  # MLflow annotates neither
    response = http_request(as_user, path, "GET", max_retries=0, raise_on_status=False, **options)  # type: ignore[no-untyped-call]
    return Answer(response.status_code, response.text)


@contextmanager
def translate_errors(doing: str, *, missing: ModelError | None = None) -> Iterator[None]:
    """Translate MLflow's exceptions to an error that says what failed, or to ``missing`` if something does not exist.

    MLflow also lets exceptions of other libraries through, for files and connections.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        if missing is not None and getattr(error, "error_code", None) in NOT_FOUND:
            raise missing from error
        raise _translate(error, doing) from error


def _translate(error: Exception, doing: str) -> RegistryError:
    if answer := find_answer(error):
        return explain_answer(answer, tracking_uri(), doing)
    if getattr(error, "error_code", None) in DENIED:
        return RegistryDenied(tracking_uri(), doing)
    if is_failure(error):
        return explain_failure(error, tracking_uri())
    return RegistryError(f"MLflow could not {doing}: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
