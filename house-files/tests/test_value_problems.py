"""Bad values in a file of sales: one line that says where, what, and what would be right."""

from typing import Any

import pytest
from house_files import HouseFileError, read_sales
from house_record import COLUMNS


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("Street", "Dummy", "'Dummy' should be one of Grvl, Pave"),
        ("Street", "pave", "'pave' should be 'Pave', perhaps"),
        ("Alley", "None", "'None' should be one of Grvl, Pave"),
        ("Neighborhood", "Nowhere at all", "'Nowhere at all' should be one of the 28 codes of the house record"),
        ("Neighborhood", "NA", "nothing should be one of the 28 codes of the house record"),
        ("OverallQual", "11", "11 should be a whole number from 1 to 10"),
        ("YearBuilt", "1961.5", "1961.5 should be a whole number from 1800 to 9999"),
        ("MoSold", "", "nothing should be a whole number from 1 to 12"),
        ("LotArea", "8,450", "'8,450' should be a number from 0 to 1000000000"),
        ("LotArea", "-1", "-1 should be a number from 0 to 1000000000"),
        ("LotArea", "nan", "'nan' should be a number from 0 to 1000000000"),
        ("LotFrontage", "1e999", "inf should be a number from 0 to 1000000"),
        ("GarageYrBlt", "None", "'None' should be a whole number from 1800 to 9999"),
        ("Id", "NA", "nothing should be a whole number from 0 to 9007199254740991"),
        ("SalePrice", "0", "0 should be a price in dollars, above 0"),
        ("SalePrice", "-5", "-5 should be a price in dollars, above 0"),
        ("SalePrice", "NA", "nothing should be a price in dollars, above 0"),
        ("SalePrice", "$100", "'$100' should be a price in dollars, above 0"),
        ("SalePrice", "1e999", "inf should be a price in dollars, above 0"),
    ],
)
def test_a_bad_value_is_named_with_line_and_right_values(
    column: str, cell: str, expected: str, make_sale: Any, write_sales: Any
) -> None:
    path = write_sales([make_sale(1), make_sale(2, {column: cell})])

    with pytest.raises(HouseFileError) as refusal:
        read_sales(path)

    assert str(refusal.value) == f"{path}: 1 bad value: line 3, {column}: {expected}"


def test_a_problem_uses_the_column_name_of_the_file(make_sale: Any, write_sales: Any, in_de_cocks_style: Any) -> None:
    path = write_sales(in_de_cocks_style([make_sale(1, {"YearRemodAdd": "last year"})]))

    with pytest.raises(HouseFileError, match="line 2, Year Remod/Add: 'last year' should be a whole number"):
        read_sales(path)


def test_ten_bad_values_are_shown_and_all_are_counted(make_sale: Any, write_sales: Any) -> None:
    bad = {"Street": "Dummy", "SalePrice": "free"}
    path = write_sales([make_sale(number, bad) for number in range(1, 9)])

    with pytest.raises(HouseFileError) as refusal:
        read_sales(path)

    assert str(refusal.value).startswith(f"{path}: 16 bad values: line 2, Street: 'Dummy'")
    assert str(refusal.value).count("should be") == 10
    assert str(refusal.value).endswith("; and 6 more")


def test_a_long_value_keeps_the_refusal_one_short_line(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"Street": "first line\nsecond line" * 500})])

    with pytest.raises(HouseFileError) as refusal:
        read_sales(path)

    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < len(path) + 150


def test_improbable_sales_are_accepted(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"GarageYrBlt": "2207", "YearRemodAdd": "1950"})])

    assert read_sales(path).rows[0][COLUMNS.index("GarageYrBlt")] == 2207
