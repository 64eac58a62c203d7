"""The database of the examples, an SQLite file: made-up customers, their orders and accounts, and houses by parcel."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from house_record import everyday_document

CUSTOMERS = range(1, 11)
PARCELS = range(101, 113)
FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gil", "Hana", "Ivo", "June")
NEIGHBORHOODS = ("NAmes", "CollgCr", "OldTown", "Edwards", "Somerst")


def write(file: Path) -> None:
    """Make the file, or make it again."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    database = sqlite3.connect(fresh)
    with database:
        _fill(database, "customers", _customers())
        _fill(database, "orders", _orders())
        _fill(database, "accounts", _accounts())
        _fill(database, "houses", _houses())
    database.close()
    # A service that has the old one open keeps it until it opens the file again.
    fresh.replace(file)


def _fill(database: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    for number, row in enumerate(rows):
        columns = ", ".join(f'"{name}"' for name in row)
        if number == 0:
            database.execute(f"create table {table} ({columns})")
        holes = ", ".join("?" * len(row))
        database.execute(f"insert into {table} values ({holes})", tuple(row.values()))  # noqa: S608  names of ours


def _customers() -> Iterator[dict[str, Any]]:
    for customer in CUSTOMERS:
        name = FIRST_NAMES[customer - 1]
        yield {
            "customer_id": customer,
            "name": name,
            "email": f"{name.lower()}@example.org",
            "since": f"20{10 + customer}-03-01",
            "income": 30_000.0 + 6_000 * customer,
            "years_employed": customer,
        }


def _orders() -> Iterator[dict[str, Any]]:
    number = 0
    for customer in CUSTOMERS:
        for month in range(1, 1 + customer % 4):
            number += 1
            yield {
                "order_id": number,
                "customer_id": customer,
                "placed_on": f"2026-0{month}-15",
                "total": 120.0 * month + customer,
            }


def _accounts() -> Iterator[dict[str, Any]]:
    for customer in CUSTOMERS:
        yield {
            "customer_id": customer,
            "debt": 2_000.0 * ((customer * 7) % 10),
            "late_payments": (customer * 3) % 5,
        }


def _houses() -> Iterator[dict[str, Any]]:
    for parcel in PARCELS:
        yield {
            **everyday_document(),
            "id": parcel,
            "neighborhood": NEIGHBORHOODS[parcel % len(NEIGHBORHOODS)],
            "overallQual": 4 + parcel % 5,
            "yearBuilt": 1950 + 5 * (parcel % 10),
            "yearRemodAdd": 2005,
            "grLivArea": 900 + 60 * (parcel % 12),
            "moSold": 6,
            "yrSold": 2010,
        }
