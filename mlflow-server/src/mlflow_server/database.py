"""The store's database: reached, or refused in one line, before MLflow is asked to open it.

MLflow alone would retry an unreachable database for an hour, with a stack trace each time. SQLAlchemy is
imported inside the functions: it is not needed to print the help.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_server.errors import StartError

if TYPE_CHECKING:
    from sqlalchemy import URL

_CONNECT_TIMEOUT_SECONDS = 5
_NO_URL = "the backend store is not a database URL such as postgresql://user@host/name"


def reachable_database(uri: str) -> str:
    """The URL as SQLAlchemy spells it, once the database has answered, or can be made where it is a file.

    Raises:
        StartError: if it is no database URL, its driver is not installed, or no such database answers.
        OSError: if the folder of a new file cannot be made.
    """
    from sqlalchemy.exc import ArgumentError

    try:
        url = _parsed(uri)
    except (ArgumentError, ValueError):
        raise StartError(_NO_URL) from None
    file = sqlite_file(url)
    if file and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
    else:
        _read_once(url)
    return url.render_as_string(hide_password=False)


def with_password_of(file: Path | None, uri: str) -> str:
    """The URL with the password that a file holds, so that it stands in no variable; without a file, as it is.

    Raises:
        StartError: if it is no database URL, or there is a password in it already.
        OSError: if the file cannot be read.
    """
    from sqlalchemy.exc import ArgumentError

    if file is None:
        return uri
    try:
        url = _parsed(uri)
    except (ArgumentError, ValueError):
        raise StartError(_NO_URL) from None
    if url.password is not None:
        raise StartError("the backend store's URL has a password already: leave out the one or the password file")
    return url.set(password=file.read_text().strip()).render_as_string(hide_password=False)


def create_sqlite_at_once(uri: str, artifact_root: str) -> None:
    """Make a new SQLite store beside its place and move it there, so that it is whole or absent.

    A store whose first start is killed halfway through MLflow's migrations cannot be opened again.
    Does nothing for a file that exists and for other databases.
    """
    from sqlalchemy import URL, make_url

    file = sqlite_file(make_url(uri))
    if file is None or file.exists():
        return
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with tempfile.TemporaryDirectory(dir=file.parent, prefix="new-store-") as folder:
        unfinished = Path(folder) / file.name
        unfinished_url = URL.create("sqlite", database=str(unfinished))
        store = SqlAlchemyStore(  # type: ignore[no-untyped-call]  # MLflow annotates no constructor
            unfinished_url.render_as_string(), artifact_root
        )
        store.engine.dispose()
        unfinished.rename(file)


def sqlite_file(url: "URL") -> Path | None:
    """The file of an SQLite database, or None for a database that is no file."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).absolute()


def _parsed(uri: str) -> "URL":
    from sqlalchemy import make_url

    url = make_url(uri)
    # The name that hosting platforms put into DATABASE_URL; SQLAlchemy knows only the longer one.
    return url.set(drivername="postgresql") if url.drivername == "postgres" else url


def _read_once(url: "URL") -> None:
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    shown = url.render_as_string(hide_password=True).partition("?")[0]
    is_postgres = url.get_backend_name() == "postgresql"
    timeout = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS} if is_postgres else {}
    try:
        inspect(create_engine(url, connect_args=timeout, poolclass=NullPool)).get_table_names()
    except NoSuchModuleError:
        raise StartError(f"the backend store {shown} is of a kind that is not known here") from None
    except ImportError as error:
        advice = ": install mlflow-server[postgres]" if is_postgres else ""
        raise StartError(f"the backend store {shown} needs the driver {error.name!r}{advice}") from None
    except (SQLAlchemyError, OSError) as error:
        raise StartError(f"the backend store {shown} cannot be opened: {reason(error, url)}") from None


def reason(error: Exception, url: "URL") -> str:
    """The driver's own sentence, in one line and without the password, wherever that stood."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    for password in filter(None, (url.password, url.query.get("password"))):
        text = text.replace(str(password), "***")
    return text
