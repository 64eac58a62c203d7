"""What an empty cell means where the dictionary has a "none"."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from house_files import SalesTable, read_sales
from house_files.empty_cells import DECIDING_ROWS
from house_record import AMES, COLUMNS

EMPTIES = {"Fence": "", "Alley": "", "Electrical": "", "GarageYrBlt": "", "MasVnrType": ""}


def read_cell(sales: SalesTable, name: str, number: int = 0) -> Any:
    return sales.rows[number][COLUMNS.index(name)]


def without_na(sale: dict[str, str]) -> dict[str, str]:
    return {name: "" if cell == "NA" else cell for name, cell in sale.items()}


def test_an_empty_cell_beside_na_is_unknown(make_sale: Any, write_sales: Any) -> None:
    sales = read_sales(write_sales([make_sale(1, EMPTIES | {"PoolQC": " NA "})]), AMES)

    assert (read_cell(sales, "Fence"), read_cell(sales, "PoolQC")) == (None, "NA")
    assert (
        sales.empty_cells == '2 empty cells of columns with a "none": read as unknown, because the file also holds NA'
    )


def test_an_empty_cell_of_a_file_without_na_is_none(make_sale: Any, write_sales: Any) -> None:
    sales = read_sales(write_sales([without_na(make_sale(1, EMPTIES)), without_na(make_sale(2))]), AMES)

    assert (read_cell(sales, "Fence"), read_cell(sales, "PoolQC")) == ("NA", "NA")
    assert sales.empty_cells == (
        '9 empty cells of columns with a "none": read as none, because its first 2 rows hold no NA'
    )


def test_elsewhere_an_empty_cell_is_always_unknown(make_sale: Any, write_sales: Any) -> None:
    sales = read_sales(write_sales([without_na(make_sale(1, EMPTIES))]), AMES, "none")

    assert [read_cell(sales, name) for name in ("Electrical", "GarageYrBlt", "MasVnrType")] == [None, None, None]


@pytest.mark.parametrize(("told", "value"), [("unknown", None), ("none", "NA")], ids=["unknown", "none"])
@pytest.mark.parametrize("other", ["NA", ""], ids=["beside na", "without na"])
def test_the_option_decides(make_sale: Any, write_sales: Any, told: Any, value: str | None, other: str) -> None:
    rows = [without_na(make_sale(1, EMPTIES)), without_na(make_sale(2)) | {"Fence": other}]
    sales = read_sales(write_sales(rows), AMES, told)

    assert read_cell(sales, "Fence") == value
    assert read_cell(sales, "Fence", 1) == ("NA" if other else value)
    assert str(sales.empty_cells).endswith(f"read as {told}, as --empty says")


@pytest.mark.parametrize(("place", "value"), [(DECIDING_ROWS - 1, None), (DECIDING_ROWS, "NA")], ids=["last", "next"])
def test_the_first_thousand_rows_decide(make_sale: Any, write_sales: Any, place: int, value: str | None) -> None:
    rows = [without_na(make_sale(number)) for number in range(DECIDING_ROWS + 1)]
    rows[place] |= {"MiscFeature": "NA"}

    sales = read_sales(write_sales(rows), AMES)

    assert len(sales) == DECIDING_ROWS + 1
    assert (read_cell(sales, "Alley"), read_cell(sales, "MiscFeature", place)) == (value, "NA")


def test_a_question_mark_is_an_empty_cell(make_sale: Any, write_sales: Any) -> None:
    assert read_cell(read_sales(write_sales([make_sale(1, {"Fence": "?"})]), AMES), "Fence") is None


def test_a_file_without_empty_cells_says_nothing_of_them(sales_rows: Any, write_sales: Any) -> None:
    assert read_sales(write_sales(sales_rows), AMES).empty_cells is None


def test_a_file_that_pandas_saved_again_is_the_same_sales(sales_rows: Any, write_sales: Any, tmp_path: Path) -> None:
    kaggles = write_sales(sales_rows)
    again, parquet = tmp_path / "again.csv", tmp_path / "again.parquet"
    # Its own reader takes the masonry None for absent.
    frame = pd.read_csv(kaggles, keep_default_na=False, na_values=["NA"])
    frame.to_csv(again, index=False)
    frame.to_parquet(parquet)

    assert read_sales(again, AMES) == read_sales(parquet, AMES) == read_sales(kaggles, AMES)
