"""Which column of a file is which field."""

import pytest
from house_files import HouseFileError
from house_files.columns import locate_columns
from house_record import COLUMNS

KAGGLE = ["Id", *COLUMNS, "SalePrice"]


def refusal_of(names: list[str]) -> str:
    with pytest.raises(HouseFileError) as refusal:
        locate_columns(names)
    return str(refusal.value)


def test_every_column_is_found_by_its_own_name() -> None:
    assert locate_columns(KAGGLE) == {name: position for position, name in enumerate(KAGGLE)}


@pytest.mark.parametrize(
    ("style", "column"),
    [
        ("Year Remod/Add", "YearRemodAdd"),
        ("3Ssn Porch", "3SsnPorch"),
        ("BSMTFIN_SF_1", "BsmtFinSF1"),
        ("Exterior.1st", "Exterior1st"),
        (" sale price ", "SalePrice"),
    ],
)
def test_blanks_signs_and_case_do_not_matter(style: str, column: str) -> None:
    names = [style if name == column else name for name in KAGGLE]

    assert locate_columns(names)[column] == KAGGLE.index(column)


def test_a_parcel_is_the_id_and_its_row_number_is_ignored() -> None:
    names = ["Order", "PID", *KAGGLE[1:]]

    assert locate_columns(names)["Id"] == 1


def test_a_row_number_without_a_parcel_is_unknown() -> None:
    assert refusal_of(["Order", *KAGGLE]).startswith("1 column is unknown: 'Order'")


def test_an_id_beside_a_parcel_is_refused() -> None:
    assert refusal_of(["PID", *KAGGLE]) == "1 column is there twice: 'PID'"


def test_a_column_in_two_styles_is_there_twice() -> None:
    assert refusal_of(["Lot Area", *KAGGLE]) == "1 column is there twice: 'Lot Area'"


def test_a_misspelt_column_is_unknown_with_the_nearest_name() -> None:
    names = ["LotAera" if name == "LotArea" else name for name in KAGGLE]

    assert refusal_of(names) == "1 column is missing: LotArea; 1 column is unknown: 'LotAera' (like LotArea)"


def test_a_file_without_prices_lacks_that_column() -> None:
    assert refusal_of(KAGGLE[:-1]) == "1 column is missing: SalePrice"


def test_ten_missing_columns_are_named_and_the_rest_counted() -> None:
    refusal = refusal_of(["Id", "SalePrice"])

    assert refusal.startswith("79 columns are missing: MSSubClass, MSZoning, LotFrontage")
    assert refusal.endswith("LotConfig and 69 more")


def test_an_unknown_name_keeps_the_refusal_on_one_line() -> None:
    assert "\n" not in refusal_of([*KAGGLE, "two\nlines"])


def test_another_table_is_not_listed_column_by_column() -> None:
    assert refusal_of(["name", "age"]).startswith("is not a table of house sales")
