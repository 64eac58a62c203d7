"""The nearest sales, and what differs."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from house_record import COLUMNS, example_house, model_row
from housing_price_model.data import Sales
from housing_price_model.inference import CompiledModel, RowError
from housing_price_model.inference.comparables import KEY_COLUMNS

pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")


def nearest(compiled: CompiledModel, row: Any, count: int) -> list[dict[str, Any]]:
    (record,) = compiled.predict(COLUMNS, [row], {"comparables": count})
    assert isinstance(record, dict)
    found: list[dict[str, Any]] = record["comparables"]
    return found


def test_a_sale_is_its_own_nearest(compiled: CompiledModel, few_sales: Sales) -> None:
    for place, row in enumerate(few_sales.rows[:10]):
        first = nearest(compiled, row, 1)[0]

        assert first == {
            "id": few_sales.ids[place],
            "price": few_sales.prices[place],
            "distance": 0.0,
            "sale": {column: row[COLUMNS.index(column)] for column in KEY_COLUMNS},
            "differences": {},
        }


@pytest.mark.parametrize("count", [1, 3, 20])
def test_as_many_as_were_asked_for_nearest_first(compiled: CompiledModel, count: int) -> None:
    sales = nearest(compiled, model_row(example_house()), count)

    distances = [sale["distance"] for sale in sales]
    assert len({sale["id"] for sale in sales}) == count
    assert distances == sorted(distances)


def test_differences_are_the_sales_own_values(default_model: CompiledModel, few_sales: Sales) -> None:
    row, known = model_row(example_house()), dict(zip(few_sales.ids, few_sales.rows, strict=True))

    for sale in nearest(default_model, row, 5):
        assert 0 < len(sale["differences"]) <= 8
        for column, value in sale["differences"].items():
            place = COLUMNS.index(column)
            assert value == known[sale["id"]][place] != row[place]


def test_what_counts_most_comes_first(default_model: CompiledModel, few_sales: Sales) -> None:
    row: list[Any] = list(few_sales.rows[0])
    row[COLUMNS.index("OverallQual")] += 1
    row[COLUMNS.index("MiscVal")] += 1

    differences = nearest(default_model, row, 1)[0]["differences"]

    assert list(differences) == ["OverallQual", "MiscVal"]


def test_of_sales_as_near_the_lower_id_comes_first(
    compiled_from: Callable[[str, Sales], CompiledModel], few_sales: Sales
) -> None:
    twice = replace(
        few_sales,
        rows=[*few_sales.rows, *few_sales.rows],
        prices=pd.concat([few_sales.prices, few_sales.prices], ignore_index=True),
        ids=pd.concat([few_sales.ids + 1000, few_sales.ids], ignore_index=True),
    )

    first, second = nearest(compiled_from("default", twice), few_sales.rows[7], 2)

    assert (first["id"], second["id"]) == (few_sales.ids[7], few_sales.ids[7] + 1000)


def test_a_mansion_is_near_no_usual_house(compiled: CompiledModel, few_sales: Sales) -> None:
    largest = float(few_sales.frame["GrLivArea"].max())
    areas = [largest, 2 * largest, 4 * largest]
    house = dict(zip(COLUMNS, few_sales.rows[0], strict=True))
    rows = [tuple((house | {"GrLivArea": area}).values()) for area in areas]

    near, far, farthest = (nearest(compiled, row, 1)[0]["distance"] for row in rows)

    assert near < far < farthest


def test_the_reach_is_stored_and_comes_with_comparables_alone(
    compiled_from: Callable[[str, Sales], CompiledModel], sample: Sales
) -> None:
    model, row = compiled_from("default", sample), model_row(example_house())

    (asked,), (unasked,) = (model.predict(COLUMNS, [row], params) for params in ({"comparables": 1}, None))

    assert isinstance(asked, dict)
    assert isinstance(unasked, dict)
    assert 0.5 < asked["comparables_reach"] < 10
    assert "comparables_reach" not in unasked


def test_houses_beyond_all_sales_have_finite_distances(compiled: CompiledModel) -> None:
    row = [1e38 if isinstance(value, float) else value for value in model_row(example_house())]

    sales = nearest(compiled, row, 3)

    assert all(math.isfinite(sale["distance"]) for sale in sales)


@pytest.mark.parametrize(
    "params",
    [{"comparables": 21}, {"comparables": -1}, {"comparables": True}, {"comparables": 2.5}, {"explain": "yes"}],
)
def test_options_that_are_not_taken_are_refused(default_model: CompiledModel, params: dict[str, Any]) -> None:
    with pytest.raises(RowError, match=r"known are coverage, explain, comparables"):
        default_model.predict(COLUMNS, [model_row(example_house())], params)
