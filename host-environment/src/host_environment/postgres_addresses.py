"""Addresses of PostgreSQL as platforms and other libraries write them, in the form that SQLAlchemy takes."""

import re

DRIVER = "psycopg"
OTHER_DRIVERS = frozenset({"aiopg", "asyncpg", "pg8000", "psycopg2", "psycopg2cffi", "psycopg_async"})
_SCHEME = re.compile(r"postgres(?:ql)?(?:\+([a-z0-9_]+))?", re.IGNORECASE)
_PARTS = re.compile(r"(?P<login>[^/?]*@)?(?P<hosts>[^/?@]*)(?P<rest>[/?].*)?", re.DOTALL)
_HOST = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]*)(?::(?P<port>\d+)?)?")

FORM = "postgresql://USER:PASSWORD@HOST:5432/NAME"


class NoPostgresAddress(ValueError):
    """It is no address of PostgreSQL; the text is a sentence for people and holds no part of the address."""


def is_postgres(address: str) -> bool:
    """Return whether an address is meant for PostgreSQL, whatever driver it names."""
    return bool(_SCHEME.fullmatch(address.partition("://")[0].strip()))


def find_other_driver(address: str) -> str | None:
    """Return the driver that an address names if it is another one than ours, such as `asyncpg`."""
    found = _SCHEME.fullmatch(address.partition("://")[0].strip())
    driver = found[1].lower() if found and found[1] else None
    return None if driver == DRIVER else driver


def read_postgres_address(address: str) -> str:
    """Return an address as `postgresql://…` with several hosts as SQLAlchemy takes them.

    `postgres://` of hosting platforms is the same; a driver of another library, as in `postgresql+asyncpg://`, is left
    out. libpq's `HOST1,HOST2:PORT` becomes `?host=HOST1:5432&host=HOST2:PORT`.

    Raises:
        NoPostgresAddress: if it is none, names an unknown driver, or its hosts can't be read.
    """
    driver = find_other_driver(address)
    if not is_postgres(address) or (driver and driver not in OTHER_DRIVERS):
        raise NoPostgresAddress(f"an address of PostgreSQL is {FORM}")
    parts = _PARTS.fullmatch(address.strip().partition("://")[2])
    if parts is None:
        raise NoPostgresAddress(f"it is no {FORM}: an `@` in the password is written %40")
    login, hosts, rest = (parts[name] or "" for name in ("login", "hosts", "rest"))
    if "," not in hosts:
        return f"postgresql://{login}{hosts}{rest}"
    path, _, query = rest.partition("?")
    listed = "&".join(f"host={_write_host(host)}" for host in hosts.split(","))
    return f"postgresql://{login}{path or '/'}?{f'{query}&' if query else ''}{listed}"


def _write_host(text: str) -> str:
    found = _HOST.fullmatch(text.strip())
    if found is None or not found["host"]:
        raise NoPostgresAddress("several hosts are written HOST1:PORT,HOST2:PORT, and the ports are numbers")
    if found["host"].startswith("["):
        raise NoPostgresAddress("of several hosts each is a name or an IPv4 address: name those of IPv6")
    return f"{found['host']}:{found['port'] or 5432}"
