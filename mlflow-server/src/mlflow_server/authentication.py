"""MLflow's basic auth: names and passwords for all that the server answers, `/health` excepted.

MLflow reads its configuration from a file when it is imported; this module writes the file, and makes the first user.
"""

import atexit
import configparser
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from mlflow_server.database import sqlite_file
from mlflow_server.errors import StartError

if TYPE_CHECKING:
    from sqlalchemy import URL

APPLICATION = "mlflow.server.auth:create_app"
CONFIGURATION_VARIABLE = "MLFLOW_AUTH_CONFIG_PATH"
SECRET_VARIABLE = "MLFLOW_FLASK_SERVER_SECRET_KEY"  # noqa: S105 - a variable's name
CACHE_SECONDS = 60
"""For so long a password that was changed may still pass; without it one is hashed at each request, slow by intent."""


def prepare(database: "URL") -> None:
    """Have MLflow keep its users beside the store, and make the administrator where there is none yet.

    Raises:
        StartError: if the library, the key or the first password is missing.
    """
    if not os.environ.get(SECRET_VARIABLE):
        raise StartError(f"--auth needs {SECRET_VARIABLE}: a long random text that stays the same")
    if not os.environ.get(CONFIGURATION_VARIABLE):
        os.environ[CONFIGURATION_VARIABLE] = str(_configuration_file(users_uri(database)))
    # How `mlflow server --app-name basic-auth` asks for an application of this kind.
    os.environ["_MLFLOW_SGI_NAME"] = "uvicorn"
    from mlflow.exceptions import MlflowException

    try:
        from mlflow.server.auth import bootstrap_admin_user

        bootstrap_admin_user()
    except ImportError as error:
        raise StartError(f"--auth needs the library {error.name!r}: install mlflow-server[auth]") from None
    except MlflowException as error:
        raise StartError(f"--auth: {' '.join(str(error).split())}") from None


def users_uri(database: "URL") -> str:
    """Where users are kept: in the store's own database, or beside its file where it is one."""
    file = sqlite_file(database)
    if file is not None:
        database = database.set(database=str(file.with_name("users.db")))
    return database.render_as_string(hide_password=False)


def _configuration_file(uri: str) -> Path:
    """A file for this user's eyes, as long as the process lives: the URL may hold a password."""
    configuration = configparser.ConfigParser()
    configuration["mlflow"] = {
        "default_permission": "READ",
        # A per cent sign means something in such files.
        "database_uri": uri.replace("%", "%%"),
        "admin_username": "admin",
        "auth_cache_ttl_seconds": str(CACHE_SECONDS),
    }
    with NamedTemporaryFile("w", prefix="mlflow-auth-", suffix=".ini", delete=False) as file:
        configuration.write(file)
    path = Path(file.name)
    atexit.register(path.unlink, missing_ok=True)
    return path
