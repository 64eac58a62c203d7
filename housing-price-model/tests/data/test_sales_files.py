"""Files of sales in every published format, and files that are none."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from house_record import COLUMNS, FEATURES
from housing_price_model.data import Sales, load_sales
from housing_price_model.errors import DataError


@pytest.fixture
def sales_rows(make_sale: Any) -> list[dict[str, str]]:
    return [
        make_sale(1, {"LotFrontage": "NA", "Alley": "Grvl", "SaleType": "WD "}),
        make_sale(2, {"MasVnrType": "None", "Electrical": "NA", "MSZoning": "C"}),
        make_sale(3, {"LotFrontage": "65.5", "GarageYrBlt": "NA", "BldgType": "Duplx"}),
    ]


@pytest.fixture
def expected(sales_rows: Any, write_sales: Any) -> Sales:
    """The sales as Kaggle's style tells them."""
    return load_sales(write_sales(sales_rows, name="expected.csv"))


def assert_same_sales(actual: Sales, expected: Sales) -> None:
    pd.testing.assert_frame_equal(actual.frame, expected.frame)
    pd.testing.assert_series_equal(actual.prices, expected.prices)
    pd.testing.assert_series_equal(actual.ids, expected.ids)
    assert actual.sha256 == expected.sha256


def test_a_file_becomes_the_records_columns_with_prices_and_ids(sales_rows: Any, write_sales: Any) -> None:
    path = write_sales(sales_rows)

    sales = load_sales(path)

    assert tuple(sales.frame.columns) == COLUMNS
    assert {str(sales.frame[f.column].dtype) for f in FEATURES if f.kind == "number"} == {"float64"}
    assert {str(sales.frame[f.column].dtype) for f in FEATURES if f.kind == "text"} == {"str"}
    assert (sales.prices.tolist(), sales.prices.name) == ([150_001.0, 150_002.0, 150_003.0], "SalePrice")
    assert (sales.ids.tolist(), str(sales.ids.dtype)) == ([1, 2, 3], "int64")
    assert (sales.source, sales.is_generated, len(sales)) == (path, False, 3)


