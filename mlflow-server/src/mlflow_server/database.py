"""Checks the database of the store before MLflow opens it.

MLflow itself retries an unreachable database for an hour, with a stack trace each time. Functions import SQLAlchemy
when they run, because the help does not need it.
"""

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from host_environment.files import describe_denied, is_denied
from host_environment.postgres_addresses import (
    OTHER_DRIVERS,
    NoPostgresAddress,
    find_other_driver,
    is_postgres,
    read_postgres_address,
)

from mlflow_server.errors import StartError

if TYPE_CHECKING:
    from sqlalchemy import URL

_CONNECT_TIMEOUT_SECONDS = 5
_USABLE = ("pg8000", "psycopg2")
"""Drivers of other libraries that MLflow can use where they are installed. The others are asynchronous."""

_MISREAD = "%?"
_NO_URL = "the backend store is not a database URL such as postgresql://user@host/name"


def require_database(uri: str) -> str:
    """Check that the database can be reached, or its file created, and return the URL as SQLAlchemy writes it.

    Raises:
        StartError: if this is no database URL, its driver is not installed, or the database can't be reached.
        OSError: if the folder of a new file can't be created.
    """
    from sqlalchemy.exc import ArgumentError

    try:
        url = _parse(uri)
    except NoPostgresAddress as error:
        raise StartError(f"the backend store: {error}") from None
    except (ArgumentError, ValueError):
        raise StartError(_NO_URL) from None
    file = find_sqlite_file(url)
    if file:
        require_plain_path(file)
    if file and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
    else:
        _connect_once(url)
    return write_url(url)


def require_plain_path(path: Path) -> None:
    """Refuse a path that MLflow would take for another one: it reads `%41` and `?` in the address of an SQLite file.

    Raises:
        StartError: if there is such a character in it.
    """
    odd = sorted(set(_MISREAD) & set(str(path)))
    if odd:
        raise StartError(
            f"the path {path} has {' and '.join(f'`{letter}`' for letter in odd)} in it, which MLflow misreads in the"
            " address of its database: choose another with --state-dir or --backend-store-uri"
        )


def write_url(url: "URL", *, hide_password: bool = False) -> str:
    """Write a URL for MLflow. The path of an SQLite file stays as it is, since MLflow creates its folder from the text.

    SQLAlchemy writes `ü` as `%C3%BC`, and MLflow would create a folder of that name.
    """
    file = find_sqlite_file(url)
    if file is None or url.query:
        return url.render_as_string(hide_password=hide_password)
    return f"{url.drivername}:///{url.database}"


def add_password(uri: str, file: Path | None) -> str:
    """Add the password in a file to the URL, so that no variable holds it; without a file, return the URL unchanged.

    Raises:
        StartError: if this is no database URL, or it already has a password.
        OSError: if the file can't be read.
    """
    from sqlalchemy.exc import ArgumentError

    if file is None:
        return uri
    try:
        url = _parse(uri)
    except NoPostgresAddress as error:
        raise StartError(f"the backend store: {error}") from None
    except (ArgumentError, ValueError):
        raise StartError(_NO_URL) from None
    if url.password is not None:
        raise StartError("the backend store's URL has a password already: leave out the one or the password file")
    return url.set(password=file.read_text(encoding="utf-8").strip()).render_as_string(hide_password=False)


def create_sqlite_atomically(uri: str, artifact_root: str) -> None:
    """Create a new SQLite store in a temporary folder and move it into place, so that it is complete or absent.

    MLflow can't open a store again if its first start is killed during the migrations. Does nothing for an existing
    file and for other databases.
    """
    from sqlalchemy import URL, make_url

    file = find_sqlite_file(make_url(uri))
    if file is None or file.exists():
        return
    file = file.resolve()  # behind a link, which stays
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with tempfile.TemporaryDirectory(dir=file.parent, prefix="new-store-") as folder:
        unfinished = Path(folder) / file.name
        unfinished_url = write_url(URL.create("sqlite", database=str(unfinished)))
        store = SqlAlchemyStore(  # type: ignore[no-untyped-call]  # MLflow annotates no constructor
            unfinished_url, artifact_root
        )
        store.engine.dispose()
        unfinished.rename(file)


def find_sqlite_file(url: "URL") -> Path | None:
    """Return the file of an SQLite database, or None for any other database."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).absolute()


def _parse(uri: str) -> "URL":
    from sqlalchemy import make_url

    driver = find_other_driver(uri)
    if driver in OTHER_DRIVERS and (driver not in _USABLE or find_spec(driver) is None):
        _refuse_driver(driver)
    return make_url(read_postgres_address(uri) if is_postgres(uri) and driver is None else uri)


def _refuse_driver(driver: str) -> NoReturn:
    raise StartError(
        f"the backend store needs the driver {driver!r}, which is not used here: write postgresql://, whose driver"
        " mlflow-server[postgres] installs"
    )


def _connect_once(url: "URL") -> None:
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    file = find_sqlite_file(url)
    if file and is_denied(file):
        raise StartError(f"the backend store: {describe_denied(file)}")
    shown = write_url(url, hide_password=True).partition("?")[0]
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
        raise StartError(f"the backend store {shown} cannot be opened: {describe_error(error, url)}") from None


def describe_error(error: Exception, url: "URL") -> str:
    """Return the driver's own message in one line, without the password."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    for password in filter(None, (url.password, url.query.get("password"))):
        text = text.replace(str(password), "***")
    return text
