"""Which column of a file is which field."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from house_files import HouseFileError
from house_files.columns import locate_columns
from house_record import AMES, COLUMNS, FIELDS

KAGGLE = ["Id", *COLUMNS, "SalePrice"]


def refusal_of(names: list[str]) -> str:
    try:
        problems = locate_columns(AMES, names).problems
    except HouseFileError as error:
        return str(error)
    return "; ".join(problems)


def rename(columns: Mapping[str, str]) -> list[str]:
    return [columns.get(name, name) for name in KAGGLE]


def test_every_column_is_found_by_its_own_name() -> None:
    assert locate_columns(AMES, KAGGLE) == ({name: position for position, name in enumerate(KAGGLE)}, [])


@pytest.mark.parametrize(
    ("style", "column"),
    [
        ("Year Remod/Add", "YearRemodAdd"),
        ("3Ssn Porch", "3SsnPorch"),
        ("BSMTFIN_SF_1", "BsmtFinSF1"),
        ("Exterior.1st", "Exterior1st"),
        (" sale price ", "SalePrice"),
        ("X1stFlrSF", "1stFlrSF"),
        ("X1st.Flr.SF", "1stFlrSF"),
        ("Z_2nd_Flr_SF", "2ndFlrSF"),
        ("_3ssn_porch", "3SsnPorch"),
        ("x3ssn_porch", "3SsnPorch"),
        ("Lot.Frontage", "LotFrontage"),
        ("lot_frontage", "LotFrontage"),
    ],
)
def test_blanks_signs_and_case_do_not_matter(style: str, column: str) -> None:
    names = [style if name == column else name for name in KAGGLE]

    assert locate_columns(AMES, names).positions[column] == KAGGLE.index(column)


def test_a_parcel_is_the_id_and_its_row_number_is_ignored() -> None:
    names = ["Order", "PID", *KAGGLE[1:]]

    assert (locate_columns(AMES, names).positions["Id"], refusal_of(names)) == (1, "")


def test_a_row_number_without_a_parcel_is_unknown() -> None:
    assert refusal_of(["Order", *KAGGLE]).startswith("1 column is unknown, so remove it: 'Order'")


@pytest.mark.parametrize("names", [["PID", *KAGGLE], [*KAGGLE, "PID"], ["Order", *KAGGLE, "PID"]])
def test_an_id_beside_a_parcel_is_the_id(names: list[str]) -> None:
    assert (locate_columns(AMES, names).positions["Id"], refusal_of(names)) == (names.index("Id"), "")


@pytest.mark.parametrize("label", ["", " ", "Unnamed: 0", "X", "...1", "rownames", "index"])
def test_row_labels_before_the_columns_are_ignored(label: str) -> None:
    names = [label, *KAGGLE]

    assert (locate_columns(AMES, names).positions["Id"], refusal_of(names)) == (1, "")


def test_labels_of_pandas_are_ignored_anywhere() -> None:
    assert refusal_of(["Unnamed: 0.1", "Unnamed: 0", *KAGGLE, "Unnamed: 83"]) == ""


def test_an_unnamed_column_among_others_is_unknown() -> None:
    assert refusal_of([*KAGGLE, "X"]) == "1 column is unknown, so remove it: 'X'"


@pytest.mark.parametrize("spelling", [lambda field: field.name, lambda field: field.wire_name])
def test_names_of_the_api_are_columns_too(spelling: Callable[[Any], str]) -> None:
    assert refusal_of([*map(spelling, FIELDS), "sale_price"]) == ""


@pytest.mark.parametrize("prefix", ["train.", "Z_", "ames_house."])
def test_a_prefix_of_all_names_is_dropped(prefix: str) -> None:
    names = [prefix + name for name in KAGGLE]

    assert (locate_columns(AMES, names).positions["SalePrice"], refusal_of(names)) == (80, "")


def test_a_column_in_two_styles_is_shown_in_both() -> None:
    refusal = refusal_of(["Lot Area", *KAGGLE])

    assert refusal == "LotArea stands in several columns, so remove all but one: 'Lot Area', 'LotArea'"


def test_a_misspelt_column_is_unknown_with_the_missing_one() -> None:
    names = rename({"LotArea": "LotAera"})

    assert refusal_of(names) == (
        "1 column is missing: LotArea; 1 column is unknown, so remove it: 'LotAera' (perhaps LotArea)"
    )


def test_an_unknown_column_gets_no_hint_at_one_that_is_there() -> None:
    assert refusal_of([*KAGGLE, "LotAreas"]) == "1 column is unknown, so remove it: 'LotAreas'"


def test_a_column_for_one_code_gets_no_hint() -> None:
    assert refusal_of(rename({"MSZoning": "MSZoning_RL"})).endswith("remove it: 'MSZoning_RL'")


def test_all_unknown_columns_are_listed() -> None:
    refusal = refusal_of([*KAGGLE, *(f"extra {number}" for number in range(30))])

    assert refusal.startswith("30 columns are unknown, so remove them: 'extra 0', 'extra 1'")
    assert refusal.endswith("'extra 29'")


def test_the_table_of_rs_modeldata_is_named() -> None:
    names = rename({"1stFlrSF": "First_Flr_SF", "YrSold": "Year_Sold"})

    assert refusal_of([*names, "Longitude"]).startswith("is the table ames of R's modeldata")


def test_houses_without_prices_are_to_be_priced() -> None:
    refusal = refusal_of(KAGGLE[:-1])

    assert refusal == "has no column SalePrice: these are to be priced: train on houses that were sold"


def test_ten_missing_columns_are_named_and_the_rest_counted() -> None:
    refusal = refusal_of(["Id", "SalePrice"])

    assert refusal.startswith("79 columns are missing: MSSubClass, MSZoning, LotFrontage")
    assert refusal.endswith("LotConfig and 69 more")


def test_an_unknown_name_keeps_the_refusal_on_one_line() -> None:
    assert "\n" not in refusal_of([*KAGGLE, "two\nlines"])


def test_another_table_is_not_listed_column_by_column() -> None:
    refusal = refusal_of(["name", "age"])

    assert refusal == "is not a table of house sales: its first line names none of their columns: 'name, age'"
