"""Tables as text in the dialects of spreadsheets, R and repositories of data."""

from pathlib import Path
from typing import Any

import pytest
from house_files import HouseFileError, SalesTable, read_sales
from house_record import AMES, COLUMNS


@pytest.fixture
def expected(sales_rows: Any, write_sales: Any) -> SalesTable:
    """The sales as plain CSV tells them."""
    return read_sales(write_sales(sales_rows, name="expected.csv"), AMES)


@pytest.fixture
def text_of(write_sales: Any) -> Any:
    """Sales as text."""
    return lambda *arguments, **style: Path(write_sales(*arguments, **style)).read_bytes().decode()


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_by_the_names_of_the_header(
    separator: str, sales_rows: Any, write_sales: Any, expected: SalesTable
) -> None:
    assert read_sales(write_sales(sales_rows, delimiter=separator), AMES) == expected


def test_excels_announcement_of_the_separator_is_read(
    sales_rows: Any, text_of: Any, tmp_path: Path, expected: SalesTable
) -> None:
    path = write(tmp_path / "announced.csv", "sep=;\r\n" + text_of(sales_rows, delimiter=";"))

    assert read_sales(path, AMES) == expected


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_decimal_comma_is_read_beside_another_separator(separator: str, make_sale: Any, write_sales: Any) -> None:
    sale = make_sale(1, {"LotFrontage": "65,5", "SalePrice": "208500,00", "LotArea": "8450,5"})

    sales = read_sales(write_sales([sale], delimiter=separator), AMES)

    assert sales.prices == [208500]
    assert [sales.rows[0][COLUMNS.index(name)] for name in ("LotFrontage", "LotArea")] == [65.5, 8450.5]


@pytest.mark.parametrize("price", ["208.500", "208,500"])
def test_grouped_prices_beside_semicolons_are_refused(price: str, make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"SalePrice": price})], delimiter=";")

    with pytest.raises(HouseFileError, match=f"line 2, SalePrice: '{price}' may mean 208500 or 208.5"):
        read_sales(path, AMES)


@pytest.mark.parametrize("before", ["\n", "\r\n \r\n", ",,,,\n;;;\n"])
def test_blank_lines_before_the_header_are_skipped(
    before: str, sales_rows: Any, text_of: Any, tmp_path: Path, expected: SalesTable
) -> None:
    assert read_sales(write(tmp_path / "late.csv", before + text_of(sales_rows)), AMES) == expected


def test_empty_cells_and_rows_of_excel_are_skipped(
    sales_rows: Any, text_of: Any, tmp_path: Path, expected: SalesTable
) -> None:
    lines = [f"{line},,," for line in text_of(sales_rows).splitlines()]
    width = lines[0].count(",")

    assert read_sales(write(tmp_path / "excel.csv", "\n".join([*lines, "," * width, ",,"])), AMES) == expected


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\r\r\n"])
def test_a_bad_cell_is_named_with_its_true_line(end: str, make_sale: Any, text_of: Any, tmp_path: Path) -> None:
    lines = text_of([make_sale(1), make_sale(2), make_sale(3, {"Street": "Dummy"})]).splitlines()
    path = write(tmp_path / "ends.csv", end.join(["", lines[0], lines[1], "", *lines[2:], ""]))

    with pytest.raises(HouseFileError, match="line 6, Street: 'Dummy'"):
        read_sales(path, AMES)


def test_a_row_over_several_lines_is_named_by_its_first(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"Street": "two\nlines"}), make_sale(2, {"Alley": "Dummy"})])

    with pytest.raises(HouseFileError, match=r"line 2, Street: 'two\\nlines'.*line 4, Alley"):
        read_sales(path, AMES)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_text_is_read_in_every_encoding(
    encoding: str, sales_rows: Any, text_of: Any, tmp_path: Path, expected: SalesTable
) -> None:
    assert read_sales(write(tmp_path / "unicode.txt", text_of(sales_rows, delimiter="\t"), encoding), AMES) == expected


def test_utf_16_big_endian_with_a_mark_is_read(
    sales_rows: Any, text_of: Any, tmp_path: Path, expected: SalesTable
) -> None:
    path = write(tmp_path / "unicode.csv", "\ufeff" + text_of(sales_rows), "utf-16-be")

    assert read_sales(path, AMES) == expected


def test_latin_1_is_named_with_the_line_that_shows_it(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1), make_sale(2, {"Street": "Straße"})], encoding="latin-1")

    with pytest.raises(HouseFileError) as refusal:
        read_sales(path, AMES)

    assert "probably Latin-1 (Windows-1252), line 3 has byte 0xDF, there 'ß': save it as UTF-8" in str(refusal.value)


@pytest.mark.parametrize("quote", ["'", '"'])
def test_question_marks_and_quoted_texts_of_repositories_are_read(
    quote: str, sales_rows: Any, write_sales: Any, expected: SalesTable
) -> None:
    quoted = [
        {f"'{name}'": "?" if cell == "NA" else f"{quote}{cell}{quote}" for name, cell in row.items()}
        for row in sales_rows
    ]

    assert read_sales(write_sales(quoted), AMES) == expected


def test_a_required_field_may_not_be_a_question_mark(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"LotArea": "?"})])

    with pytest.raises(HouseFileError, match="line 2, LotArea: nothing should be a number"):
        read_sales(path, AMES)


def test_row_labels_of_r_without_a_name_are_dropped(
    sales_rows: Any, text_of: Any, tmp_path: Path, expected: SalesTable
) -> None:
    header, *rows = text_of(sales_rows).splitlines()
    labelled = [f'"{number}",{row}' for number, row in enumerate(rows, start=1)]

    assert read_sales(write(tmp_path / "write.table.csv", "\n".join([header, *labelled])), AMES) == expected


def test_a_decimal_comma_between_commas_is_no_row_label(make_sale: Any, text_of: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "commas.csv", text_of([make_sale()]).rstrip() + ",50\n")

    with pytest.raises(HouseFileError, match="line 2 has 82 cells where the header has 81"):
        read_sales(path, AMES)
