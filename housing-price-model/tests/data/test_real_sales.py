"""Real sales, where this machine has them: nothing lost, nothing refused."""

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from house_record import AMES, FEATURES, NONE_COLUMNS
from housing_price_model.data import load_sales

SHA256 = "49c7e685d49e0e589fdb29d3777437422d54af20ce444574dbd80085a4cb5b9f"


@pytest.fixture
def rows(real_file: Path) -> list[dict[str, str]]:
    with real_file.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_is_read(real_file: Path) -> None:
    sales = load_sales(str(real_file), AMES)

    assert len(sales) == 1460
    assert sales.sha256 == SHA256


def test_na_is_a_code_where_the_dictionary_explains_it_and_unknown_elsewhere(
    real_file: Path, rows: list[dict[str, str]]
) -> None:
    frame = load_sales(str(real_file), AMES).frame

    said = {name: sum(row[name] == "NA" for row in rows) for name in frame.columns}

    assert frame.isna().sum().to_dict() == {name: 0 if name in NONE_COLUMNS else said[name] for name in said}
    assert (frame[[*NONE_COLUMNS]] == "NA").sum().to_dict() == {name: said[name] for name in NONE_COLUMNS}


def test_every_value_is_what_the_file_says(real_file: Path, rows: list[dict[str, str]]) -> None:
    frame = load_sales(str(real_file), AMES).frame

    for feature in FEATURES:
        has_none = feature.column in NONE_COLUMNS
        written = [row[feature.column] for row in rows if has_none or row[feature.column] != "NA"]
        expected = [float(cell) if feature.kind == "number" else cell for cell in written]
        assert frame[feature.column].dropna().tolist() == expected, feature.column


def test_de_cocks_style_tells_the_same_sales(
    rows: list[dict[str, str]], write_sales: Any, in_de_cocks_style: Any
) -> None:
    path = write_sales(in_de_cocks_style(rows), delimiter="\t", encoding="utf-8-sig", lineterminator="\r\n")

    assert load_sales(path, AMES).sha256 == SHA256


def test_a_parquet_twin_tells_the_same_sales(real_file: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.parquet"
    pd.read_csv(real_file, keep_default_na=False, na_values=["NA"]).to_parquet(twin)

    assert load_sales(str(twin), AMES).sha256 == SHA256
