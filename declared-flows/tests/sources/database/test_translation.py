"""Every error of the database drivers has its translation."""

import sqlite3
from collections.abc import Iterable

import psycopg
import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.database.translation import (
    reason_of,
    translate,
    translate_errors,
)
from psycopg.errors import _sqlcodes as sqlstates
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

OURS = (UpstreamUnavailable, BadUpstreamAnswer, UnusableParams)


def leaves(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(leaf for below in kind.__subclasses__() for leaf in leaves(below))]


def of_sqlite(code: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorname = code
    return error


def none_of_ours(errors: Iterable[Exception]) -> list[str]:
    return [repr(error) for error in errors if not isinstance(translate(error), OURS)]


def test_every_error_of_a_driver_is_one_of_ours() -> None:
    kinds = [*leaves(sqlite3.Error), *leaves(psycopg.Error), *leaves(SQLAlchemyError)]

    assert none_of_ours(kind.__new__(kind) for kind in kinds) == []


def test_every_code_of_the_databases_is_one_of_ours() -> None:
    codes = [name for name in vars(sqlite3) if name.startswith("SQLITE_")]

    assert none_of_ours(map(of_sqlite, codes)) == []
    assert none_of_ours(kind("said by PostgreSQL") for kind in sqlstates.values()) == []


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (of_sqlite("SQLITE_BUSY_SNAPSHOT"), UpstreamUnavailable),
        (of_sqlite("SQLITE_CANTOPEN"), UpstreamUnavailable),
        (of_sqlite("SQLITE_ERROR"), BadUpstreamAnswer),
        (of_sqlite("SQLITE_READONLY"), BadUpstreamAnswer),
        (of_sqlite("SQLITE_CONSTRAINT_UNIQUE"), UnusableParams),
        (psycopg.errors.UndefinedTable(), BadUpstreamAnswer),
        (psycopg.errors.ReadOnlySqlTransaction(), BadUpstreamAnswer),
        (psycopg.errors.DivisionByZero(), BadUpstreamAnswer),
        (psycopg.errors.LockNotAvailable(), UpstreamUnavailable),
        (psycopg.errors.AdminShutdown(), UpstreamUnavailable),
        (psycopg.errors.TooManyConnections(), UpstreamUnavailable),
        (psycopg.errors.QueryCanceled(), UpstreamUnavailable),
        (psycopg.errors.InvalidTextRepresentation(), UnusableParams),
        (psycopg.errors.UniqueViolation(), UnusableParams),
        (NoConnectionFree(), UpstreamUnavailable),
        (ConnectionResetError(), UpstreamUnavailable),
        (RecursionError(), BadUpstreamAnswer),
        (OperationalError("select 1", {}, of_sqlite("SQLITE_BUSY")), UpstreamUnavailable),
    ],
)
def test_who_is_to_blame_is_told_apart(error: Exception, ours: type[Exception]) -> None:
    assert type(translate(error)) is ours


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        ("connection failed: Connection refused", "refused"),
        ("connection timeout expired", "connect_timeout"),
        ("connection failed: who knows", "connection"),
        ("consuming input failed", "reset"),
    ],
)
def test_a_connection_that_failed_says_how(sentence: str, cause: str) -> None:
    error = translate(psycopg.OperationalError(sentence))

    assert isinstance(error, UpstreamUnavailable)
    assert error.cause == cause


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ('FATAL:  password authentication failed for user "alice"', "the name or the password is wrong"),
        ('FATAL:  role "alice" does not exist', "the name or the password is wrong"),
        ('FATAL:  database "houses" does not exist', "it has no such database"),
        ("fe_sendauth: no password supplied", "it asks for a password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", no encryption', "pg_hba.conf"),
        ("server does not support SSL, but SSL was required", "TLS failed"),
        ("SSL error: certificate verify failed", "TLS failed"),
        ("[Errno -2] Name or service not known", "its host name is not known here"),
        ('could not translate host name "db" to address', "its host name is not known here"),
        ('invalid connection option "ssl"', "an option that is unknown"),
    ],
)
def test_a_refused_login_says_why_in_our_words(sentence: str, reason: str) -> None:
    error = translate(psycopg.OperationalError(f"connection failed: {sentence}"))

    assert isinstance(error, UpstreamUnavailable)
    assert reason in error.reason
    assert str(error).startswith("The database is not available: ")


def test_no_sentence_of_a_database_goes_on() -> None:
    errors = [of_sqlite("SQLITE_ERROR"), psycopg.errors.UniqueViolation("said by PostgreSQL")]

    assert not [error for error in errors if "said by" in str(translate(error))]


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(KeyError), translate_errors():
        raise KeyError


def test_the_reason_holds_no_password() -> None:
    said = sqlite3.OperationalError('missing "=" after "hunter2"')

    assert reason_of(said, None, "hunter2") == 'missing "=" after "***"'


def test_the_reason_is_one_line() -> None:
    assert reason_of(sqlite3.OperationalError("no such\n table: t")) == "no such table: t"