def test_the_source_is_absolute_so_that_it_is_found_from_any_folder(
    sales_rows: Any, write_sales: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(write_sales(sales_rows))
    monkeypatch.chdir(path.parent)

    assert load_sales(path.name).source == str(path)


def test_na_is_absent_in_every_column_and_none_is_a_kind_of_masonry(expected: Sales) -> None:
    frame = expected.frame

    assert frame["LotFrontage"].isna().tolist() == [True, False, False]
    assert frame["Electrical"].isna().tolist() == [False, True, False]
    assert frame["MasVnrType"].isna().tolist() == [True, False, True]
    assert frame["MasVnrType"][1] == "None"


def test_other_spellings_become_the_datas_codes(expected: Sales) -> None:
    assert expected.frame["SaleType"].tolist() == ["WD", "WD", "WD"]
    assert expected.frame["MSZoning"].tolist() == ["RH", "C (all)", "RH"]
    assert expected.frame["BldgType"].tolist() == ["1Fam", "1Fam", "Duplex"]


@pytest.mark.parametrize(
    "style",
    [
        pytest.param({"encoding": "utf-8-sig"}, id="byte order mark"),
        pytest.param({"lineterminator": "\r\n"}, id="windows line ends"),
        pytest.param({"delimiter": "\t", "name": "sales.txt"}, id="tabs"),
        pytest.param({"quoting": csv.QUOTE_ALL}, id="quoted cells"),
        pytest.param({"quoting": csv.QUOTE_ALL, "encoding": "utf-8-sig"}, id="quoted after the mark"),
    ],
)
def test_the_style_of_the_text_makes_no_difference(
    style: Any, sales_rows: Any, write_sales: Any, expected: Sales
) -> None:
    assert_same_sales(load_sales(write_sales(sales_rows, **style)), expected)


def test_an_empty_cell_is_na(sales_rows: Any, write_sales: Any, expected: Sales) -> None:
    emptied = [{name: "" if cell == "NA" else cell for name, cell in row.items()} for row in sales_rows]

    assert_same_sales(load_sales(write_sales(emptied)), expected)


def test_columns_may_stand_in_any_order(sales_rows: Any, write_sales: Any, expected: Sales) -> None:
    reversed_columns = [dict(reversed(row.items())) for row in sales_rows]

    assert_same_sales(load_sales(write_sales(reversed_columns)), expected)


def test_blank_lines_are_no_sales(sales_rows: Any, write_sales: Any, expected: Sales) -> None:
    path = write_sales(sales_rows)
    Path(path).write_text(Path(path).read_text() + "\n\n")

    assert_same_sales(load_sales(path), expected)


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_de_cocks_file_is_read_with_its_parcels_as_ids(
    delimiter: str, sales_rows: Any, write_sales: Any, in_de_cocks_style: Any, expected: Sales
) -> None:
    renamed = in_de_cocks_style(sales_rows)

    assert_same_sales(load_sales(write_sales(renamed, delimiter=delimiter)), expected)


def test_parcels_and_classes_may_start_with_zero(make_sale: Any, write_sales: Any, in_de_cocks_style: Any) -> None:
    (row,) = in_de_cocks_style([make_sale()])
    path = write_sales([row | {"PID": "0526301100", "MS SubClass": "020"}])

    sales = load_sales(path)

    assert (sales.ids[0], sales.frame["MSSubClass"][0]) == (526301100, 20)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    return table


def _as_floats(table: pd.DataFrame) -> pd.DataFrame:
    numbers = [feature.column for feature in FEATURES if feature.kind == "number"] + ["Id", "SalePrice"]
    return table.replace("NA", None).astype(dict.fromkeys(numbers, "float64"))


def _as_categories(table: pd.DataFrame) -> pd.DataFrame:
    return _as_floats(table).astype({"Street": "category", "Alley": "category"})


def _with_row_labels(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_axis([row + 7 for row in range(len(table))])


def _with_ids_as_labels(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("Id")


@pytest.mark.parametrize("shape", [_as_text, _as_floats, _as_categories, _with_row_labels, _with_ids_as_labels])
def test_a_parquet_twin_holds_the_same_sales(
    shape: Callable[[pd.DataFrame], pd.DataFrame], sales_rows: Any, tmp_path: Path, expected: Sales
) -> None:
    path = tmp_path / "sales.parquet"
    shape(pd.DataFrame(sales_rows)).to_parquet(path, index=shape in (_with_row_labels, _with_ids_as_labels))

    assert_same_sales(load_sales(str(path)), expected)


def test_a_parquet_file_is_known_by_its_content(sales_rows: Any, tmp_path: Path, expected: Sales) -> None:
    path = tmp_path / "sales.data"
    pa.parquet.write_table(pa.Table.from_pylist(sales_rows), path)

    assert_same_sales(load_sales(str(path)), expected)


def test_a_parquet_file_says_what_is_missing_where_pyarrow_is(
    sales_rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sales.parquet"
    pa.parquet.write_table(pa.Table.from_pylist(sales_rows), path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(DataError, match=r"install pyarrow .*housing-price-model\[parquet\]"):
        load_sales(str(path))


def test_a_bad_row_of_a_parquet_file_is_named_by_its_number(make_sale: Any, tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    sales = [make_sale(1), make_sale(2, {"Street": "Dummy"})]
    pa.parquet.write_table(pa.Table.from_pylist(sales), path)

    with pytest.raises(DataError, match="1 bad value: row 2, Street: 'Dummy' should be one of Grvl, Pave"):
        load_sales(str(path))


def test_true_is_no_price(make_sale: Any, tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    pa.parquet.write_table(pa.Table.from_pylist([make_sale() | {"SalePrice": True}]), path)

    with pytest.raises(DataError, match="row 1, SalePrice: True should be a price in dollars, above 0"):
        load_sales(str(path))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n\n", "is empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf", "is empty", id="byte order mark alone"),
        pytest.param(b"\x89PNG\r\n\x1a\n\xff\xfe", "is not UTF-8 text", id="picture"),
        pytest.param("Id,SalePrice\n".encode("utf-16"), "is not UTF-8 text", id="utf-16"),
        pytest.param(b"name,age\nAda,36\n", "is not a table of house sales", id="another table"),
        pytest.param(b"{}", "is not a table of house sales", id="json"),
        pytest.param(b"PAR1 but no more", "is not a readable Parquet file", id="broken parquet"),
        pytest.param(b'Id,"' + b"x" * 200_000, "is not a readable CSV file", id="endless cell"),
    ],
)
def test_what_is_no_file_of_sales_gets_one_line(content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(content)

    with pytest.raises(DataError) as refusal:
        load_sales(str(path))

    assert str(refusal.value).startswith(f"{path}: {complaint}")
    assert "\n" not in str(refusal.value)


def test_a_name_that_is_no_file_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: No such file or directory$"):
        load_sales(str(tmp_path / "nowhere.csv"))


def test_a_folder_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Is a directory$"):
        load_sales(str(tmp_path))


def test_names_of_columns_alone_are_no_sales(make_sale: Any, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(",".join(make_sale()) + "\n")

    with pytest.raises(DataError, match="holds no sales"):
        load_sales(str(path))


def test_a_row_of_another_length_is_named(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1), make_sale(2)])
    Path(path).write_text(Path(path).read_text() + "3,20,RL\n")

    with pytest.raises(DataError, match="line 4 has 3 cells where the header has 81"):
        load_sales(path)
