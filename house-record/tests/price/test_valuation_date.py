"""The date of a price: the house's own, or else the one that was asked for."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from house_record import AMES, COLUMNS, example_house
from house_record.price import UnusableOutput, ValuationDate, make_price_document, prepare_house

AS_OF = ValuationDate(2026, 12)


@pytest.mark.parametrize(
    ("stated", "shown", "row"),
    [
        pytest.param({"yr_sold": 2008, "mo_sold": 3}, "2008-03", (2008, 3), id="month and year"),
        pytest.param({"yr_sold": 2008, "mo_sold": None}, "2008", (2008, None), id="year alone"),
        pytest.param({"yr_sold": None, "mo_sold": 3}, "2026-03", (2026, 3), id="month alone"),
        pytest.param({"yr_sold": None, "mo_sold": None}, "2026-12", (2026, 12), id="neither"),
    ],
)
def test_a_house_is_priced_as_of_what_it_states_and_else_of_what_is_asked(
    stated: dict[str, Any], shown: str, row: tuple[Any, Any]
) -> None:
    house = prepare_house(AMES, example_house(**stated), AS_OF)

    by_column = dict(zip(COLUMNS, house.row, strict=True))
    assert (by_column["YrSold"], by_column["MoSold"]) == row
    assert make_price_document(house, 1000.0)["pricedAsOf"] == shown


def test_only_the_date_of_a_row_depends_on_the_date_of_valuation() -> None:
    own = prepare_house(AMES, example_house(), AS_OF)
    asked = prepare_house(AMES, example_house(yr_sold=None, mo_sold=None), ValuationDate(2010, 6))

    assert own.row == asked.row


def test_rules_about_the_sale_hold_for_the_date_of_valuation() -> None:
    house = example_house(year_built=2012, year_remod_add=2012, yr_sold=None, mo_sold=None)

    codes = [
        [warning.code for warning in prepare_house(AMES, house, ValuationDate(year, 1)).implausibilities]
        for year in (2011, 2012)
    ]

    assert codes == [["SOLD_BEFORE_BUILT"], []]


@pytest.mark.parametrize(
    ("stated", "fields", "date"),
    [
        pytest.param({"yr_sold": 2020, "mo_sold": 3}, ("moSold", "yrSold"), "2020-03", id="own date"),
        pytest.param({"yr_sold": 2020, "mo_sold": None}, ("yrSold",), "2020", id="own year"),
        pytest.param({"yr_sold": None, "mo_sold": 3}, (), "2026-03", id="own month"),
        pytest.param({"yr_sold": None, "mo_sold": None}, (), "2026-12", id="date asked for"),
    ],
)
def test_a_date_after_the_sales_is_a_warning_that_names_their_last_year(
    stated: dict[str, Any], fields: tuple[str, ...], date: str
) -> None:
    house = prepare_house(AMES, example_house(**stated), AS_OF)

    document = make_price_document(house, {"price": 1000.0, "last_sale_year": 2010})

    assert "outOfDistribution" not in document
    (warning,) = document["warnings"]
    assert (warning.code, warning.fields) == ("BEYOND_SALES_PERIOD", fields)
    assert warning.message == (
        f"The model learned from sales until 2010: the price is one of that time, not of {date}."
    )


def test_a_date_before_the_sales_is_a_warning_that_names_their_first_year() -> None:
    house = prepare_house(AMES, example_house(yr_sold=1990), AS_OF)

    (warning,) = make_price_document(house, {"price": 1000.0, "first_sale_year": 2006})["warnings"]

    assert (warning.code, warning.fields) == ("BEYOND_SALES_PERIOD", ("moSold", "yrSold"))
    assert "sales from 2006: the price is one of that time, not of 1990-06" in warning.message


@pytest.mark.parametrize("year", ["2010", 2010.5, True], ids=str)
def test_a_malformed_year_is_unusable(year: object) -> None:
    with pytest.raises(UnusableOutput, match="a year with sales is malformed"):
        make_price_document(prepare_house(AMES, example_house(), AS_OF), {"price": 1000.0, "last_sale_year": year})


@pytest.mark.parametrize(
    "text",
    ["2026", "2026-13", "2026-1", "26-12", "1799-12", "2026-12-01", "today", "", " 2026-12", "2026-12\n"],
    ids=repr,
)
def test_only_a_month_is_a_date(text: str) -> None:
    with pytest.raises(ValueError, match="it is not a month from 1800 on, such as 2026-12"):
        ValuationDate.parse(text)


def test_months_begin_in_utc() -> None:
    evening_in_iowa = datetime(2026, 11, 30, 19, tzinfo=timezone(timedelta(hours=-6)))

    assert str(ValuationDate.at(evening_in_iowa)) == "2026-12"
    assert ValuationDate.at(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == ValuationDate.parse("2026-11")
