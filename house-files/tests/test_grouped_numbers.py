"""Numbers that mean something else when their thousands are grouped: refused, never guessed."""

from typing import Any

import pytest
from house_files import HouseFileError, read_sales
from house_record import AMES, COLUMNS


def refusal_of(path: str) -> str:
    with pytest.raises(HouseFileError) as refusal:
        read_sales(path, AMES)
    return str(refusal.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("column", "cell", "readings"),
    [
        ("SalePrice", "208.500", "208500 or 208.5"),
        ("LotArea", "8.450", "8450 or 8.45"),
        ("GrLivArea", "1.710", "1710 or 1.71"),
        ("MiscVal", "15.500", "15500 or 15.5"),
        ("SalePrice", "208,500", "208500 or 208.5"),
        ("LotArea", "8,450", "8450 or 8.45"),
    ],
)
def test_a_grouped_number_is_refused_with_both_readings(
    column: str, cell: str, readings: str, make_sale: Any, write_sales: Any
) -> None:
    path = write_sales([make_sale(1), make_sale(2, {column: cell}), make_sale(3, {column: cell})])

    refusal = refusal_of(path)

    assert refusal.startswith(f"line 3, {column}: '{cell}' may mean {readings}")
    assert ": write numbers without grouped thousands" in refusal


def test_every_grouped_column_is_named_once(make_sale: Any, write_sales: Any) -> None:
    grouped = {"SalePrice": "208.500", "LotArea": "8.450"}
    path = write_sales([make_sale(number, grouped) for number in range(1, 5)])

    assert refusal_of(path).count("may mean") == 2


@pytest.mark.parametrize("prices", [["208.500", "181500"], ["208.500", "181500.00"], ["208.500", "181500.125"]])
def test_one_grouped_price_among_plain_ones_is_refused(prices: list[str], make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(number, {"SalePrice": price}) for number, price in enumerate(prices)])

    assert "line 2, SalePrice: '208.500' may mean" in refusal_of(path)


@pytest.mark.parametrize(
    "areas",
    [
        pytest.param(["856.000", "1262.000", "920.000"], id="always three decimals"),
        pytest.param(["196.125", "0.000"], id="a zero with three decimals"),
        pytest.param(["196.125", "1710.5", "854"], id="as many decimals as needed"),
    ],
)
def test_areas_with_three_decimals_are_read(areas: list[str], make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(number, {"MasVnrArea": area}) for number, area in enumerate(areas)])

    rows = read_sales(path, AMES).rows

    assert [row[COLUMNS.index("MasVnrArea")] for row in rows] == [float(area) for area in areas]


def test_a_zero_after_a_group_betrays_it_among_other_decimals(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(number, {"LotArea": area}) for number, area in enumerate(["8450.5", "9.600"])])

    assert refusal_of(path).startswith("line 3, LotArea: '9.600' may mean 9600 or 9.6")


def test_decimals_after_a_comma_prove_no_decimal_dot(make_sale: Any, write_sales: Any) -> None:
    sales = [make_sale(number, {"LotArea": area}) for number, area in enumerate(["10500,5", "9.601"])]

    assert refusal_of(write_sales(sales, delimiter=";")).startswith("line 3, LotArea: '9.601' may mean 9601 or 9.601")


def test_a_frontage_with_three_decimals_is_read(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1, {"LotFrontage": "65.125"})])

    assert read_sales(path, AMES).rows[0][COLUMNS.index("LotFrontage")] == 65.125


def test_a_median_price_below_1000_dollars_stops(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(number, {"SalePrice": "208.5"}) for number in range(1, 4)])

    assert refusal_of(path) == "SalePrice: the median price is $208.50: write prices in dollars"


def test_a_low_price_among_others_is_read(make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(1), make_sale(2, {"SalePrice": "900"}), make_sale(3)])

    assert read_sales(path, AMES).prices[1] == 900


@pytest.mark.parametrize("column", ["LotArea", "GrLivArea"])
def test_areas_that_lost_their_grouping_stop(column: str, make_sale: Any, write_sales: Any) -> None:
    path = write_sales([make_sale(number, {column: "8.45"}) for number in range(1, 4)])

    assert refusal_of(path) == f"{column}: the median is 8.45: write areas in square feet"
