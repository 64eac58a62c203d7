"""Runs MLflow's own ASGI application in this process.

`mlflow server` imports MLflow twice, once to open the store and once more in the uvicorn that it starts. This
module answers after half that time (2.2 s against 4.6 s on two cores) and is one process instead of two. What
the command hands to its uvicorn are the variables that `_tell_mlflow` sets; their names are constants of
`mlflow.server.constants`, and the version of MLflow is pinned to one minor release.
"""

import errno
import logging
import os
import signal
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from mlflow_server.artifacts import usable_destination
from mlflow_server.database import create_sqlite_at_once, reachable_database, reason, with_password_of
from mlflow_server.errors import StartError
from mlflow_server.settings import Settings, is_loopback

_APPLICATION = "mlflow.server.fastapi_app:app"
_PROXIED_ARTIFACTS = "mlflow-artifacts:/"
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_GRACE_SECONDS = 10


def serve(settings: Settings) -> NoReturn:
    """Serve until SIGTERM or SIGINT, then exit 0.

    Raises:
        StartError: if the port is taken or a store cannot be used.
        OSError: if the state folder cannot be written.
    """
    for number in _STOP_SIGNALS:
        signal.signal(number, _exit_cleanly)
    listener = bound_socket(settings.host, settings.port)
    os.environ.update(settings.environment())
    _quieten_libraries()
    with _signals_held():
        database = _open_stores(settings)
        if settings.auth:
            _require_names(database)
    if not settings.auth and not is_loopback(settings.host):
        sys.stderr.write(
            f"WARNING: {settings.host} is reached from beyond this machine, and there is no --auth:"
            " whoever reaches the port can read and change every model\n"
        )
    sys.stdout.write(f"serving on http://{settings.host}:{settings.port}, store {_without_password(database)}\n")
    sys.stdout.flush()
    _run(listener, settings)
    sys.exit(0)


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket that holds the address, and answers nobody before the server listens on it.

    Raises:
        StartError: if the port is taken or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartError(_why_unbound(host, port, error)) from None
    return listener


def _why_unbound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights: choose one above 1023 with --port"
    return f"cannot listen on {host} port {port}: {error.strerror}"


def _open_stores(settings: Settings) -> str:
    """Open both stores through MLflow, so that a worker finds them migrated; the database's URL."""
    database = reachable_database(with_password_of(settings.backend_store_password_file, settings.database_uri))
    artifacts = usable_destination(settings.artifact_uri)
    from sqlalchemy import make_url

    try:
        create_sqlite_at_once(database, _PROXIED_ARTIFACTS)
        _tell_mlflow(database, artifacts)
        from mlflow.server.handlers import initialize_backend_stores

        initialize_backend_stores(database, database, _PROXIED_ARTIFACTS)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - MLflow lets through what alembic, SQLAlchemy and drivers raise
        raise StartError(f"MLflow refuses the backend store: {reason(error, make_url(database))}") from None
    return database


def _tell_mlflow(database: str, artifacts: str) -> None:
    from mlflow.server import constants

    os.environ[constants.BACKEND_STORE_URI_ENV_VAR] = database
    os.environ[constants.REGISTRY_STORE_URI_ENV_VAR] = database
    os.environ[constants.ARTIFACT_ROOT_ENV_VAR] = _PROXIED_ARTIFACTS
    os.environ[constants.ARTIFACTS_DESTINATION_ENV_VAR] = artifacts
    os.environ[constants.SERVE_ARTIFACTS_ENV_VAR] = "true"


def _require_names(database: str) -> None:
    from sqlalchemy import make_url

    from mlflow_server.authentication import prepare

    prepare(make_url(database))


def _run(listener: socket.socket, settings: Settings) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from mlflow_server.authentication import APPLICATION

    config = uvicorn.Config(
        APPLICATION if settings.auth else _APPLICATION,
        factory=settings.auth,
        workers=settings.workers,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    if settings.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        # It raises the signal that stopped it once more when it is done, so _exit_cleanly has the last word.
        uvicorn.Server(config).run(sockets=[listener])


def _without_password(database: str) -> str:
    from sqlalchemy import make_url

    return make_url(database).render_as_string(hide_password=True).partition("?")[0]


def _exit_cleanly(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Deliver a stop signal after the block, so that no migration ends halfway."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)


def _quieten_libraries() -> None:
    """Leave out a hundred lines about migrations, and warnings that only MLflow's authors can act on."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    warnings.filterwarnings("ignore", module=r"mlflow\.")
