"""Where a database is: the URL that is declared, checked."""

from importlib.util import find_spec
from typing import Literal

from host_environment.postgres_addresses import NoPostgresAddress, is_postgres, read_postgres_address
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

type Dialect = Literal["sqlite", "postgresql"]

_DIALECTS: dict[str, Dialect] = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgresql": "postgresql",
}
_FORMS = "`sqlite:///file.db` or `postgresql://host:5432/name`"
_PASSWORDS = frozenset({"password", "sslpassword"})


class UnusableAddress(ValueError):
    """It is no URL of a database that is known here; the text is a sentence for people and holds no part of it."""


def address_of(text: str) -> URL:
    """The URL of a database; `postgres://`, drivers of other libraries and several hosts are read as libpq reads them.

    Raises:
        UnusableAddress: if it is invalid, or the kind of database is unknown.
    """
    try:
        url = make_url(read_postgres_address(text) if is_postgres(text) else text)
    except NoPostgresAddress as error:
        raise UnusableAddress(str(error)) from None
    except (ArgumentError, ValueError):
        raise UnusableAddress(f"it is no URL of a database: say {_FORMS}") from None
    if url.drivername not in _DIALECTS:
        raise UnusableAddress(f"`{url.drivername}` is not known here: say {_FORMS}")
    if dialect_of(url) == "sqlite":
        _check_file(url)
    elif find_spec("psycopg") is None:
        raise UnusableAddress("PostgreSQL needs the extra `postgres`: install housing-price-orchestrator[postgres]")
    else:
        _check_server(url)
    return url


def _check_server(url: URL) -> None:
    if "service" in url.query:
        raise UnusableAddress("`service` names a file of this machine's users: say `postgresql://host:5432/name`")
    if "ssl" in url.query:
        raise UnusableAddress("`ssl` is an option of another library: say `sslmode=require`")
    if not (url.host or url.query.get("host")):  # the environment (`PGHOST`) would say where
        raise UnusableAddress("the host is missing: say `postgresql://host:5432/name`")
    if not url.database:
        raise UnusableAddress("the name of the database is missing: say `postgresql://host:5432/name`")


def _check_file(url: URL) -> None:
    if url.host or url.username or url.password:
        raise UnusableAddress("SQLite has no host and no user: say `sqlite:///file.db`, with three slashes")
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise UnusableAddress("SQLite needs a file: say `sqlite:///file.db`")
    if url.query:
        raise UnusableAddress("SQLite takes no options in its URL: say `sqlite:///file.db`")


def dialect_of(url: URL) -> Dialect:
    """Which database it is."""
    return _DIALECTS[url.drivername]


def shows_a_password(url: URL) -> bool:
    """Whether there is a password in it."""
    return url.password is not None or bool(_PASSWORDS & set(url.query))
