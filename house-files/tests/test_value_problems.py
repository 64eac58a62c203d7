"""Bad values in a file of sales: one line that says where, what, and what would be right."""

from typing import Any

import pytest
from house_files import HouseFileError, read_sales
from house_record import AMES, COLUMNS


def refusal_of(path: str) -> str:
    with pytest.raises(HouseFileError) as refusal:
        read_sales(path, AMES)
    return str(refusal.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("Street", "Dummy", "'Dummy' should be one of Grvl, Pave"),
        ("Street", "pave", "'pave' should be 'Pave', perhaps"),
        ("Alley", "Gravel", "'Gravel' should be 'Grvl', perhaps"),
        ("Alley", "None", "'None' should be NA or an empty cell, perhaps"),
        ("BsmtExposure", "None", "'None' should be NA or an empty cell, perhaps"),
        ("LotFrontage", "#N/A", "'#N/A' should be NA or an empty cell, perhaps"),
        ("Street", "NaN", "'NaN' should be NA or an empty cell, perhaps"),
        ("Neighborhood", "NaN", "'NaN' should be one of the 28 codes of the house record"),
        ("Neighborhood", "Nowhere at all", "'Nowhere at all' should be one of the 28 codes of the house record"),
        ("Neighborhood", "NA", "nothing should be one of the 28 codes of the house record"),
        ("OverallQual", "11", "11 should be a whole number from 1 to 10"),
        ("YearBuilt", "1961.5", "1961.5 should be a whole number from 1800 to 9999"),
        ("OverallCond", "", "nothing should be a whole number from 1 to 10"),
        ("LotFrontage", "8,450", "'8,450' should be a number from 0 to 1000000, in plain digits"),
        ("LotArea", "8.450,5", "'8.450,5' should be a number from 0 to 1000000000, in plain digits"),
        ("LotArea", "-1", "-1 should be a number from 0 to 1000000000"),
        ("LotArea", "nan", "'nan' should be a number from 0 to 1000000000"),
        ("LotFrontage", "1e999", "inf should be a number from 0 to 1000000"),
        ("GarageYrBlt", "None", "'None' should be NA or an empty cell, perhaps"),
        ("Id", "NA", "nothing should be a whole number from 0 to 9007199254740991"),
        ("SalePrice", "0", "0 should be a price in dollars, above 0"),
        ("SalePrice", "-5", "-5 should be a price in dollars, above 0"),
        ("SalePrice", "NA", "nothing should be a price in dollars, above 0"),
        ("SalePrice", "$100", "'$100' should be a price in dollars, above 0, in plain digits"),
        ("SalePrice", "208 500", "'208 500' should be a price in dollars, above 0, in plain digits"),
        ("SalePrice", "$1,208,500.00", "'$1,208,500.00' should be a price in dollars, above 0, in plain digits"),
        ("SalePrice", "208.500 €", "'208.500 €' should be a price in dollars, above 0, in plain digits"),
        ("SalePrice", "1e999", "inf should be a price in dollars, above 0"),
    ],
)
def test_a_bad_value_is_named_with_line_and_right_values(
    column: str, cell: str, expected: str, make_sale: Any, write_sales: Any
) -> None:
    path = write_sales([make_sale(1), make_sale(2, {column: cell})])

    with pytest.raises(HouseFileError) as refusal:
        read_sales(path, AMES)

    assert str(refusal.value) == f"{path}: 1 bad value: line 3, {column}: {expected}"


def test_a_problem_uses_the_column_name_of_the_file(make_sale: Any, write_sales: Any, in_de_cocks_style: Any) -> None:
    path = write_sales(in_de_cocks_style([make_sale(1, {"YearRemodAdd": "last year"})]))

    with pytest.raises(HouseFileError, match="line 2, Year Remod/Add: 'last year' should be a whole number"):
        read_sales(path, AMES)


def test_equal_bad_values_are_one_cause_with_a_count(make_sale: Any, write_sales: Any) -> None:
    bad = {"Neighborhood": "mes", "SalePrice": "free"}

    refusal = refusal_of(write_sales([make_sale(0), *(make_sale(number, bad) for number in range(1, 1201))]))

    assert refusal == (
        "2,400 bad values: line 3, Neighborhood: 'mes' should be 'NAmes', perhaps (1,200 times)"
        "; line 3, SalePrice: 'free' should be a price in dollars, above 0 (1,200 times)"
    )


def test_many_values_of_a_column_are_one_cause(make_sale: Any, write_sales: Any) -> None:
    refusal = refusal_of(write_sales([make_sale(n, {"LotFrontage": f"{n},450"}) for n in range(1, 100)]))

    assert refusal.startswith("99 bad values: line 2, LotFrontage: '1,450' and others should be a number")
    assert refusal.endswith("(99 times)")


def test_three_values_of_a_column_are_shown_each(make_sale: Any, write_sales: Any) -> None:
    refusal = refusal_of(write_sales([make_sale(n, {"MoSold": f"{13 + n % 3}"}) for n in range(6)]))

    assert refusal.count("should be a whole number from 1 to 12 (2 times)") == 3


def test_a_file_with_every_cell_bad_gets_a_bounded_line(make_sale: Any, write_sales: Any) -> None:
    bad = dict.fromkeys(["Id", *COLUMNS], "###")
    path = write_sales([make_sale() | {name: f"{cell}{n}" for name, cell in bad.items()} for n in range(30)])

    refusal = refusal_of(path)

    assert len(refusal) < 4000
    assert "; more in BsmtQual, BsmtCond" in refusal


def test_bad_cells_are_shown_beside_unknown_and_missing_columns(make_sale: Any, write_sales: Any) -> None:
    sale = make_sale(1, {"Street": "Dummy", "Score": "7"})
    del sale["LotArea"]

    refusal = refusal_of(write_sales([sale]))

    assert refusal == (
        "1 column is missing: LotArea; 1 column is unknown, so remove it: 'Score'"
        "; 1 bad value: line 2, Street: 'Dummy' should be one of Grvl, Pave"
    )


def test_a_long_value_keeps_the_refusal_one_short_line(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"Street": "first line\nsecond line" * 500})])

    with pytest.raises(HouseFileError) as refusal:
        read_sales(path, AMES)

    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < len(path) + 150


def test_improbable_sales_are_accepted(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"GarageYrBlt": "2207", "YearRemodAdd": "1950"})])

    assert read_sales(path, AMES).rows[0][COLUMNS.index("GarageYrBlt")] == 2207
