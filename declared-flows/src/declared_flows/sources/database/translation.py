"""Translates what the database drivers raise into our errors: the one place that knows both.

SQLite names what happened by its result code, PostgreSQL by its SQLSTATE; the longest prefix in the table counts.
Their own sentences contain values, so only `reason_of` passes one on, for `verify`.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

from declared_flows.errors import StepError, UnusableParams

type Outcome = Callable[[], StepError]

NAME = "database"
"""What the errors call it."""

_unavailable = partial(UpstreamUnavailable, upstream=NAME)
_bad_answer = partial(BadUpstreamAnswer, upstream=NAME)

_REFUSED: Outcome = partial(_bad_answer, "the statement is refused by the database")
_WRITES: Outcome = partial(_bad_answer, "the statement writes, and the operation does not say `write: true`")
_UNUSABLE: Outcome = partial(UnusableParams, "the database does not take these values")
_AGAINST_RULES: Outcome = partial(UnusableParams, "the rules of the database refuse these values")
_LOCKED: Outcome = partial(_unavailable, "it is locked by others", "status")
_FULL: Outcome = partial(_unavailable, "it has no room or connection left", "status")
_BROKEN: Outcome = partial(_unavailable, "its storage fails", "status")
_UNREADABLE: Outcome = partial(_bad_answer, "it holds a value that can't be read")
_LOST: Outcome = partial(_unavailable, "the connection was lost", "reset")
_NO_CONNECTION: Outcome = partial(_unavailable, "no connection could be made", "connection")
_REFUSED_CONNECTION: Outcome = partial(_unavailable, "the connection was refused", "refused")
_LATE_CONNECTION: Outcome = partial(_unavailable, "no connection could be made in time", "connect_timeout")
_NO_LOGIN: Outcome = partial(_unavailable, "it does not let this user in, or has no such database", "status")
_WRONG_PASSWORD: Outcome = partial(
    _unavailable, "it does not let this user in: the name or the password is wrong", "status"
)
_NO_PASSWORD: Outcome = partial(_unavailable, "it does not let this user in: it asks for a password", "status")
_NO_RULE: Outcome = partial(
    _unavailable, "it does not let this user in: none of its rules (pg_hba.conf) allows this connection", "status"
)
_NO_DATABASE: Outcome = partial(_unavailable, "no connection could be made: it has no such database", "status")
_NO_TLS: Outcome = partial(
    _unavailable, "no connection could be made: TLS failed, or is lacking on one side", "connection"
)
_NO_HOST: Outcome = partial(_unavailable, "no connection could be made: its host name is not known here", "connection")
_NO_OPTION: Outcome = partial(
    _unavailable, "no connection could be made: its address has an option that is unknown", "connection"
)
_CANCELED: Outcome = partial(_unavailable, "it ended the statement", "read_timeout")
_NOT_FREE: Outcome = partial(_unavailable, "no connection was free", "pool_timeout")

SQLITE: Mapping[str, Outcome] = {
    "SQLITE_ERROR": _REFUSED,
    "SQLITE_AUTH": _REFUSED,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_PROTOCOL": _LOCKED,
    "SQLITE_CANTOPEN": partial(_unavailable, "its file is not there, or can't be opened", "connection"),
    "SQLITE_PERM": partial(_unavailable, "its file is not there, or can't be opened", "connection"),
    "SQLITE_NOTADB": partial(_bad_answer, "its file is no SQLite database"),
    "SQLITE_CORRUPT": partial(_bad_answer, "its file is damaged"),
    "SQLITE_READONLY": _WRITES,
    "SQLITE_CONSTRAINT": _AGAINST_RULES,
    "SQLITE_MISMATCH": _UNUSABLE,
    "SQLITE_TOOBIG": _UNUSABLE,
    "SQLITE_RANGE": _REFUSED,
    "SQLITE_INTERRUPT": _CANCELED,
    "SQLITE_IOERR": _BROKEN,
    "SQLITE_FULL": _FULL,
    "SQLITE_NOMEM": _FULL,
}
"""By the name of the result code: https://www.sqlite.org/rescode.html."""

