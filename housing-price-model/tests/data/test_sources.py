"""Files of sales as the frame that training works with."""

import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from house_record import AMES, COLUMNS, FEATURES
from housing_price_model.data import Sales, load_sales
from housing_price_model.errors import DataError


@pytest.fixture
def expected(sales_rows: Any, write_sales: Any) -> Sales:
    """The sales as Kaggle's style tells them."""
    return load_sales(write_sales(sales_rows, name="expected.csv"), AMES)


def test_a_file_becomes_the_records_columns_with_prices_and_ids(sales_rows: Any, write_sales: Any) -> None:
    path = write_sales(sales_rows)

    sales = load_sales(path, AMES)

    assert tuple(sales.frame.columns) == COLUMNS
    assert {str(sales.frame[f.column].dtype) for f in FEATURES if f.kind == "number"} == {"float64"}
    assert {str(sales.frame[f.column].dtype) for f in FEATURES if f.kind == "text"} == {"str"}
    assert (sales.prices.tolist(), sales.prices.name) == ([150_001.0, 150_002.0, 150_003.0], "SalePrice")
    assert (sales.ids.tolist(), str(sales.ids.dtype)) == ([1, 2, 3], "int64")
    assert (sales.source, sales.is_generated, len(sales)) == (path, False, 3)


def test_the_source_is_an_absolute_path(sales_rows: Any, write_sales: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(write_sales(sales_rows))
    monkeypatch.chdir(path.parent)

    assert load_sales(path.name, AMES).source == str(path)


def test_na_is_always_missing_but_none_is_a_masonry_type(expected: Sales) -> None:
    frame = expected.frame

    assert frame["LotFrontage"].isna().tolist() == [True, False, False]
    assert frame["Electrical"].isna().tolist() == [False, True, False]
    assert frame["MasVnrType"].isna().tolist() == [True, False, True]
    assert frame["MasVnrType"][1] == "None"


def test_other_spellings_become_the_datas_codes(expected: Sales) -> None:
    assert expected.frame["SaleType"].tolist() == ["WD", "WD", "WD"]
    assert expected.frame["MSZoning"].tolist() == ["RH", "C (all)", "RH"]
    assert expected.frame["BldgType"].tolist() == ["1Fam", "1Fam", "Duplex"]


def test_a_parquet_file_says_what_is_missing_where_pyarrow_is(
    sales_rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sales.parquet"
    pa.parquet.write_table(pa.Table.from_pylist(sales_rows), path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(DataError, match="the extra `parquet` of housing-price-model"):
        load_sales(str(path), AMES)


def test_a_name_that_is_no_file_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: No such file or directory$"):
        load_sales(str(tmp_path / "nowhere.csv"), AMES)


def test_a_folder_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Is a directory$"):
        load_sales(str(tmp_path), AMES)


def test_refuses_a_bad_value_with_the_file_name(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"Street": "Dummy"})])

    with pytest.raises(DataError) as refusal:
        load_sales(path, AMES)

    assert str(refusal.value) == f"{path}: 1 bad value: line 2, Street: 'Dummy' should be one of Grvl, Pave"


def test_repeated_sales_are_read_with_a_warning(make_sale: Any, write_sales: Any) -> None:
    sales = load_sales(write_sales([make_sale(1), make_sale(2), make_sale(2)]), AMES)

    assert sales.warnings == ["1 sale repeats another one in every field and the price, first Id 2"]


def test_a_grouped_price_is_refused_with_the_files_name(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"SalePrice": "208.500"})])

    with pytest.raises(DataError) as refusal:
        load_sales(path, AMES)

    assert str(refusal.value) == (
        f"{path}: line 2, SalePrice: '208.500' may mean 208500 or 208.5: write numbers without grouped thousands"
    )
