"""Explanations add up to the price, and say what drives it."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from house_record import COLUMNS, example_house, model_row
from housing_price_model.data import Sales
from housing_price_model.inference import CompiledModel, price_in
from housing_price_model.publication.parity import cases_of

pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

EXPLAIN = {"explain": True}


def missed(record: Any) -> float:
    explained = float(record["explanation"]["baseline"]) + math.fsum(record["explanation"]["contributions"].values())
    price = float(record["price"])
    return abs(explained - price) / abs(price)


def explained(typed: CompiledModel, **changes: Any) -> dict[str, Any]:
    (record,) = typed.predict(COLUMNS, [model_row(example_house(**changes))], EXPLAIN)
    assert isinstance(record, dict)
    return record


def test_contributions_add_up_to_the_price_of_any_row(typed: CompiledModel, few_sales: Sales) -> None:
    rows = [row for _, row in cases_of(few_sales)][::7]

    assert max(map(missed, typed.predict(COLUMNS, rows, EXPLAIN))) < 1e-9


def test_contributions_add_up_to_the_price_of_each_real_sale(
    typed_of: Callable[[str, Sales], CompiledModel], real_sales: Sales
) -> None:
    records = typed_of("default", real_sales).predict(COLUMNS, real_sales.rows, EXPLAIN)

    assert max(map(missed, records)) < 1e-9


def test_contributions_are_of_columns_that_the_record_has(typed: CompiledModel) -> None:
    assert set(explained(typed)["explanation"]["contributions"]) <= set(COLUMNS)


def test_every_house_is_compared_with_the_same_baseline(typed: CompiledModel) -> None:
    small, large = explained(typed, gr_liv_area=800), explained(typed, gr_liv_area=2500)

    assert small["explanation"]["baseline"] == large["explanation"]["baseline"]


@pytest.mark.parametrize(("column", "field", "low", "high"), [
    ("GrLivArea", "gr_liv_area", 800, 2500), ("OverallQual", "overall_qual", 3, 9)
])  # fmt: skip
def test_what_is_better_contributes_more(typed: CompiledModel, column: str, field: str, low: int, high: int) -> None:
    worse, better = explained(typed, **{field: low}), explained(typed, **{field: high})

    more = better["explanation"]["contributions"][column] - worse["explanation"]["contributions"][column]
    assert more > 0.5 * (better["price"] - worse["price"]) > 0


def test_a_column_that_the_model_does_not_use_contributes_nothing(typed_models: dict[str, CompiledModel]) -> None:
    contributions = explained(typed_models["random-forest"])["explanation"]["contributions"]

    assert not contributions.keys() & {"Alley", "PoolQC", "Fence", "MiscFeature"}


def test_a_house_has_bitwise_one_explanation_alone_and_in_any_batch(typed: CompiledModel, few_sales: Sales) -> None:
    rows, params = few_sales.rows[:19], {"explain": True, "comparables": 3}

    assert typed.predict(COLUMNS, rows, params) == [typed.predict(COLUMNS, [row], params)[0] for row in rows]


def test_prices_are_the_same_with_an_explanation(typed: CompiledModel, few_sales: Sales) -> None:
    rows = few_sales.rows

    plain, told = typed.predict(COLUMNS, rows), typed.predict(COLUMNS, rows, EXPLAIN)

    assert [price_in(output) for output in plain] == [price_in(output) for output in told]
    assert not any("explanation" in output or "comparables" in output for output in plain if isinstance(output, dict))
