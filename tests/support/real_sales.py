"""The real sales, where they are: beside the project, or where `HOUSING_DATA_DIR` says."""

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from house_record import FIELDS

FOLDER = Path(os.environ.get("HOUSING_DATA_DIR", Path(__file__).parents[3] / "shared" / "data"))
TRAIN = FOLDER / "ames-train.csv"

needs_real_sales = pytest.mark.skipif(not TRAIN.is_file(), reason=f"the real sales are not at {TRAIN}")


def request_bodies() -> list[dict[str, Any]]:
    """Each house of the file as a client would send it: numbers as numbers, `NA` as null."""
    with TRAIN.open(newline="", encoding="utf-8-sig") as file:
        return [
            {field.wire_name: _value(row[field.column], is_text=field.python_type is str) for field in FIELDS}
            for row in csv.DictReader(file)
        ]


def _value(cell: str, *, is_text: bool) -> Any:
    if cell == "NA":
        return None
    return cell if is_text else int(cell)
