"""Parquet files, as pandas and pyarrow write them."""

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from house_files import HouseFileError, ParquetNotInstalled, SalesTable, read_sales
from house_files.parquet import MAX_COLUMNS, MAX_ROWS, open_parquet
from house_record import AMES, FEATURES


@pytest.fixture
def expected(sales_rows: Any, write_sales: Any) -> SalesTable:
    """The sales as a text file tells them."""
    return read_sales(write_sales(sales_rows, name="expected.csv"), AMES)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    return table


def _as_floats(table: pd.DataFrame) -> pd.DataFrame:
    numbers = [feature.column for feature in FEATURES if feature.kind == "number"] + ["Id", "SalePrice"]
    return table.replace("NA", None).astype(dict.fromkeys(numbers, "float64"))


def _as_categories(table: pd.DataFrame) -> pd.DataFrame:
    return _as_floats(table).astype({"Street": "category", "Alley": "category"})


def _as_decimals(table: pd.DataFrame) -> pd.DataFrame:
    """As databases export numbers."""
    numbers = [feature.column for feature in FEATURES if feature.kind == "number"] + ["Id", "SalePrice"]
    filled = table.replace("NA", None)
    return filled.assign(**{name: filled[name].map(Decimal, na_action="ignore") for name in numbers})


def _with_row_labels(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_axis([row + 7 for row in range(len(table))])


def _with_ids_as_labels(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("Id")


@pytest.mark.parametrize(
    "shape", [_as_text, _as_floats, _as_categories, _as_decimals, _with_row_labels, _with_ids_as_labels]
)
def test_a_parquet_twin_holds_the_same_sales(
    shape: Callable[[pd.DataFrame], pd.DataFrame], sales_rows: Any, tmp_path: Path, expected: SalesTable
) -> None:
    path = tmp_path / "sales.parquet"
    shape(pd.DataFrame(sales_rows)).to_parquet(path, index=shape in (_with_row_labels, _with_ids_as_labels))

    assert read_sales(str(path), AMES) == expected


def test_a_parquet_file_is_known_by_its_content(sales_rows: Any, tmp_path: Path, expected: SalesTable) -> None:
    path = tmp_path / "sales.data"
    pa.parquet.write_table(pa.Table.from_pylist(sales_rows), path)

    assert read_sales(str(path), AMES) == expected


def test_a_missing_pyarrow_is_named_with_its_extra(
    sales_rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sales.parquet"
    pa.parquet.write_table(pa.Table.from_pylist(sales_rows), path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ParquetNotInstalled, match=r"the extra `parquet` of house-files"):
        read_sales(str(path), AMES)


def test_a_bad_row_of_parquet_is_named_by_its_number(make_sale: Any, tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    sales = [make_sale(1), make_sale(2, {"Street": "Dummy"})]
    pa.parquet.write_table(pa.Table.from_pylist(sales), path)

    with pytest.raises(HouseFileError, match="1 bad value: row 2, Street: 'Dummy' should be one of Grvl, Pave"):
        read_sales(str(path), AMES)


def test_a_price_of_true_is_refused(make_sale: Any, tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    pa.parquet.write_table(pa.Table.from_pylist([make_sale() | {"SalePrice": True}]), path)

    with pytest.raises(HouseFileError, match="row 1, SalePrice: True should be a price in dollars, above 0"):
        read_sales(str(path), AMES)


def _write_bomb(path: Path, rows: int, columns: Sequence[str]) -> None:
    """Equal values are stored once, so this takes a few bytes for each column."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int8()), pa.array(["x"]))
    pa.parquet.write_table(pa.table(dict.fromkeys(columns, column)), path)


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        (MAX_ROWS + 1, ["Id"], r"holds 200,001 rows, and a Parquet file is read up to 200,000: write it as CSV"),
        (1, [f"column {number}" for number in range(MAX_COLUMNS + 1)], r"holds 1,001 columns: remove those"),
    ],
    ids=["rows", "columns"],
)
def test_a_short_file_that_stands_for_a_huge_table_is_refused_before_it_is_read(
    tmp_path: Path, rows: int, columns: list[str], said: str
) -> None:
    path = tmp_path / "bomb.parquet"
    _write_bomb(path, rows, columns)

    with pytest.raises(HouseFileError, match=said):
        read_sales(path, AMES)


def test_a_packed_file_is_refused_by_its_size_once_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("house_files.parquet.MAX_UNPACKED_BYTES", 2 * 2**20)
    path = tmp_path / "packed.parquet"
    pa.parquet.write_table(pa.table({"Id": ["x" * 3 * 2**20]}), path, compression="zstd")
    assert path.stat().st_size < 100_000

    with pytest.raises(HouseFileError, match=r"MiB once it is unpacked, and a Parquet file is read up to 2 MiB"):
        read_sales(path, AMES)


def test_a_long_text_in_many_rows_is_held_once(tmp_path: Path) -> None:
    path = tmp_path / "texts.parquet"
    pa.parquet.write_table(pa.table({"Street": ["x" * 1_000_000] * 3 + [None]}), path)

    with open_parquet(path) as table:
        cells = [row.cells[0] for row in table.rows]

    assert len({id(cell) for cell in cells[:3]}) == 1
    assert cells[3] is None
