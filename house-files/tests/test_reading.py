"""Files of sales in every published format, and files that are none."""

import csv
from pathlib import Path
from typing import Any

import pytest
from house_files import HouseFileError, SalesTable, read_sales
from house_record import AMES, COLUMNS


@pytest.fixture
def expected(sales_rows: Any, write_sales: Any) -> SalesTable:
    """The sales as Kaggle's style tells them."""
    return read_sales(write_sales(sales_rows, name="expected.csv"), AMES)


def column(sales: SalesTable, name: str) -> list[Any]:
    return [row[COLUMNS.index(name)] for row in sales.rows]


def test_a_file_becomes_rows_with_prices_and_ids(expected: SalesTable) -> None:
    assert {len(row) for row in expected.rows} == {len(COLUMNS)}
    assert expected.prices == [150_001.0, 150_002.0, 150_003.0]
    assert expected.ids == [1, 2, 3]
    assert len(expected) == 3


def test_na_is_absent_and_none_is_a_kind_of_masonry(expected: SalesTable) -> None:
    assert column(expected, "LotFrontage") == [None, 80, 65.5]
    assert column(expected, "Electrical")[1] is None
    assert column(expected, "MasVnrType") == [None, "None", None]


def test_other_spellings_become_the_codes_of_the_data(expected: SalesTable) -> None:
    assert column(expected, "SaleType") == ["WD", "WD", "WD"]
    assert column(expected, "MSZoning") == ["RH", "C (all)", "RH"]
    assert column(expected, "BldgType") == ["1Fam", "1Fam", "Duplex"]


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
def test_the_style_of_the_text_does_not_matter(
    style: Any, sales_rows: Any, write_sales: Any, expected: SalesTable
) -> None:
    assert read_sales(write_sales(sales_rows, **style), AMES) == expected


def test_an_empty_cell_is_na(sales_rows: Any, write_sales: Any, expected: SalesTable) -> None:
    emptied = [{name: "" if cell == "NA" else cell for name, cell in row.items()} for row in sales_rows]

    assert read_sales(write_sales(emptied), AMES) == expected


def test_columns_may_stand_in_any_order(sales_rows: Any, write_sales: Any, expected: SalesTable) -> None:
    reversed_columns = [dict(reversed(row.items())) for row in sales_rows]

    assert read_sales(write_sales(reversed_columns), AMES) == expected


def test_blank_lines_are_no_sales(sales_rows: Any, write_sales: Any, expected: SalesTable) -> None:
    path = write_sales(sales_rows)
    Path(path).write_text(Path(path).read_text() + "\n\n")

    assert read_sales(path, AMES) == expected


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_de_cocks_file_is_read_with_its_parcels_as_ids(
    delimiter: str, sales_rows: Any, write_sales: Any, in_de_cocks_style: Any, expected: SalesTable
) -> None:
    renamed = in_de_cocks_style(sales_rows)

    assert read_sales(write_sales(renamed, delimiter=delimiter), AMES) == expected


def test_parcels_and_classes_may_start_with_zero(make_sale: Any, write_sales: Any, in_de_cocks_style: Any) -> None:
    (row,) = in_de_cocks_style([make_sale()])
    path = write_sales([row | {"PID": "0526301100", "MS SubClass": "020"}])

    sales = read_sales(path, AMES)

    assert (sales.ids[0], column(sales, "MSSubClass")) == (526301100, [20])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n\n", "is empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf", "is empty", id="byte order mark alone"),
        pytest.param(b"\x89PNG\r\n\x1a\n\xff\xfe", "is not UTF-8 text", id="picture"),
        pytest.param("Id,SalePrice\n".encode("utf-16")[:-1], "is not readable UTF-16", id="half a letter"),
        pytest.param(b"name,age\nAda,36\n", "is not a table of house sales", id="another table"),
        pytest.param(b"{}", "is not a table of house sales", id="json"),
        pytest.param(b"PAR1 but no more", "is not a readable Parquet file", id="broken parquet"),
        pytest.param(b'Id,"' + b"x" * 200_000, "is not a readable CSV file", id="endless cell"),
    ],
)
def test_other_files_are_refused_in_one_line(content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(content)

    with pytest.raises(HouseFileError) as refusal:
        read_sales(str(path), AMES)

    assert str(refusal.value).startswith(f"{path}: {complaint}")
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(HouseFileError, match=r"nowhere\.csv: No such file or directory$"):
        read_sales(str(tmp_path / "nowhere.csv"), AMES)


def test_a_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(HouseFileError, match=r"Is a directory$"):
        read_sales(str(tmp_path), AMES)


def test_a_header_without_rows_is_refused(make_sale: Any, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(",".join(make_sale()) + "\n")

    with pytest.raises(HouseFileError, match="holds no sales"):
        read_sales(str(path), AMES)


def test_a_row_of_another_length_is_named(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1), make_sale(2)])
    Path(path).write_text(Path(path).read_text() + "3,20,RL\n")

    with pytest.raises(HouseFileError, match="line 4 has 3 cells where the header has 81"):
        read_sales(path, AMES)
