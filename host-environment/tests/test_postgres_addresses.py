"""Addresses of PostgreSQL as platforms and libraries write them."""

import pytest
from host_environment.postgres_addresses import NoPostgresAddress, find_other_driver, read_postgres_address


@pytest.mark.parametrize(
    "scheme",
    ["postgres", "postgresql", "POSTGRESQL", *(f"postgresql+{name}" for name in ("psycopg", "psycopg2", "asyncpg"))],
)
def test_the_schemes_of_platforms_and_libraries_mean_the_same(scheme: str) -> None:
    assert read_postgres_address(f"{scheme}://u:p%40q@db:5432/x?a=b") == "postgresql://u:p%40q@db:5432/x?a=b"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("postgresql://u:p@h1,h2:5433/x", "postgresql://u:p@/x?host=h1:5432&host=h2:5433"),
        ("postgresql://h1:1,10.0.0.2:2/x?sslmode=require", "postgresql:///x?sslmode=require&host=h1:1&host=10.0.0.2:2"),
        ("postgresql://h1,h2", "postgresql:///?host=h1:5432&host=h2:5432"),
        ("postgresql:///x?host=/run", "postgresql:///x?host=/run"),
        ("postgresql://u@[::1]:5432/x", "postgresql://u@[::1]:5432/x"),
    ],
)
def test_several_hosts_are_read_as_libpq_reads_them(written: str, read: str) -> None:
    assert read_postgres_address(written) == read


@pytest.mark.parametrize(
    "address",
    [
        *("mysql://bob:hunter2@db/x", "postgresql+hunter2://db/x", "host=db password=hunter2", "hunter2"),
        *("postgresql://h1:hunter2,h2/x", "postgresql://,/hunter2", "jdbc:postgresql://db/hunter2"),
    ],
)
def test_what_is_none_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(NoPostgresAddress) as refused:
        read_postgres_address(address)

    assert "hunter2" not in str(refused.value)


def test_a_driver_of_another_library_is_found() -> None:
    assert find_other_driver("postgresql+asyncpg://db/x") == "asyncpg"
    assert find_other_driver("postgresql+psycopg://db/x") is None
    assert find_other_driver("postgres://db/x") is None