POSTGRES: Mapping[str, Outcome] = {
    "08": _LOST,
    "0A": _REFUSED,
    "22": partial(_bad_answer, "the statement fails on these rows"),
    "22001": _UNUSABLE,
    "22003": _UNUSABLE,
    "22007": _UNUSABLE,
    "22008": _UNUSABLE,
    "22021": _UNUSABLE,
    "22023": _UNUSABLE,
    "22P02": _UNUSABLE,
    "22P05": _UNUSABLE,
    "23": _AGAINST_RULES,
    "25": _REFUSED,
    "25006": _WRITES,
    "28": _NO_LOGIN,
    "28P01": _WRONG_PASSWORD,
    "3D": _NO_DATABASE,
    "40": _LOCKED,
    "42": _REFUSED,
    "53": _FULL,
    "54": _REFUSED,
    "55": _REFUSED,
    "55P03": _LOCKED,
    "57": _LOST,
    "57014": _CANCELED,
    "58": _BROKEN,
    "XX": _BROKEN,
}
"""By the beginning of the SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html."""

_BY_SENTENCE: Mapping[str, Outcome] = {
    "onnection refused": _REFUSED_CONNECTION,
    "no password supplied": _NO_PASSWORD,
    "authentication failed": _WRONG_PASSWORD,
    "no pg_hba.conf entry": _NO_RULE,
    "closed unexpectedly": _LOST,
    "SSL": _NO_TLS,
    "certificate": _NO_TLS,
    "invalid connection option": _NO_OPTION,
    "could not translate host name": _NO_HOST,
    "Name or service not known": _NO_HOST,
    'role "': _WRONG_PASSWORD,
    "does not exist": _NO_DATABASE,
    "timeout expired": _LATE_CONNECTION,
    "too many clients": _FULL,
    "no active connection": _LOST,
    "decode to UTF-8": _UNREADABLE,
    "connection failed": _NO_CONNECTION,
}
"""By a part of the sentence."""

_BY_CLASS: Mapping[str, Outcome] = {
    "ConnectionTimeout": _LATE_CONNECTION,
    "OperationalError": _LOST,
    "InterfaceError": _LOST,
    "DataError": _UNREADABLE,
}
"""By the name of the class."""


_OF_PYTHON = (OSError, ValueError, ArithmeticError, RecursionError)
"""What the drivers' conversions of values may raise."""


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise our errors in place of the drivers'.

    Raises:
        UpstreamUnavailable: if there was no answer.
        BadUpstreamAnswer: if the statement or its answer can't be used.
        UnusableParams: if the database does not take the values.
    """
    try:
        yield
    except _foreign() as error:
        raise translate(error) from error


def _foreign() -> tuple[type[Exception], ...]:
    return (SQLAlchemyError, *_OF_PYTHON, *_drivers_errors())


def _drivers_errors() -> tuple[type[Exception], ...]:
    """What the drivers raise; psycopg may not be installed."""
    psycopg = sys.modules.get("psycopg")
    return (sqlite3.Error, psycopg.Error) if psycopg else (sqlite3.Error,)


def translate(error: Exception) -> StepError:
    """Our error for one of SQLAlchemy, of a driver, or of Python."""
    if isinstance(error, NoConnectionFree):
        return _NOT_FREE()
    if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
        return translate(error.orig)
    if isinstance(error, _drivers_errors()):
        return _of_driver(error)()
    if isinstance(error, OSError):
        return _NO_CONNECTION()
    return _UNREADABLE() if isinstance(error, _OF_PYTHON) else _REFUSED()


def _of_driver(error: Exception) -> Outcome:
    """By its code; failed logins, and what a driver finds out by itself, carry none."""
    found = _by_code(SQLITE, getattr(error, "sqlite_errorname", None)) or _by_code(
        POSTGRES, getattr(error, "sqlstate", None)
    )
    if found:
        return found
    sentence = str(error)
    named = next((outcome for part, outcome in _BY_SENTENCE.items() if part in sentence), None)
    return named or _BY_CLASS.get(type(error).__name__, _REFUSED)


def _by_code(table: Mapping[str, Outcome], code: str | None) -> Outcome | None:
    known = [beginning for beginning in table if code and code.startswith(beginning)]
    return table[max(known, key=len)] if known else None


def reason_of(error: BaseException | None, *passwords: str | None) -> str:
    """Return why a database refuses a statement or a connection, in one line, for the people who wrote it.

    Args:
        error: what the driver raised.
        passwords: what must not be in the line.
    """
    text = _driver_sentence(error)
    for password in filter(None, passwords):
        text = text.replace(password, "***")
    return text


def _driver_sentence(error: BaseException | None) -> str:
    original = getattr(error, "orig", None) or error
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    return " ".join(str(primary or original or "").split())
