"""Explanations add up to the price, and say what drives it."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from house_record import COLUMNS, example_house, model_row
from housing_price_model.data import Sales
from housing_price_model.inference import CompiledModel, read_price
from housing_price_model.publication.parity import list_cases

pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

EXPLAIN = {"explain": True}


def missed(record: Any) -> float:
    explained = float(record["explanation"]["baseline"]) + math.fsum(record["explanation"]["contributions"].values())
    price = float(record["price"])
    return abs(explained - price) / abs(price)


def explained(compiled: CompiledModel, **changes: Any) -> dict[str, Any]:
    (record,) = compiled.predict(COLUMNS, [model_row(example_house(**changes))], EXPLAIN)
    assert isinstance(record, dict)
    return record


def test_contributions_add_up_to_the_price_of_any_row(compiled: CompiledModel, few_sales: Sales) -> None:
    rows = [row for _, row in list_cases(few_sales)][::7]

    assert max(map(missed, compiled.predict(COLUMNS, rows, EXPLAIN))) < 1e-9


def test_contributions_add_up_to_the_price_of_each_real_sale(
    compiled_from: Callable[[str, Sales], CompiledModel], real_sales: Sales
) -> None:
    records = compiled_from("default", real_sales).predict(COLUMNS, real_sales.rows, EXPLAIN)

    assert max(map(missed, records)) < 1e-9


def test_contributions_are_of_columns_that_the_record_has(compiled: CompiledModel) -> None:
    assert set(explained(compiled)["explanation"]["contributions"]) <= set(COLUMNS)


def test_every_house_is_compared_with_the_same_baseline(compiled: CompiledModel) -> None:
    small, large = explained(compiled, gr_liv_area=800), explained(compiled, gr_liv_area=2500)

    assert small["explanation"]["baseline"] == large["explanation"]["baseline"]


@pytest.mark.parametrize(("column", "field", "low", "high"), [
    ("GrLivArea", "gr_liv_area", 800, 2500), ("OverallQual", "overall_qual", 3, 9)
])  # fmt: skip
def test_what_is_better_contributes_more(compiled: CompiledModel, column: str, field: str, low: int, high: int) -> None:
    worse, better = explained(compiled, **{field: low}), explained(compiled, **{field: high})

    more = better["explanation"]["contributions"][column] - worse["explanation"]["contributions"][column]
    assert more > 0.5 * (better["price"] - worse["price"]) > 0


def test_a_column_that_the_model_does_not_use_contributes_nothing(compiled_models: dict[str, CompiledModel]) -> None:
    contributions = explained(compiled_models["random-forest"])["explanation"]["contributions"]

    assert not contributions.keys() & {"Alley", "PoolQC", "Fence", "MiscFeature"}


def test_a_house_has_one_explanation_in_any_batch(compiled: CompiledModel, few_sales: Sales) -> None:
    rows, params = few_sales.rows[:19], {"explain": True, "comparables": 3}

    assert compiled.predict(COLUMNS, rows, params) == [compiled.predict(COLUMNS, [row], params)[0] for row in rows]


def test_prices_are_the_same_with_an_explanation(compiled: CompiledModel, few_sales: Sales) -> None:
    rows = few_sales.rows

    plain, told = compiled.predict(COLUMNS, rows), compiled.predict(COLUMNS, rows, EXPLAIN)

    assert [read_price(output) for output in plain] == [read_price(output) for output in told]
    assert not any("explanation" in output or "comparables" in output for output in plain if isinstance(output, dict))
