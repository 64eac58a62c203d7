"""MLflow's basic auth: every request needs a user name and a password, except at `/health`.

MLflow reads its configuration from a file when it is imported. This module writes the file and creates the first user.
"""

import atexit
import configparser
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from mlflow_server.database import find_sqlite_file, write_url
from mlflow_server.errors import StartError

if TYPE_CHECKING:
    from sqlalchemy import URL

APPLICATION = "mlflow.server.auth:create_app"
CONFIGURATION_VARIABLE = "MLFLOW_AUTH_CONFIG_PATH"
SECRET_VARIABLE = "MLFLOW_FLASK_SERVER_SECRET_KEY"  # noqa: S105 - a variable's name
CACHE_SECONDS = 60
"""How long a changed password may still pass. Without a cache each request hashes one, which is slow by intent."""


def enable_authentication(database: "URL") -> None:
    """Let MLflow keep its users beside the store, and create the administrator if there is none yet.

    Raises:
        StartError: if the library, the key or the first password is missing.
    """
    if not os.environ.get(SECRET_VARIABLE):
        raise StartError(f"--auth needs {SECRET_VARIABLE}: a long random text that stays the same")
    if not os.environ.get(CONFIGURATION_VARIABLE):
        os.environ[CONFIGURATION_VARIABLE] = str(_write_configuration(derive_users_uri(database)))
    # As `mlflow server --app-name basic-auth` selects an ASGI application.
    os.environ["_MLFLOW_SGI_NAME"] = "uvicorn"
    from mlflow.exceptions import MlflowException

    try:
        from mlflow.server.auth import bootstrap_admin_user

        bootstrap_admin_user()
    except ImportError as error:
        raise StartError(f"--auth needs the library {error.name!r}: install mlflow-server[auth]") from None
    except MlflowException as error:
        raise StartError(f"--auth: {' '.join(str(error).split())}") from None


def derive_users_uri(database: "URL") -> str:
    """Return the database of the users: the store's own, or a file beside it if that is a file."""
    file = find_sqlite_file(database)
    if file is not None:
        database = database.set(database=str(file.with_name("users.db")))
    return write_url(database)


def _write_configuration(uri: str) -> Path:
    """Write a file that only this user can read and that goes with the process: the URL may hold a password."""
    configuration = configparser.ConfigParser()
    configuration["mlflow"] = {
        "default_permission": "READ",
        # A per cent sign has a meaning in such files.
        "database_uri": uri.replace("%", "%%"),
        "admin_username": "admin",
        "auth_cache_ttl_seconds": str(CACHE_SECONDS),
    }
    with NamedTemporaryFile("w", encoding="utf-8", prefix="mlflow-auth-", suffix=".ini", delete=False) as file:
        configuration.write(file)
    path = Path(file.name)
    atexit.register(path.unlink, missing_ok=True)
    return path
